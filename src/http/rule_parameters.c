#include "http/rule_parameters.h"

enum { FATIGUE_MAX = 1000000 };

/* All values of a parameter, of either name, in the order given. */
static const char *const *all_of(const struct call *c, const char *name, const char *other,
                                 size_t *ret_n)
{
    const char **values = ARENA_ARRAY(c->arena, QUERY_PARAMETERS, const char *);
    size_t n = 0;
    for (size_t i = 0; values && i < c->n_parameters; i++) {
        if (str_eq(c->parameter[i].key, str_of(name)) ||
            (other && str_eq(c->parameter[i].key, str_of(other))))
            values[n++] = c->parameter[i].value;
    }
    *ret_n = n;
    return values;
}

int rule_parameters(const struct call *c, struct mq_rules *ret, struct mq_error *err)
{
    struct mq_rules q = {.language = call_parameter(c, "language"),
                         .max_maturity = call_parameter(c, "max_maturity")};
    uint64_t fatigue = 0;
    q.include = all_of(c, "include", "filter", &q.n_include);
    q.exclude = all_of(c, "exclude", NULL, &q.n_exclude);
    q.boost = all_of(c, "boost", NULL, &q.n_boost);
    q.pin = all_of(c, "pin", NULL, &q.n_pin);
    if (!q.include || !q.exclude || !q.boost || !q.pin)
        return mq_fail(err, MQ_NO_MEMORY, "rules: no memory");
    int rc = call_flag(c, "seen", &q.seen, err);
    if (rc == 0)
        rc = call_unsigned(c, "fatigue", FATIGUE_MAX, &fatigue, err);
    q.fatigue = (unsigned)fatigue;
    q.no_fatigue = call_parameter(c, "fatigue") && fatigue == 0;
    if (rc == 0)
        *ret = q;
    return rc;
}
