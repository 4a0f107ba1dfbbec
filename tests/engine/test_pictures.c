/* Titles with several pictures: shown by chance, noted with it, learnt from what came of it; not for those who are not to be profiled. */
#include "service.h"

#include <math.h>

#include "base/clock.h"
#include "base/rng.h"
#include "engine/consent.h"
#include "engine/page_log.h"
#include "engine/picture_learning.h"

enum { VIEWERS = 200, EVENINGS = 5, IN_VIEW = 6, BETTER = 2 };
#define DAY INT64_C(86400000)

struct evening {
    size_t shown, better;
    double
        weighed; /* sum over items of 1 / chance where the better one stood: as many as there are */
};

static unsigned number_of(const char *picture)
{
    return picture[0] == 'a' ? 1 : picture[0] == 'b' ? 2 : 3;
}

/* order: which of the pictures a, b and c of each title, and in which order. */
static void pictures(struct service *s, const char *order)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_add_z(&b, "id,pictures\n");
    for (unsigned t = 0; t < SERVICE_TITLES; t++)
        for (const char *k = order; *k; k++) {
            if (k == order)
                buf_printf(&b, "t%u,", t);
            buf_printf(&b, "%c%u.jpg%s", *k, t, k[1] ? "|" : "\n");
        }
    buf_add_char(&b, '\0');
    service_import(s, "titles", service_file(s, "pictures.csv", b.p));
    buf_release(&b);
}

/* Everybody's page; a title in view is taken up and liked in 24 of 100 cases under its picture b, else in 4. */
static struct evening evening(struct service *s, struct rng *rng, int64_t at_ms)
{
    static struct mq_event events[VIEWERS * IN_VIEW];
    static char viewers[VIEWERS][16], ids[VIEWERS][33], titles[VIEWERS * IN_VIEW][16];
    struct evening out = {0};
    struct mq_appended done;
    size_t n = 0;
    for (unsigned v = 0; v < VIEWERS; v++) {
        struct mq_page page;
        snprintf(viewers[v], sizeof(viewers[v]), "v%u", v);
        assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewers[v], .at_ms = at_ms},
                          &page, &test_err));
        memcpy(ids[v], page.recommendation_id, sizeof(ids[v]));
        for (size_t i = 0; page.n_rows > 0 && i < page.rows[0].n_items && i < IN_VIEW; i++) {
            const struct mq_item *item = &page.rows[0].items[i];
            unsigned k = number_of(item->picture);
            assert_int_equal(item->picture_number, k);
            assert_true(item->picture_propensity > 0 && item->picture_propensity <= 1);
            out.shown++;
            out.better += k == BETTER;
            out.weighed += k == BETTER ? 1 / item->picture_propensity : 0;
            if (rng_double(rng) >= (k == BETTER ? 0.24 : 0.04))
                continue;
            snprintf(titles[n], sizeof(titles[n]), "%s", item->title);
            events[n] = service_liked(viewers[v], titles[n], at_ms, ids[v]);
            n++;
        }
        mq_reader_rest(s->reader);
    }
    assert_ok(mq_append(s->engine, events, n, &done, &test_err));
    return out;
}

static void service_begin(struct service *s)
{
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    service_train(s);
    pictures(s, "abc");
}

