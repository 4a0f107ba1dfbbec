/* experiments.c - a definition in the store is lines of "key value": name, traffic, created, started, stopped, and an "arm" line each as
 * experiment_arm_read reads it. */
#include "engine/experiments.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/canary.h"
#include "model/library.h"

#define KEY_PREFIX "experiment/"
enum { KEY_MAX = sizeof(KEY_PREFIX) + EXPERIMENT_NAME_MAX, TEXT_MAX = 8192, DRAW_MAX = 8 };

/* ---------------------------------------------------------------- text */

static int take_name(char *to, struct str name, const char *what, struct mq_error *err)
{
    if (name.n == 0 || name.n > EXPERIMENT_NAME_MAX)
        return mq_fail(err, MQ_INVALID, "%s: %.*s: must have 1 to %d bytes", what, STR_ARG(name),
                       EXPERIMENT_NAME_MAX);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.';
        if (!fine)
            return mq_fail(err, MQ_INVALID,
                           "%s: %.*s: takes letters, digits, '-', '_' and '.' alone", what,
                           STR_ARG(name));
    }
    memcpy(to, name.p, name.n);
    to[name.n] = '\0';
    return 0;
}

static bool take_switch(struct str value, bool *ret_off)
{
    *ret_off = str_eq(value, STR("off"));
    return *ret_off || str_eq(value, STR("on"));
}

static int take_setting(struct experiment_arm *a, struct str key, struct str value,
                        struct mq_error *err)
{
    uint64_t whole = 0;
    bool fine = false;
    if (str_eq(key, STR("weight")))
        fine = str_to_double(value, &a->weight) && a->weight > 0 && a->weight <= 1e6;
    else if (str_eq(key, STR("model")))
        fine = str_to_u64(value, &a->model) && a->model > 0 && a->model < MQ_MODEL_NONE;
    else if (str_eq(key, STR("ranker")))
        fine = take_switch(value, &a->no_ranker);
    else if (str_eq(key, STR("context")))
        fine = take_switch(value, &a->no_context);
    else if (str_eq(key, STR("draw"))) {
        fine = str_to_u64(value, &whole) && whole != 1 && whole <= DRAW_MAX;
        a->draw = (unsigned)whole;
    } else
        return mq_fail(err, MQ_INVALID,
                       "arm %s: %.*s: is none of weight, model, ranker, context, draw", a->name,
                       STR_ARG(key));
    return fine ? 0
                : mq_fail(err, MQ_INVALID,
                          "arm %s: %.*s=%.*s: weight takes a number above 0, model a version, "
                          "ranker and context on or off, draw 0 or 2 to %d",
                          a->name, STR_ARG(key), STR_ARG(value), DRAW_MAX);
}

int experiment_arm_read(struct str text, struct experiment_arm *ret, struct mq_error *err)
{
    struct experiment_arm a = {.weight = 1};
    struct str rest = text;
    int rc = take_name(a.name, str_cut(&rest, ':'), "arm", err);
    while (rc == 0 && rest.p) {
        struct str value = str_cut(&rest, ',');
        struct str key = str_cut(&value, '=');
        rc = take_setting(&a, key, value, err);
    }
    if (rc == 0)
        *ret = a;
    return rc;
}

static void arm_write(const struct experiment_arm *a, struct buf *out)
{
    buf_printf(out, "%s:weight=%.17g", a->name, a->weight);
    if (a->model)
        buf_printf(out, ",model=%" PRIu64, a->model);
    if (a->no_ranker)
        buf_add_z(out, ",ranker=off");
    if (a->no_context)
        buf_add_z(out, ",context=off");
    if (a->draw)
        buf_printf(out, ",draw=%u", a->draw);
}

void experiment_encode(const struct experiment *x, struct buf *out)
{
    buf_printf(out, "name %s\ntraffic %.17g\n", x->name, x->traffic);
    buf_printf(out, "created %" PRId64 "\nstarted %" PRId64 "\nstopped %" PRId64 "\n",
               x->created_ms, x->started_ms, x->stopped_ms);
    if (x->interleave)
        buf_add_z(out, "interleave 1\n");
    for (size_t i = 0; i < x->n; i++) {
        buf_add_z(out, "arm ");
        arm_write(&x->arm[i], out);
        buf_add_char(out, '\n');
    }
}

static int take_line(struct experiment *x, struct str key, struct str value, struct mq_error *err)
{
    int64_t *const times[] = {&x->created_ms, &x->started_ms, &x->stopped_ms};
    const struct str names[] = {STR("created"), STR("started"), STR("stopped")};
    if (str_eq(key, STR("name")))
        return take_name(x->name, value, "experiment", err);
    if (str_eq(key, STR("traffic")) && str_to_double(value, &x->traffic))
        return 0;
    if (str_eq(key, STR("interleave"))) {
        x->interleave = str_eq(value, STR("1"));
        return x->interleave ? 0 : mq_fail(err, MQ_CORRUPT, "stored experiment: interleave");
    }
    for (size_t i = 0; i < 3; i++)
        if (str_eq(key, names[i]) && str_to_i64(value, times[i]))
            return 0;
    if (!str_eq(key, STR("arm")) || x->n == EXPERIMENT_ARMS_MAX)
        return mq_fail(err, MQ_CORRUPT, "stored experiment: %.*s: is not understood", STR_ARG(key));
    return experiment_arm_read(value, &x->arm[x->n++], err);
}

