/* image_hosts.h - whose pictures the dashboard may show: hosts that the operator named. Pure. Inside http/ only. */
#ifndef MQ_HTTP_IMAGE_HOSTS_H
#define MQ_HTTP_IMAGE_HOSTS_H

#include "base/error.h"
#include "base/str.h"

enum {
    IMAGE_HOSTS_MAX = 16,
    IMAGE_HOST_BYTES = 128,     /* of a host */
    IMAGE_SOURCES_BYTES = 1024, /* of " https://HOST ..." for all of them: it stands in a header */
    IMAGE_URL_BYTES = 2048,
};

struct image_hosts {
    const char *const *host; /* "images.example.com", "images.example.com:8443" */
    size_t n;
    char sources[IMAGE_SOURCES_BYTES]; /* what they add to img-src */
};

/* Each must be a host name or address of letters, digits, "-" and ".", perhaps with a port: no scheme, no path, no "*". */
int image_hosts_make(const char *const *host, size_t n, struct image_hosts *ret,
                     struct mq_error *err);

/* May this picture be shown? https://HOST/..., HOST as one that was named (its port too), visible ASCII without quotes and
 * backslashes, no user in front of the host. */
bool image_hosts_allow(const struct image_hosts *h, struct str url);

#endif