static void the_better_one_wins(void **state)
{
    struct service *s = *state;
    struct rng rng;
    struct evening first = {0}, last = {0};
    service_begin(s);
    rng_seed(&rng, test_seed());
    int64_t at = service_now() - (EVENINGS + 1) * DAY;
    for (unsigned k = 0; k < EVENINGS; k++) {
        last = evening(s, &rng, at + k * DAY);
        if (k == 0)
            first = last;
        assert_ok(engine_pictures_learn(s->engine, &test_err));
    }
    /* At first all are alike: the chances are what happens. */
    double n = (double)first.shown;
    assert_true(n > 500 && fabs((double)first.better / n - 1.0 / 3) < 4 * sqrt(0.25 / n));
    /* By the clock of these tests; at one of twenty other instants it was 0.83, so draws hang together a little. */
    print_message("weighed by their chances: %.3f of %.0f\n", first.weighed / n, n);
    assert_true(fabs(first.weighed / n - 1) < 4 * sqrt(2 / n));
    double share = (double)last.better / (double)last.shown;
    print_message(
        "the better picture: %.2f of what was shown on the first evening, %.2f on the last\n",
        (double)first.better / n, share);
    assert_true(share > 0.5);
    const struct picture_table *t = picture_learning_now(s->engine);
    assert_non_null(t);
    assert_int_equal(t->n, SERVICE_TITLES);
    uint32_t sums[3] = {0};
    for (size_t i = 0; i < t->n; i++)
        for (unsigned k = 0; k < 3; k++)
            sums[k] += t->of[i].valued[k];
    assert_true(sums[1] > 2 * sums[0] && sums[1] > 2 * sums[2]);
    /* Learnt again from the log alone, after a restart: the same. */
    uint64_t shown = t->shown, valued = t->valued;
    service_reopen(s);
    assert_null(picture_learning_now(s->engine));
    assert_ok(engine_pictures_learn(s->engine, &test_err));
    t = picture_learning_now(s->engine);
    assert_true(t->shown == shown && t->valued == valued);
    /* What an erased viewer did leaves with them. */
    struct mq_receipt receipt;
    assert_ok(mq_erase(s->engine, "v7", &receipt, &test_err));
    assert_null(picture_learning_now(s->engine));
    assert_ok(engine_pictures_learn(s->engine, &test_err));
    assert_true(picture_learning_now(s->engine)->shown < shown);
}

/* Of each picture, by its letter: shown and valued of all titles, and the mean chance. */
struct by_letter {
    uint64_t shown[4], valued[4];
    double chance[4];
};

static struct by_letter learnt_as(struct service *s, const char *order)
{
    struct by_letter ret = {{0}, {0}, {0}};
    assert_ok(engine_pictures_learn(s->engine, &test_err));
    const struct picture_table *t = picture_learning_now(s->engine);
    assert_non_null(t);
    assert_int_equal(t->n, SERVICE_TITLES);
    for (size_t i = 0; i < t->n; i++) {
        assert_int_equal(t->of[i].n, strlen(order));
        for (unsigned k = 0; k < t->of[i].n; k++) {
            unsigned letter = (unsigned)(order[k] - 'a');
            ret.shown[letter] += t->of[i].shown[k];
            ret.valued[letter] += t->of[i].valued[k];
            ret.chance[letter] += (double)t->of[i].chance[k] / SERVICE_TITLES;
        }
    }
    return ret;
}

/* How often each letter stands on what everybody is served in view. */
static void served(struct service *s, int64_t at_ms, double ret[4])
{
    size_t n = 0;
    memset(ret, 0, 4 * sizeof(*ret));
    for (unsigned v = 0; v < VIEWERS; v++) {
        struct mq_page page;
        char viewer[16];
        snprintf(viewer, sizeof(viewer), "v%u", v);
        assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewer, .at_ms = at_ms}, &page,
                          &test_err));
        for (size_t i = 0; page.n_rows > 0 && i < page.rows[0].n_items && i < IN_VIEW; i++, n++)
            ret[page.rows[0].items[i].picture[0] - 'a']++;
        mq_reader_rest(s->reader);
    }
    for (unsigned k = 0; k < 4; k++)
        ret[k] /= (double)n;
}

