/* route_find.c - which row of the table a request means. */
#include "base/error.h"
#include "http/routes.h"

/* The path's variables (pointing into it; a value with text behind it is cut by writing a NUL). */
static bool route_matches(const struct route *r, const struct route_path *p,
                          const char *values[ROUTE_VARIABLES])
{
    struct str rest = {r->pattern + 1, strlen(r->pattern) - 1};
    char *end[ROUTE_VARIABLES]; /* where the values end: before the text behind the variable */
    size_t n_values = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (!rest.p)
            return false;
        struct str part = str_cut(&rest, '/');
        struct str segment = {p->segment[i].p, p->segment[i].n};
        if (part.n == 0 || part.p[0] != '{') {
            if (!str_eq(part, segment))
                return false;
            continue;
        }
        size_t close = str_find(part, '}');
        struct str suffix = {part.p + close + 1, part.n - close - 1};
        if (segment.n <= suffix.n || !str_ends(segment, suffix))
            return false;
        end[n_values] = p->segment[i].p + segment.n - suffix.n;
        values[n_values++] = segment.p;
    }
    if (rest.p)
        return false;
    for (size_t i = 0; i < n_values; i++)
        *end[i] = '\0';
    return true;
}

/* All sets of methods as text: a path's methods are bits of the index. */
const char *route_allow_text(unsigned methods)
{
    static const char *const texts[1 << API_METHODS] = {
        "",
        "GET",
        "POST",
        "GET, POST",
        "PUT",
        "GET, PUT",
        "POST, PUT",
        "GET, POST, PUT",
        "DELETE",
        "GET, DELETE",
        "POST, DELETE",
        "GET, POST, DELETE",
        "PUT, DELETE",
        "GET, PUT, DELETE",
        "POST, PUT, DELETE",
        "GET, POST, PUT, DELETE",
        "PATCH",
        "GET, PATCH",
        "POST, PATCH",
        "GET, POST, PATCH",
        "PUT, PATCH",
        "GET, PUT, PATCH",
        "POST, PUT, PATCH",
        "GET, POST, PUT, PATCH",
        "DELETE, PATCH",
        "GET, DELETE, PATCH",
        "POST, DELETE, PATCH",
        "GET, POST, DELETE, PATCH",
        "PUT, DELETE, PATCH",
        "GET, PUT, DELETE, PATCH",
        "POST, PUT, DELETE, PATCH",
        "GET, POST, PUT, DELETE, PATCH",
    };
    return texts[methods];
}

int route_find(enum api_method method, const struct route_path *p, const struct route **ret,
               const char *values[ROUTE_VARIABLES], const char **ret_allow, struct mq_error *err)
{
    unsigned methods = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *r = route_at(i);
        if (!route_matches(r, p, values))
            continue;
        if (r->method == method) {
            *ret = r;
            return 0;
        }
        methods |= 1U << r->method;
    }
    if (methods) {
        *ret_allow = route_allow_text(methods);
        return mq_fail(err, MQ_METHOD, "method: %s: is not allowed here: use %s",
                       api_method_name(method), *ret_allow);
    }
    return mq_fail(err, MQ_NOT_FOUND, "path: is no route: see /openapi.json");
}
