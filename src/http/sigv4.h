/* sigv4.h - AWS Signature Version 4 in the Authorization header, checked. Inside http/ only.
 *
 * AWS, "Create a signed AWS API request" (read 2025): HMAC-SHA256 over the request's canonical form with a key derived
 * from the secret, the day, the region and the service. The region and service are the sender's. Paths are taken as
 * sent (those of the routes have nothing to be encoded); a query is refused. */
#ifndef MQ_HTTP_SIGV4_H
#define MQ_HTTP_SIGV4_H

#include "base/error.h"
#include "base/str.h"

enum {
    SIGV4_HEADERS = 32,             /* signed ones */
    SIGV4_SKEW_MS = 15 * 60 * 1000, /* between the sender's clock and ours */
    SIGV4_WORD_MAX = 128,           /* bytes of an access key id, a secret */
};

/* An access key id and its secret; id "" = none configured. */
struct sigv4_key {
    char id[SIGV4_WORD_MAX + 1], secret[SIGV4_WORD_MAX + 1];
};

struct sigv4_request {
    struct str method, path, query;
    struct str authorization;
    struct str headers; /* lines as sent (http_header_next) */
    struct str body;    /* as sent */
};

/* A file of one line: the id, white space, the secret. MQ_INVALID, or as file_read fails. */
int sigv4_key_read(const char *path, struct sigv4_key *ret, struct mq_error *err);

/* Is it one of the calls that AWS SDKs sign? */
bool sigv4_is_call(struct str path);

/* Is the header such a signature? */
bool sigv4_is(struct str authorization);

/* MQ_DENIED: no key is configured, another id, a clock too far off, a signature that is not the request's; host and
 * x-amz-date must be signed. MQ_INVALID: what is malformed. Takes the same time for every wrong signature. */
int sigv4_check(const struct sigv4_request *r, const struct sigv4_key *key, int64_t now_ms,
                struct mq_error *err);

#endif
