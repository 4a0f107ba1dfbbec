/* canary.c - the row "canary" of the settings is lines of "key value". */
#include "engine/canary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "model/library.h"

#define CANARY_KEY STR("canary")
#define DAY_MS 86400000.0
enum { TEXT_MAX = 1024 };

static const char *const state_names[] = {
    [CANARY_RUNNING] = "running",
    [CANARY_ROLLED_BACK] = "rolled_back",
    [CANARY_PROMOTED] = "promoted",
    [CANARY_STOPPED] = "stopped",
};

const char *canary_state_name(enum canary_state s)
{
    return state_names[s];
}

/* ---------------------------------------------------------------- text */

void canary_encode(const struct canary *c, struct buf *out)
{
    buf_printf(out, "version %" PRIu64 "\ncontrol %" PRIu64 "\n", c->version, c->control);
    buf_printf(out, "share %.17g\nmargin %.17g\ndays %.17g\n", c->share, c->margin, c->days);
    buf_printf(out, "started %" PRId64 "\nended %" PRId64 "\n", c->started_ms, c->ended_ms);
    for (unsigned i = 0; i < 2; i++)
        buf_printf(out, "answers%u %" PRIu64 "\nfailures%u %" PRIu64 "\n", i, c->answers[i], i,
                   c->failures[i]);
    buf_printf(out, "state %s\nwhy %s\n", state_names[c->state], c->why);
}

static bool take_number(struct canary *c, struct str key, struct str value)
{
    const struct {
        struct str name;
        uint64_t *to;
    } whole[] = {
        {STR("version"), &c->version},       {STR("control"), &c->control},
        {STR("answers0"), &c->answers[0]},   {STR("answers1"), &c->answers[1]},
        {STR("failures0"), &c->failures[0]}, {STR("failures1"), &c->failures[1]},
    };
    const struct {
        struct str name;
        double *to;
    } real[] = {{STR("share"), &c->share}, {STR("margin"), &c->margin}, {STR("days"), &c->days}};
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        if (str_eq(key, whole[i].name))
            return str_to_u64(value, whole[i].to);
    for (size_t i = 0; i < 3; i++)
        if (str_eq(key, real[i].name))
            return str_to_double(value, real[i].to);
    if (str_eq(key, STR("started")))
        return str_to_i64(value, &c->started_ms);
    return str_eq(key, STR("ended")) && str_to_i64(value, &c->ended_ms);
}

static bool take_line(struct canary *c, struct str key, struct str value)
{
    if (str_eq(key, STR("why"))) {
        if (value.n >= CANARY_WHY_MAX)
            return false;
        if (value.n > 0)
            memcpy(c->why, value.p, value.n);
        c->why[value.n] = '\0';
        return true;
    }
    for (size_t i = 0; str_eq(key, STR("state")) && i < 4; i++) {
        if (!str_eq(value, str_of(state_names[i])))
            continue;
        c->state = (enum canary_state)i;
        return true;
    }
    return take_number(c, key, value);
}

static int check(const struct canary *c, struct mq_error *err)
{
    if (!(c->share > 0 && c->share <= 0.5))
        return mq_fail(err, MQ_INVALID, "share: %g: give more than 0 and at most 0.5", c->share);
    if (!(c->margin >= 0 && c->margin <= 0.5))
        return mq_fail(err, MQ_INVALID, "margin: %g: give 0 to 0.5", c->margin);
    if (!(c->days > 0 && c->days <= 365))
        return mq_fail(err, MQ_INVALID, "days: %g: give more than 0 and at most 365", c->days);
    return 0;
}

int canary_decode(struct str text, struct canary *ret, struct mq_error *err)
{
    struct canary c = {.version = 0};
    struct str rest = text;
    bool fine = true;
    while (fine && rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        struct str key = str_cut(&line, ' ');
        fine = take_line(&c, key, line);
    }
    if (!fine || c.version == 0 || check(&c, NULL) != 0)
        return mq_fail(err, MQ_CORRUPT, "stored canary: is damaged");
    *ret = c;
    return 0;
}

/* ---------------------------------------------------------------- in the store */