/* What was learnt of a picture goes with it when the list is turned round, gets shorter, and is filled up again. */
static void the_list_changes(void **state)
{
    struct service *s = *state;
    struct rng rng;
    double then[4], now[4];
    service_begin(s);
    rng_seed(&rng, test_seed());
    int64_t at = service_now() - 4 * DAY;
    evening(s, &rng, at);
    struct by_letter abc = learnt_as(s, "abc");
    assert_true(abc.valued[1] > 2 * abc.valued[0] && abc.valued[1] > 2 * abc.valued[2]);
    served(s, at + DAY, then);
    assert_true(then[1] > 0.45);
    /* Turned round: at once in what is served, and in what is learnt next. */
    pictures(s, "cba");
    served(s, at + DAY, now);
    assert_true(fabs(now[1] - then[1]) < 0.1);
    struct by_letter cba = learnt_as(s, "cba");
    for (unsigned k = 0; k < 3; k++) {
        assert_true(cba.shown[k] >= abc.shown[k] && cba.valued[k] == abc.valued[k]);
        assert_true(fabs(cba.chance[k] - abc.chance[k]) < 0.12);
    }
    /* Shorter, without the first of them; of the one that has gone nothing is held against another. */
    pictures(s, "ba");
    served(s, at + DAY, now);
    assert_true(now[1] > then[1] && now[2] == 0);
    struct by_letter ba = learnt_as(s, "ba");
    assert_true(ba.valued[1] == abc.valued[1] && ba.valued[0] == abc.valued[0]);
    /* A new one before the others has an even share at first; c is back with what it had. */
    pictures(s, "dbca");
    served(s, at + DAY, now);
    assert_true(fabs(now[3] - 0.25) < 0.1 && now[1] > now[0]);
    struct by_letter dbca = learnt_as(s, "dbca");
    assert_true(dbca.valued[2] == abc.valued[2] && dbca.valued[1] == abc.valued[1]);
    assert_true(dbca.valued[3] == 0);
}

static bool any_chance(struct service *s, struct mq_request q)
{
    struct mq_page page;
    bool chance = false;
    size_t with = 0;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++)
        for (size_t i = 0; i < page.rows[r].n_items; i++) {
            with += page.rows[r].items[i].picture != NULL;
            chance |= !isnan(page.rows[r].items[i].picture_propensity);
        }
    assert_true(with > 0);
    return chance;
}

static void for_whom_and_for_whom_not(void **state)
{
    struct service *s = *state;
    service_begin(s);
    assert_true(any_chance(s, (struct mq_request){.viewer = "v1"}));
    assert_true(any_chance(s, (struct mq_request){.viewer = "nobody"}));
    assert_false(any_chance(s, (struct mq_request){.viewer = "v1", .no_profiling = true}));
    assert_false(
        any_chance(s, (struct mq_request){.viewer = "v1", .as_of_seq = service_last_seq(s)}));
    assert_ok(
        engine_put_settings(s->engine, STR("v1"), &(struct viewer_settings){0, -1}, &test_err));
    assert_ok(
        engine_put_settings(s->engine, STR("v2"), &(struct viewer_settings){-1, 1}, &test_err));
    assert_false(any_chance(s, (struct mq_request){.viewer = "v1"}));
    assert_false(any_chance(s, (struct mq_request){.viewer = "v2"}));
    /* The same viewer sees the same ones all day. */
    int64_t at = service_now() / DAY * DAY - DAY;
    struct mq_request q = {.viewer = "v3", .at_ms = at};
    struct mq_page page;
    char before[64];
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    snprintf(before, sizeof(before), "%s", page.rows[0].items[0].picture);
    char title[64];
    snprintf(title, sizeof(title), "%s", page.rows[0].items[0].title);
    q.at_ms = at + 3600000;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++)
        for (size_t i = 0; i < page.rows[r].n_items; i++)
            if (strcmp(page.rows[r].items[i].title, title) == 0)
                assert_string_equal(page.rows[r].items[i].picture, before);
    /* And no chance at all where the operator wants none. */
    s->engine->options.exploration = -1;
    assert_false(any_chance(s, (struct mq_request){.viewer = "v3"}));
}

enum { NEW_TITLES = 18, FIRST = 3, TRIED = 3 };

