/* Kept weights of engagement come back, and what is damaged is refused whole. */
#include "service.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "engine/engagement_fitting.h"

static struct engagement_kept made_up(bool serves)
{
    struct engagement_kept k = {.serves = serves};
    for (int i = 0; i < ENGAGEMENT_WEIGHTS; i++)
        k.weights.weight[i] = 0.1 * (i - 4);
    k.weights.offset = 0.1;
    k.weights.scale = 1.3;
    k.measured = true;
    for (int i = 0; i < ENGAGEMENT_WEIGHTS; i++)
        k.signal[i] = (struct engagement_measured){0.25 * i, -0.5, 0.75 + i, 100 * (uint64_t)i};
    for (int i = 0; i < ENGAGEMENT_SCORERS; i++)
        k.right[i] = 0.5 + 0.125 * i;
    k.weights.shares.known[7] = true;
    for (int i = 0; i < ENGAGEMENT_KNOTS; i++)
        k.weights.shares.knot[7][i] = (float)i / 20;
    return k;
}

static void weights_come_back_or_are_refused(void **state)
{
    struct service *s = *state;
    struct engagement_kept kept = made_up(true), read = {0};
    assert_fails(MQ_NOT_FOUND, engagement_file_read(s->data, &read, &test_err));
    assert_ok(engagement_file_write(s->data, &kept, "", &test_err));
    assert_ok(engagement_file_read(s->data, &read, &test_err));
    assert_memory_equal(&kept, &read, sizeof(kept));
    /* What was measured may be missing: files of before have none. */
    struct engagement_kept before = kept;
    before.measured = false;
    assert_ok(engagement_file_write(s->data, &before, "", &test_err));
    struct engagement_kept bare = {0};
    assert_ok(engagement_file_read(s->data, &bare, &test_err));
    assert_true(!bare.measured && bare.serves);
    assert_memory_equal(&bare.weights, &kept.weights, sizeof(bare.weights));
    assert_ok(engagement_file_write(s->data, &kept, "", &test_err));
    /* Every byte counts, and so does every length. */
    struct buf b;
    char path[700];
    snprintf(path, sizeof(path), "%s/engagement", s->data);
    buf_init(&b, ENGAGEMENT_FILE_MAX);
    assert_ok(file_read(path, &b, &test_err));
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] ^= 1;
        assert_fails(MQ_CORRUPT, engagement_file_parse("f", buf_str(&b), &read, &test_err));
        b.p[i] ^= 1;
        assert_fails(MQ_CORRUPT,
                     engagement_file_parse("f", (struct str){b.p, i}, &read, &test_err));
    }
    assert_memory_equal(&kept, &read, sizeof(kept));
    buf_release(&b);
}

/* ---------------------------------------------------------------- a service that can be fitted on */

enum { MINUTE_MS = 60000, FITTED_VIEWERS = 60, FITTED_TITLES = 16 };
#define DAY_MS INT64_C(86400000)

static void add_event(struct buf *b, unsigned viewer, unsigned title, const char *kind, int64_t at,
                      int minute, const char *more)
{
    buf_printf(b,
               "{\"id\":\"%u-%u-%lld-%s\",\"viewer\":\"v%u\",\"kind\":\"%s\",\"at\":%lld,"
               "\"title\":\"t%u\",\"session\":\"s%u-%u\"",
               viewer, title, (long long)at, kind, viewer, kind, (long long)at, title, viewer,
               title);
    if (minute >= 0)
        buf_printf(b, ",\"position_ms\":%d", minute * MINUTE_MS);
    buf_printf(b, "%s}\n", more);
}

/* Who likes a title rewinds in it; who does not skips. All watch half of it: the share tells nothing. */
static void evenings(struct service *s, int64_t begin)
{
    struct buf b;
    buf_init(&b, 16 << 20);
    for (unsigned v = 0; v < FITTED_VIEWERS; v++) {
        for (unsigned t = 0; t < FITTED_TITLES; t++) {
            int64_t at = begin + t * DAY_MS;
            bool likes = (v + t) % 3 != 0;
            add_event(&b, v, t, "start", at, 0, "");
            for (int m = 1; m <= 10; m++)
                add_event(&b, v, t, "progress", at + m * MINUTE_MS, m, "");
            if (t % 2) /* else nothing but the half tells */
                add_event(&b, v, t, "seek", at + 11 * MINUTE_MS, likes ? 5 : 17, "");
            int from = t % 2 ? likes ? 5 : 17 : 11;
            add_event(&b, v, t, "stop", at + 41 * MINUTE_MS, from + 30, "");
            if (t < 12)
                add_event(&b, v, t, "rating", at + 60 * MINUTE_MS, -1,
                          likes ? ",\"value\":5" : ",\"value\":2");
        }
    }
    buf_add_char(&b, '\0');
    struct mq_import_report r =
        service_import(s, "events", service_file(s, "evenings.ndjson", b.p));
    assert_int_equal(r.rejected, 0);
    buf_release(&b);
}

static const struct title_signal *signal_of(const struct profile *p, struct service *s,
                                            const char *title)
{
    uint32_t id = intern_find(store_names(s->engine->store, NAME_TITLE), str_of(title));
    const struct title_signal *signal = p ? profile_signal(p, (struct title_id){id}) : NULL;
    assert_non_null(signal);
    return signal;
}

static struct profile *from_log(struct service *s, const struct engagement_weights *w,
                                const char *viewer)
{
    uint32_t id = intern_find(store_names(s->engine->store, NAME_VIEWER), str_of(viewer));
    struct store_range all = {0};
    struct profile *p;
    assert_ok(profile_from_log(s->engine->store, (struct viewer_id){id}, &all,
                               atomic_load(&s->engine->catalogue), w, &p, &test_err));
    return p;
}