int engine_canary_get(struct mq_engine *e, struct canary *ret, struct mq_error *err)
{
    char text[TEXT_MAX];
    struct buf b;
    buf_over(&b, text, sizeof(text));
    int rc = store_get_value(e->store, STORE_META, CANARY_KEY, &b, err);
    if (rc == MQ_NOT_FOUND)
        return mq_fail(err, MQ_NOT_FOUND, "canary: there was none: start one");
    return rc ? rc : canary_decode(buf_str(&b), ret, err);
}

static int put(struct mq_engine *e, const struct canary *c, struct mq_error *err)
{
    char text[TEXT_MAX];
    struct buf b;
    buf_over(&b, text, sizeof(text));
    canary_encode(c, &b);
    int rc = engine_put_setting(e, CANARY_KEY, buf_str(&b), err);
    return rc ? rc : experiments_serve(e, err);
}

/* The counts since the last check into the record. */
static void take_counts(struct mq_engine *e, struct canary *c)
{
    for (unsigned i = 0; i < 2; i++) {
        c->answers[i] += atomic_exchange(&e->canary_answers[i], 0);
        c->failures[i] += atomic_exchange(&e->canary_failures[i], 0);
    }
}

void canary_note(struct mq_engine *e, int arm, bool failed)
{
    atomic_fetch_add_explicit(&e->canary_answers[arm], 1, memory_order_relaxed);
    if (failed)
        atomic_fetch_add_explicit(&e->canary_failures[arm], 1, memory_order_relaxed);
}

static void to_experiment(const struct canary *c, struct experiment *ret)
{
    *ret = (struct experiment){.traffic = 1,
                               .n = 2,
                               .canary = true,
                               .created_ms = c->started_ms,
                               .started_ms = c->started_ms,
                               .stopped_ms = c->ended_ms};
    snprintf(ret->name, sizeof(ret->name), "canary-%" PRIu64 "-%" PRId64, c->version,
             c->started_ms);
    ret->arm[0] = (struct experiment_arm){.name = "live", .weight = 1 - c->share};
    ret->arm[1] =
        (struct experiment_arm){.name = "canary", .weight = c->share, .model = c->version};
}

bool canary_experiment(struct mq_engine *e, struct experiment *ret)
{
    struct canary c;
    struct mq_error ignored;
    if (engine_canary_get(e, &c, &ignored) != 0 || c.state != CANARY_RUNNING)
        return false;
    to_experiment(&c, ret);
    return true;
}

bool engine_canary_runs(struct mq_engine *e)
{
    struct canary c;
    struct mq_error ignored;
    return engine_canary_get(e, &c, &ignored) == 0 && c.state == CANARY_RUNNING;
}

/* ---------------------------------------------------------------- its life */

/* Under experiments_lock. */
static int may_start(struct mq_engine *e, const struct canary *c, struct mq_error *err)
{
    const struct running_experiments *r = atomic_load(&e->experiments);
    struct model *m;
    if (engine_canary_runs(e))
        return mq_fail(err, MQ_CONFLICT, "canary: one runs already: stop it first");
    if (c->version == c->control)
        return mq_fail(err, MQ_CONFLICT, "version: %" PRIu64 ": is live already", c->version);
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->of[i].n; k++)
            if (r->of[i].arm[k].model)
                return mq_fail(err, MQ_CONFLICT,
                               "canary: experiment %s tries models: stop that first",
                               r->of[i].name);
    int rc = library_open_version(e->dir, c->version, &m, err);
    if (rc == 0)
        model_close(m);
    return rc;
}

int engine_canary_start(struct mq_engine *e, const struct canary *wanted, struct canary *ret,
                        struct mq_error *err)
{
    struct canary c = {
        .version = wanted->version,
        .share = wanted->share != 0 ? wanted->share : 0.05,
        .margin = isnan(wanted->margin) ? 0.02 : wanted->margin,
        .days = wanted->days != 0 ? wanted->days : 7,
        .why = "too few viewers yet to tell",
    };
    int rc = check(&c, err);
    if (rc)
        return rc;
    pthread_mutex_lock(&e->experiments_lock);
    c.control = atomic_load(&e->model_version);
    c.started_ms = engine_now(e, NULL);
    rc = may_start(e, &c, err);
    if (rc == 0) {
        struct canary none = {.version = 0};
        take_counts(e, &none);
        rc = put(e, &c, err);
    }
    pthread_mutex_unlock(&e->experiments_lock);
    if (rc == 0)
        *ret = c;
    return rc;
}

