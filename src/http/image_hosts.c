#include "http/image_hosts.h"

#include <stdio.h>
#include <string.h>

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

static bool is_host(struct str s)
{
    struct str port = s;
    struct str name = str_cut(&port, ':');
    uint64_t number;
    if (name.n == 0 || s.n >= IMAGE_HOST_BYTES || name.p[0] == '.' || name.p[0] == '-')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (!is_name(name.p[i]))
            return false;
    }
    return !port.p || (str_to_u64(port, &number) && number > 0 && number < 65536);
}

int image_hosts_make(const char *const *host, size_t n, struct image_hosts *ret,
                     struct mq_error *err)
{
    struct image_hosts out = {.host = host, .n = n};
    size_t used = 0;
    if (n > IMAGE_HOSTS_MAX)
        return mq_fail(err, MQ_INVALID, "image hosts: %zu: at most %d", n, IMAGE_HOSTS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (!is_host(str_of(host[i])))
            return mq_fail(err, MQ_INVALID,
                           "image host: %.100s: give a host alone, as images.example.com", host[i]);
        int more = snprintf(out.sources + used, sizeof(out.sources) - used, " https://%s", host[i]);
        if (more < 0 || (size_t)more >= sizeof(out.sources) - used)
            return mq_fail(err, MQ_INVALID,
                           "image hosts: together over %d bytes: give fewer or shorter ones",
                           IMAGE_SOURCES_BYTES);
        used += (size_t)more;
    }
    *ret = out;
    return 0;
}

bool image_hosts_allow(const struct image_hosts *h, struct str url)
{
    static const struct str scheme = {"https://", 8};
    if (url.n > IMAGE_URL_BYTES || url.n <= scheme.n ||
        !str_eq_nocase((struct str){url.p, scheme.n}, scheme))
        return false;
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"'<>\\`", c))
            return false;
    }
    struct str rest = {url.p + scheme.n, url.n - scheme.n};
    size_t slash = str_find(rest, '/');
    struct str host = {rest.p, slash < rest.n ? slash : 0};
    for (size_t i = 0; i < h->n; i++) {
        if (str_eq_nocase(host, str_of(h->host[i])))
            return true;
    }
    return false;
}