static void new_titles(struct service *s)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_add_z(&b, "id,title,release_date\n");
    for (unsigned t = 60; t < 60 + NEW_TITLES; t++) {
        struct buf day;
        char text[64];
        buf_over(&day, text, sizeof(text));
        time_format(&day, service_now() - 20 * DAY);
        buf_printf(&b, "n%u,New Film %u,%.10s\n", t, t, text);
    }
    buf_add_char(&b, '\0');
    service_import(s, "titles", service_file(s, "new.csv", b.p));
    buf_release(&b);
}

/* Everybody's row of new titles: the good one is liked by half of those who see it in a place where titles are tried, the others by 2 in 100.
 * Returns on how many of the rows that have the good one further right than the third place it was tried. */
static double try_out(struct service *s, struct rng *rng, int64_t at_ms, double *ret_weighed)
{
    static struct mq_event events[VIEWERS * TRIED];
    static char viewers[VIEWERS][16], ids[VIEWERS][33], titles[VIEWERS * TRIED][16];
    struct mq_appended done;
    size_t n = 0, good = 0, pages = 0, eligible = 0;
    *ret_weighed = 0;
    for (unsigned v = 0; v < VIEWERS; v++) {
        struct mq_page page;
        snprintf(viewers[v], sizeof(viewers[v]), "v%u", v);
        assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewers[v], .at_ms = at_ms},
                          &page, &test_err));
        memcpy(ids[v], page.recommendation_id, sizeof(ids[v]));
        for (size_t r = 0; r < page.n_rows; r++) {
            const struct mq_row *row = &page.rows[r];
            if (strcmp(row->kind, "new") != 0 || row->n_items <= FIRST + TRIED)
                continue;
            pages++;
            for (size_t i = 0; i < row->n_items; i++) {
                bool tried = i >= FIRST && i < FIRST + TRIED;
                eligible += i >= FIRST && strcmp(row->items[i].title, "n70") == 0;
                assert_true(isnan(row->items[i].propensity) == !tried);
                if (!tried)
                    continue;
                bool is_good = strcmp(row->items[i].title, "n70") == 0;
                good += is_good;
                *ret_weighed +=
                    i == FIRST ? 1 / row->items[i].propensity / (double)(row->n_items - FIRST) : 0;
                if (rng_double(rng) >= (is_good ? 0.5 : 0.02))
                    continue;
                snprintf(titles[n], sizeof(titles[n]), "%s", row->items[i].title);
                events[n] = service_liked(viewers[v], titles[n], at_ms, ids[v]);
                n++;
            }
        }
        mq_reader_rest(s->reader);
    }
    assert_true(pages > VIEWERS / 2);
    *ret_weighed /= (double)pages;
    assert_ok(mq_append(s->engine, events, n, &done, &test_err));
    return eligible ? (double)good / (double)eligible : 0;
}

static void new_ones_are_tried(void **state)
{
    struct service *s = *state;
    struct rng rng;
    double weighed;
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    service_train(s);
    new_titles(s);
    atomic_store(&s->engine->try_new, true);
    rng_seed(&rng, test_seed());
    int64_t at = service_now() - 5 * DAY;
    double first = try_out(s, &rng, at, &weighed);
    assert_true(fabs(weighed - 1) < 0.05); /* even chances: 1 of as many as there are */
    assert_ok(engine_pictures_learn(s->engine, &test_err));
    double then = try_out(s, &rng, at + DAY, &weighed);
    print_message("the good new title was tried on %.2f of its rows, then on %.2f\n", first, then);
    assert_true(first < 0.45 && then > first + 0.2);
    assert_true(picture_learning_now(s->engine)->tried > 0);
    atomic_store(&s->engine->try_new, false);
    struct mq_page page;
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "v1"}, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++)
        for (size_t i = 0; i < page.rows[r].n_items; i++)
            assert_true(isnan(page.rows[r].items[i].propensity));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_better_one_wins, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(the_list_changes, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(new_ones_are_tried, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(for_whom_and_for_whom_not, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
