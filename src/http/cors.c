#include "http/cors.h"

int cors_check(const struct cors *c, struct mq_error *err)
{
    for (size_t i = 0; i < c->n; i++) {
        struct str o = str_of(c->origins[i]);
        if (str_eq(o, STR("*")))
            continue;
        struct str rest = str_starts(o, STR("https://"))  ? (struct str){o.p + 8, o.n - 8}
                          : str_starts(o, STR("http://")) ? (struct str){o.p + 7, o.n - 7}
                                                          : STR_NONE;
        if (rest.n == 0 || str_find(rest, '/') < rest.n || str_has_control(rest) ||
            str_find(rest, ' ') < rest.n)
            return mq_fail(err, MQ_INVALID,
                           "origin: %.*s: give scheme and host, as https://watch.example.com",
                           STR_ARG(o));
    }
    return 0;
}

bool cors_allows(const struct cors *c, struct str origin)
{
    for (size_t i = 0; i < c->n; i++) {
        struct str o = str_of(c->origins[i]);
        if (str_eq(o, STR("*")) || str_eq_nocase(o, origin))
            return true;
    }
    return false;
}

bool cors_is_own(struct str origin, struct str host)
{
    size_t scheme = str_starts(origin, STR("https://"))  ? 8
                    : str_starts(origin, STR("http://")) ? 7
                                                         : 0;
    return scheme > 0 && str_eq_nocase((struct str){origin.p + scheme, origin.n - scheme}, host);
}

bool host_is_loopback(struct str host)
{
    if (host.n == 0)
        return true;
    if (host.p[0] == '[')
        return str_starts(host, STR("[::1]"));
    struct str name = str_cut(&host, ':');
    if (str_eq_nocase(name, STR("localhost")) || str_ends(name, STR(".localhost")))
        return true;
    if (!str_starts(name, STR("127.")))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] != '.' && (name.p[i] < '0' || name.p[i] > '9'))
            return false;
    }
    return true;
}
