#include "store/sample.h"

#include <unistd.h>

const struct store_options sample_small = {.memtable_bytes = 256 * 1024, .cache_bytes = 1 << 20};

static struct str text(char *out, const char *prefix, unsigned number)
{
    int n = snprintf(out, SAMPLE_TEXT, "%s%u", prefix, number);
    return (struct str){out, (size_t)n};
}

void sample_play(struct sample *s, unsigned viewer, unsigned title, unsigned number, int64_t at_ms)
{
    event_init(&s->e);
    s->e.kind = EVENT_PLAY;
    s->e.source = STR("native");
    s->e.id = text(s->id, "event-", number);
    s->e.viewer = text(s->viewer, "viewer-", viewer);
    s->e.title = text(s->title, "t", title);
    s->e.session = text(s->session, "session-", viewer + number / 8);
    s->e.at_ms = at_ms;
    s->e.position_ms = 1000 * (int64_t)(number % 5000);
}

void sample_random(struct sample *s, struct rng *r, unsigned number)
{
    int64_t at_ms = SAMPLE_DAY + (int64_t)rng_below(r, INT64_C(7) * 86400000);
    sample_play(s, (unsigned)rng_below(r, 40), (unsigned)rng_below(r, 60), number, at_ms);
    s->e.kind = (enum event_kind)rng_below(r, EVENT_KINDS);
    if (rng_below(r, 4) == 0)
        s->e.id = STR_NONE;
    if (s->e.kind == EVENT_CUSTOM)
        s->e.custom = STR("trailer");
    if (s->e.kind == EVENT_RATING) {
        s->e.value = 0.5F * (float)(1 + rng_below(r, 10));
        s->e.scale = 5;
    }
    if (s->e.kind != EVENT_IMPRESSION)
        return;
    s->e.title = STR_NONE;
    s->e.n_items = (uint32_t)rng_below(r, SAMPLE_ITEMS + 1);
    s->e.items = s->items;
    for (uint32_t i = 0; i < s->e.n_items; i++)
        s->items[i] = (struct event_item){
            .title = text(s->item_titles[i], "t", (unsigned)rng_below(r, 60)),
            .title_id = {ID_NONE},
            .column = (uint16_t)i,
            .propensity = 0.25F,
        };
}

enum append_outcome sample_append(struct store *s, struct sample *one)
{
    uint8_t outcome = UINT8_MAX;
    assert_ok(store_append(s, &one->e, 1, SAMPLE_DAY, &outcome, &test_err));
    return (enum append_outcome)outcome;
}

struct store *sample_open(const char *dir)
{
    struct store *s = NULL;
    assert_ok(store_open(dir, &sample_small, &s, &test_err));
    return s;
}

int sample_setup(void **state)
{
    struct sample_folder *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    snprintf(f->dir, sizeof(f->dir), "%s", test_dir());
    snprintf(f->other, sizeof(f->other), "%s-other", f->dir);
    snprintf(f->db, sizeof(f->db), "%s/db", f->dir);
    *state = f;
    return 0;
}

int sample_teardown(void **state)
{
    struct sample_folder *f = *state;
    test_dir_remove(f->dir);
    if (access(f->other, F_OK) == 0 && unlink(f->other) != 0)
        test_dir_remove(f->other);
    free(f);
    return 0;
}

int sample_count(void *ctx, const struct event *e)
{
    (void)e;
    ++*(size_t *)ctx;
    return 0;
}

size_t sample_events(const struct store *s)
{
    struct store_range all = {0};
    size_t n = 0;
    assert_ok(store_scan_all(s, &all, sample_count, &n, &test_err));
    return n;
}

void sample_check(const struct store *s)
{
    struct store_check check;
    int rc = store_check(s, &check, &test_err);
    if (rc)
        fail_msg("check: %s", test_err.text);
    assert_int_equal(check.faults, 0);
}