struct arms experiment_arms(const struct experiment *x)
{
    struct arms a = {.name = str_of(x->name), .traffic = x->traffic, .n = x->n};
    for (size_t i = 0; i < x->n; i++)
        a.weight[i] = x->arm[i].weight;
    return a;
}

/* Both arms answer every request, so that a reader must have both models at hand. */
static int check_interleaved(const struct experiment *x, struct mq_error *err)
{
    if (x->n != 2)
        return mq_fail(err, MQ_INVALID, "interleave: %zu arms: takes two", x->n);
    if (x->arm[0].draw || x->arm[1].draw || (x->arm[0].model && x->arm[1].model))
        return mq_fail(err, MQ_INVALID,
                       "interleave: takes no draw, and a model for one of the arms at most");
    return 0;
}

static int check(const struct experiment *x, struct mq_error *err)
{
    struct arms a = experiment_arms(x);
    for (size_t i = 0; i < x->n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(x->arm[i].name, x->arm[k].name) == 0)
                return mq_fail(err, MQ_INVALID, "arm: %s: there are two of that name",
                               x->arm[i].name);
    return x->interleave && check_interleaved(x, err) != 0 ? MQ_INVALID : arms_check(&a, err);
}

int experiment_decode(struct str text, struct experiment *ret, struct mq_error *err)
{
    struct experiment x = {0};
    struct str rest = text;
    int rc = 0;
    while (rc == 0 && rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        struct str key = str_cut(&line, ' ');
        rc = take_line(&x, key, line, err);
    }
    if (rc == 0)
        rc = check(&x, err);
    if (rc)
        return mq_fail(err, MQ_CORRUPT, "stored experiment: %.40s: is damaged", x.name);
    *ret = x;
    return 0;
}

/* ---------------------------------------------------------------- in the store */

static struct str key_of(struct str name, char space[KEY_MAX])
{
    int n = snprintf(space, KEY_MAX, KEY_PREFIX "%.*s", (int)name.n, name.p ? name.p : "");
    return (struct str){space, n > 0 && n < KEY_MAX ? (size_t)n : 0};
}

int engine_experiment_get(struct mq_engine *e, struct str name, struct experiment *ret,
                          struct mq_error *err)
{
    char space[KEY_MAX], text[TEXT_MAX], checked[EXPERIMENT_NAME_MAX + 1];
    struct buf b;
    int rc = take_name(checked, name, "experiment", err);
    if (rc)
        return rc;
    buf_over(&b, text, sizeof(text));
    rc = store_get_value(e->store, STORE_META, key_of(name, space), &b, err);
    if (rc == MQ_NOT_FOUND)
        return mq_fail(err, MQ_NOT_FOUND, "experiment: %s: there is none of that name: list them",
                       checked);
    return rc ? rc : experiment_decode(buf_str(&b), ret, err);
}

struct listing {
    struct experiment *of;
    size_t n;
    struct mq_error *err;
};

static int list_one(void *ctx, struct str key, struct str value)
{
    struct listing *l = ctx;
    (void)key;
    if (l->n == EXPERIMENTS_MAX)
        return 0;
    int rc = experiment_decode(value, &l->of[l->n], l->err);
    l->n += rc == 0;
    return rc;
}

int engine_experiments(struct mq_engine *e, struct experiment *ret, size_t *ret_n,
                       struct mq_error *err)
{
    struct listing l = {.of = ret, .err = err};
    int rc = store_scan_values(e->store, STORE_META, STR(KEY_PREFIX), list_one, &l, err);
    if (rc == 0)
        *ret_n = l.n;
    return rc;
}

static void free_running(void *p)
{
    free(p);
}

int experiments_serve(struct mq_engine *e, struct mq_error *err)
{
    struct running_experiments *now = calloc(1, sizeof(*now));
    struct experiment *all = calloc(EXPERIMENTS_MAX, sizeof(*all));
    size_t n = 0;
    int rc = now && all ? engine_experiments(e, all, &n, err)
                        : mq_fail(err, MQ_NO_MEMORY, "experiments: no memory");
    for (size_t i = 0; rc == 0 && i < n && now->n < EXPERIMENTS_RUNNING_MAX; i++)
        if (all[i].started_ms != 0 && all[i].stopped_ms == 0)
            now->of[now->n++] = all[i];
    if (rc == 0 && canary_experiment(e, &now->of[now->n]))
        now->n++;
    free(all);
    if (rc) {
        free(now);
        return rc;
    }
    struct running_experiments *old = atomic_exchange(&e->experiments, now);
    if (old)
        epoch_defer(e->epoch, free_running, old);
    return 0;
}

