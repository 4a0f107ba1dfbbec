/* multipart.h - one named part out of a multipart/form-data body (RFC 7578, RFC 2046 section 5.1). */
#ifndef MQ_WIRE_MULTIPART_H
#define MQ_WIRE_MULTIPART_H

#include "base/error.h"
#include "base/str.h"

enum {
    MULTIPART_PARTS = 32,     /* looked at */
    MULTIPART_HEADERS = 8192, /* bytes of one part's headers */
    MULTIPART_BOUNDARY = 70,  /* bytes, by RFC 2046 */
};

/* `content_type` as in the request's head. *ret points into `body`. MQ_INVALID: no multipart/form-data, no or a too
 * long boundary, a body that breaks off before its closing boundary, headers that never end; MQ_NOT_FOUND: no part
 * of that name. Pure, O(body). */
int multipart_part(struct str content_type, struct str body, const char *name, struct str *ret,
                   struct mq_error *err);

/* Does the type say multipart/...? */
bool multipart_is(struct str content_type);

#endif
