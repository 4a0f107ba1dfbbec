/* cors.h - which web pages may ask: origins that the operator named. Pure. Inside http/ only. */
#ifndef MQ_HTTP_CORS_H
#define MQ_HTTP_CORS_H

#include "base/error.h"
#include "base/str.h"

struct cors {
    const char *const *origins; /* "https://watch.example.com", or "*" */
    size_t n;
};

/* Each must be scheme://host[:port] or "*". */
int cors_check(const struct cors *c, struct mq_error *err);

/* Is this the value of an Origin header that was named? */
bool cors_allows(const struct cors *c, struct str origin);

/* Is it the page of this server itself: "http://HOST" or "https://HOST"? */
bool cors_is_own(struct str origin, struct str host);

/* Does the Host header name this machine's loopback? Else a page elsewhere may have had its name point here
 * (DNS rebinding), and must not talk to a server that is open. Empty (HTTP/1.0) is none of a browser's. */
bool host_is_loopback(struct str host);

#endif