/* Under experiments_lock. The one that runs, if it is still `c` (NULL: any); MQ_CONFLICT. */
static int get_running(struct mq_engine *e, const struct canary *c, struct canary *ret,
                       struct mq_error *err)
{
    int rc = engine_canary_get(e, ret, err);
    if (rc == 0 && (ret->state != CANARY_RUNNING || (c && ret->started_ms != c->started_ms)))
        rc = mq_fail(err, MQ_CONFLICT, "canary: none runs");
    return rc;
}

/* Under experiments_lock. */
static int end(struct mq_engine *e, struct canary *now, enum canary_state state, const char *why,
               struct mq_error *err)
{
    take_counts(e, now);
    now->state = state;
    now->ended_ms = engine_now(e, NULL);
    snprintf(now->why, sizeof(now->why), "%s", why);
    return put(e, now, err);
}

/* Back, or on to all: unless it was ended while the log was read. */
static int conclude(struct mq_engine *e, const struct canary *c, enum canary_state state,
                    const char *why, struct canary *ret, struct mq_error *err)
{
    struct canary now;
    pthread_mutex_lock(&e->experiments_lock);
    int rc = get_running(e, c, &now, err);
    if (rc == 0 && state == CANARY_PROMOTED)
        rc = engine_publish(e, now.version, err);
    if (rc == 0)
        rc = end(e, &now, state, why, err);
    pthread_mutex_unlock(&e->experiments_lock);
    if (rc == 0)
        *ret = now;
    return rc;
}

int engine_canary_stop(struct mq_engine *e, const char *why, struct canary *ret,
                       struct mq_error *err)
{
    return conclude(e, NULL, CANARY_STOPPED, why, ret, err);
}

int canary_outdone(struct mq_engine *e, struct mq_error *err)
{
    struct canary now;
    struct mq_error none;
    if (get_running(e, NULL, &now, &none) != 0)
        return 0;
    return end(e, &now, CANARY_STOPPED, "another version was made live by hand", err);
}

/* The verdict of a check that goes on. */
static int wait_on(struct mq_engine *e, struct canary *c, const char *why, struct mq_error *err)
{
    struct canary now;
    pthread_mutex_lock(&e->experiments_lock);
    int rc = engine_canary_get(e, &now, err);
    if (rc == 0 && now.state == CANARY_RUNNING) {
        take_counts(e, &now);
        snprintf(now.why, sizeof(now.why), "%s", why);
        rc = put(e, &now, err);
    }
    pthread_mutex_unlock(&e->experiments_lock);
    if (rc == 0)
        *c = now;
    return rc;
}

int engine_canary_check(struct mq_engine *e, struct canary *ret,
                        struct experiment_reading *ret_reading, struct mq_error *err)
{
    struct canary c;
    struct experiment x;
    struct experiment_reading reading;
    const char *why;
    int rc = engine_canary_get(e, &c, err);
    if (rc == 0 && c.state != CANARY_RUNNING)
        rc = mq_fail(err, MQ_CONFLICT, "canary: none runs");
    if (rc)
        return rc;
    to_experiment(&c, &x);
    rc = engine_experiment_read_of(e, &x, 0, &reading, err);
    if (rc)
        return rc;
    struct canary_evidence evidence = {
        .valued = &reading.arm[1].valued_effect,
        .sample_ratio_p = reading.sample_ratio_p,
        .margin = c.margin,
        .over = (double)(engine_now(e, NULL) - c.started_ms) >= c.days * DAY_MS,
    };
    for (unsigned i = 0; i < 2; i++) {
        evidence.answers[i] = c.answers[i] + atomic_load(&e->canary_answers[i]);
        evidence.failures[i] = c.failures[i] + atomic_load(&e->canary_failures[i]);
    }
    enum canary_verdict v = canary_decide(&evidence, &why);
    if (atomic_load(&e->model_version) == c.version) {
        v = CANARY_ON; /* made live before a crash kept it from being written down */
        why = "it is live";
    }
    if (v == CANARY_WAIT)
        rc = wait_on(e, &c, why, err);
    else
        rc = conclude(e, &c, v == CANARY_BACK ? CANARY_ROLLED_BACK : CANARY_PROMOTED, why, &c, err);
    if (rc)
        return rc;
    *ret = c;
    if (ret_reading)
        *ret_reading = reading;
    return 0;
}