/* What is in memory equals what the log gives with the weights that serve. */
static void check_live(struct service *s, const char *viewer)
{
    free(service_page_of(s, viewer)); /* loads */
    service_event(s, viewer, "play", "t1");
    free(service_page_of(s, viewer));
    struct profile *p = from_log(s, engine_engagement(s->engine), viewer);
    unsigned slot;
    assert_ok(epoch_join(s->engine->epoch, &slot, &test_err));
    epoch_enter(s->engine->epoch, slot);
    const struct profile *live = residents_get(s->engine->residents, p->viewer);
    if (live) {
        assert_int_equal(profile_memory(live), profile_memory(p));
        assert_memory_equal(live, p, sizeof(*p) + p->n * sizeof(p->signals[0]) + p->tail);
    }
    epoch_exit(s->engine->epoch, slot);
    epoch_leave_for_good(s->engine->epoch, slot);
    assert_non_null(live);
    profile_free(p);
}

static void what_was_fitted_serves(void **state)
{
    struct service *s = *state;
    struct engagement_fitted f;
    struct mq_stats stats;
    service_titles(s);
    evenings(s, service_now() - 60 * DAY_MS);
    struct profile *rules = from_log(s, NULL, "v1");
    check_live(s, "v1");
    assert_ok(engine_fit_engagement(s->engine, 1, NULL, NULL, &f, &test_err));
    assert_true(f.fit.no_worse && !f.damaged && !f.has_before);
    assert_true(f.fit.weight[ENGAGEMENT_REWINDS] > 0 && f.fit.weight[ENGAGEMENT_SKIPS] < 0);
    assert_non_null(engine_engagement(s->engine));
    struct mq_signals told;
    assert_ok(mq_signals(s->engine, &told, &test_err));
    assert_string_equal(told.judged_by, "fitted weights");
    assert_int_equal(told.n, ENGAGEMENT_WEIGHTS);
    assert_true(told.right_fitted > told.right_completion);
    const struct mq_signal *rewinds = &told.signal[ENGAGEMENT_REWINDS];
    assert_string_equal(rewinds->name, "rewinds");
    assert_true(fabs(rewinds->weight - f.fit.weight[ENGAGEMENT_REWINDS]) < 1e-6);
    assert_true(rewinds->low <= rewinds->weight && rewinds->weight <= rewinds->high);
    assert_true(isnan(told.signal[ENGAGEMENT_LISTED].weight)); /* nobody listed anything */
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_string_equal(stats.engagement, "fitted weights");
    check_live(s, "v1");
    /* Neither was rated. More was seen of t14, which is what the rules go by; t13 was rewound in. */
    struct profile *fitted = from_log(s, engine_engagement(s->engine), "v1");
    const struct title_signal *liked = signal_of(fitted, s, "t13"),
                              *not = signal_of(fitted, s, "t14");
    assert_true(liked->rewinds == 1 && liked->skips == 0 && not ->rewinds + not ->skips == 0);
    assert_true(signal_of(rules, s, "t13")->preference < signal_of(rules, s, "t14")->preference);
    assert_true(liked->preference > not ->preference && liked->confidence > not ->confidence);
    profile_free(fitted);
    profile_free(rules);
    /* After opening again the same; a backup has them too; damaged, the rules serve and it is said. */
    uint64_t version = engine_engagement_version(s->engine);
    char backup[700];
    snprintf(backup, sizeof(backup), "%s/backup", s->dir);
    assert_ok(mq_backup(s->engine, backup, &test_err));
    service_reopen(s);
    assert_true(version != 0 && engine_engagement_version(s->engine) == version);
    struct engagement_kept kept;
    assert_ok(engagement_file_read(backup, &kept, &test_err));
    check_live(s, "v2");
    char path[700];
    snprintf(path, sizeof(path), "%s/engagement", s->data);
    assert_ok(file_write(path, STR("attended 1\n"), 0644, &test_err));
    service_reopen(s);
    assert_null(engine_engagement(s->engine));
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_non_null(strstr(stats.engagement, "damaged"));
    check_live(s, "v2");
    /* Not shown to do as well: kept, and not served. */
    kept.serves = false;
    assert_ok(engagement_file_write(s->data, &kept, "", &test_err));
    service_reopen(s);
    assert_null(engine_engagement(s->engine));
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_non_null(strstr(stats.engagement, "not shown"));
}

static void fitting_needs_a_log_and_waits_for_nobody(void **state)
{
    struct service *s = *state;
    struct engagement_fitted f;
    assert_fails(MQ_INVALID, engine_fit_engagement(s->engine, 1, NULL, NULL, &f, &test_err));
    assert_non_null(strstr(test_err.text, "the log is empty"));
    service_titles(s);
    service_ratings(s);
    assert_fails(MQ_INVALID, engine_fit_engagement(s->engine, 1, NULL, NULL, &f, &test_err));
    assert_non_null(strstr(test_err.text, "none was rated afterwards"));
    pthread_mutex_lock(&s->engine->training_lock);
    assert_fails(MQ_CONFLICT, engine_fit_engagement(s->engine, 1, NULL, NULL, &f, &test_err));
    pthread_mutex_unlock(&s->engine->training_lock);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(weights_come_back_or_are_refused),
        CASE(what_was_fitted_serves),
        CASE(fitting_needs_a_log_and_waits_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