int experiments_open(struct mq_engine *e, struct mq_error *err)
{
    return experiments_serve(e, err);
}

static int put(struct mq_engine *e, const struct experiment *x, struct mq_error *err)
{
    char space[KEY_MAX], text[TEXT_MAX];
    struct buf b;
    buf_over(&b, text, sizeof(text));
    experiment_encode(x, &b);
    if (b.failed)
        return mq_fail(err, MQ_TOO_LARGE, "experiment: %s: is too long", x->name);
    int rc = engine_put_setting(e, key_of(str_of(x->name), space), buf_str(&b), err);
    return rc ? rc : experiments_serve(e, err);
}

static int create(struct mq_engine *e, struct experiment *x, struct mq_error *err)
{
    struct experiment known;
    struct mq_error none;
    size_t n = 0;
    int rc = engine_experiment_get(e, str_of(x->name), &known, &none);
    if (rc == 0)
        return mq_fail(err, MQ_CONFLICT,
                       "experiment: %s: the name was used already, and says who is in which arm: "
                       "choose another",
                       x->name);
    if (rc != MQ_NOT_FOUND) {
        *err = none;
        return rc;
    }
    struct experiment *all = calloc(EXPERIMENTS_MAX, sizeof(*all));
    rc = all ? engine_experiments(e, all, &n, err)
             : mq_fail(err, MQ_NO_MEMORY, "experiments: no memory");
    free(all);
    if (rc == 0 && n == EXPERIMENTS_MAX)
        rc = mq_fail(err, MQ_TOO_LARGE, "experiments: there are %d already, the most that are kept",
                     EXPERIMENTS_MAX);
    return rc ? rc : put(e, x, err);
}

int engine_experiment_create(struct mq_engine *e, const struct experiment *x, struct mq_error *err)
{
    struct experiment made = *x;
    int rc = check(&made, err);
    if (rc)
        return rc;
    made.created_ms = engine_now(e, NULL);
    made.started_ms = made.stopped_ms = 0;
    pthread_mutex_lock(&e->experiments_lock);
    rc = create(e, &made, err);
    pthread_mutex_unlock(&e->experiments_lock);
    return rc;
}

/* What an experiment's arms change, as bits: two that change the same thing would contradict each other. */
static unsigned changes(const struct experiment *x)
{
    unsigned bits = 0;
    for (size_t i = 0; i < x->n; i++)
        bits |= (x->arm[i].model != 0) | x->arm[i].no_ranker << 1 | x->arm[i].no_context << 2 |
                (x->arm[i].draw != 0) << 3;
    return bits;
}

static int may_start(struct mq_engine *e, const struct experiment *x, struct mq_error *err)
{
    const struct running_experiments *r = atomic_load(&e->experiments); /* ours to replace */
    if (x->started_ms != 0)
        return mq_fail(err, MQ_CONFLICT, "experiment: %s: was started already: make a new one",
                       x->name);
    if (r->n >= EXPERIMENTS_RUNNING_MAX)
        return mq_fail(err, MQ_CONFLICT, "experiments: %d run already: stop one",
                       EXPERIMENTS_RUNNING_MAX);
    for (size_t i = 0; i < r->n; i++)
        if (changes(&r->of[i]) & changes(x))
            return mq_fail(err, MQ_CONFLICT,
                           "experiment: %s: changes what %s changes, which is running: stop that "
                           "first",
                           x->name, r->of[i].name);
    for (uint32_t i = 0; i < x->n;
         i++) { /* else both arms would be the live model, and nobody would know */
        struct model *m;
        int rc = x->arm[i].model ? library_open_version(e->dir, x->arm[i].model, &m, err) : 0;
        if (rc)
            return rc;
        if (x->arm[i].model)
            model_close(m);
    }
    return 0;
}

int engine_experiment_start(struct mq_engine *e, struct str name, struct mq_error *err)
{
    struct experiment x;
    pthread_mutex_lock(&e->experiments_lock);
    int rc = engine_experiment_get(e, name, &x, err);
    if (rc == 0)
        rc = may_start(e, &x, err);
    if (rc == 0) {
        x.started_ms = engine_now(e, NULL);
        rc = put(e, &x, err);
    }
    pthread_mutex_unlock(&e->experiments_lock);
    return rc;
}

int engine_experiment_stop(struct mq_engine *e, struct str name, struct mq_error *err)
{
    struct experiment x;
    pthread_mutex_lock(&e->experiments_lock);
    int rc = engine_experiment_get(e, name, &x, err);
    if (rc == 0 && (x.started_ms == 0 || x.stopped_ms != 0))
        rc = mq_fail(err, MQ_CONFLICT, "experiment: %s: does not run", x.name);
    if (rc == 0) {
        x.stopped_ms = engine_now(e, NULL);
        rc = put(e, &x, err);
    }
    pthread_mutex_unlock(&e->experiments_lock);
    return rc;
}
