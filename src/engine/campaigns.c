/* campaigns.c - a definition in the store is lines of "key value" (launched, stopped, and a "said" line for each segment), an
 * empty line, and the campaign as JSON; beside it a u8 version, the number of segments, and the viewers of each. */
#include "engine/campaigns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/campaign_json.h"
#include "wire/campaign_json_write.h"

#define KEY_PREFIX "campaign/"
#define VIEWERS_PREFIX "campaign-viewers/"
enum {
    KEY_MAX = sizeof(VIEWERS_PREFIX) + CAMPAIGN_NAME_MAX,
    TEXT_MAX = 64 * 1024,
    VIEWERS_FORMAT = 1
};
static const size_t viewers_max = (size_t)1 << 30;

static struct str key_of(const char *prefix, struct str name, char space[KEY_MAX])
{
    int n = snprintf(space, KEY_MAX, "%s%.*s", prefix, (int)name.n, name.p ? name.p : "");
    return (struct str){space, n > 0 && n < KEY_MAX ? (size_t)n : 0};
}

/* ---------------------------------------------------------------- stored forms */

static void encode(const struct campaign *c, struct buf *out)
{
    struct json j;
    buf_printf(out, "launched %" PRId64 "\nstopped %" PRId64 "\n", c->launched_ms, c->stopped_ms);
    for (size_t i = 0; i < c->is.n; i++)
        buf_printf(out, "said %.*s\n", STR_ARG(c->said[i]));
    buf_add_char(out, '\n');
    json_init(&j, out);
    campaign_json_write(&j, &c->is);
}

int campaign_decode(struct str text, struct arena *arena, struct campaign *ret,
                    struct mq_error *err)
{
    struct campaign c = {0};
    struct str rest = text;
    size_t n = 0;
    bool good = true;
    struct str line = str_cut(&rest, '\n');
    for (; good && line.n > 0; line = str_cut(&rest, '\n')) {
        struct str key = str_cut(&line, ' ');
        if (str_eq(key, STR("launched")))
            good = str_to_i64(line, &c.launched_ms);
        else if (str_eq(key, STR("stopped")))
            good = str_to_i64(line, &c.stopped_ms);
        else if (str_eq(key, STR("said")) && n < CAMPAIGN_SEGMENTS_MAX)
            c.said[n++] = arena_str(arena, line);
        else
            good = false;
    }
    struct mq_error why;
    if (!good || campaign_json_parse(rest, arena, &c.is, &why) != 0 || c.is.n != n || n == 0 ||
        campaign_name_check(c.is.name, &why) != 0)
        return mq_fail(err, MQ_CORRUPT, "stored campaign: is damaged");
    *ret = c;
    return 0;
}

void campaign_viewers_release(struct campaign_viewers *v)
{
    for (size_t i = 0; i < v->n; i++)
        roaring_bitmap_free(v->of[i]);
    v->n = 0;
}

static int encode_viewers(const struct campaign_viewers *v, struct buf *out, struct mq_error *err)
{
    int rc = 0;
    buf_add_u8(out, VIEWERS_FORMAT);
    buf_add_u8(out, (uint8_t)v->n);
    for (size_t i = 0; i < v->n && rc == 0; i++)
        rc = viewer_set_encode(v->of[i], out, err);
    if (rc == 0 && out->failed)
        rc = mq_fail(err, MQ_TOO_LARGE, "campaign: its viewers are too many");
    return rc;
}

int campaign_viewers_decode(struct str bytes, struct campaign_viewers *ret, struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    struct campaign_viewers v = {.n = 0};
    bool good = cursor_u8(&c) == VIEWERS_FORMAT;
    size_t n = cursor_u8(&c);
    good = good && n <= CAMPAIGN_SEGMENTS_MAX && !c.failed;
    for (size_t i = 0; i < n && good; i++) {
        v.of[i] = roaring_bitmap_create();
        v.n += v.of[i] != NULL;
        good = v.of[i] && viewer_set_decode(&c, v.of[i]);
    }
    if (!good || cursor_left(&c) != 0) {
        campaign_viewers_release(&v);
        return mq_fail(err, MQ_CORRUPT, "campaign: its viewers are damaged");
    }
    *ret = v;
    return 0;
}

int campaign_viewers_get(struct mq_engine *e, struct str name, struct campaign_viewers *ret,
                         struct mq_error *err)
{
    char space[KEY_MAX];
    struct buf b;
    buf_init(&b, viewers_max);
    int rc = store_get_value(e->store, STORE_META, key_of(VIEWERS_PREFIX, name, space), &b, err);
    if (rc == 0)
        rc = campaign_viewers_decode(buf_str(&b), ret, err);
    buf_release(&b);
    return rc;
}

/* ---------------------------------------------------------------- looking */

int engine_campaign_get(struct mq_engine *e, struct str name, struct arena *arena,
                        struct campaign *ret, struct mq_error *err)
{
    char space[KEY_MAX];
    struct buf b;
    int rc = campaign_name_check(name, err);
    if (rc)
        return rc;
    buf_init(&b, TEXT_MAX);
    rc = store_get_value(e->store, STORE_META, key_of(KEY_PREFIX, name, space), &b, err);
    if (rc == MQ_NOT_FOUND)
        rc = mq_fail(err, MQ_NOT_FOUND, "campaign: %.*s: there is none of that name: list them",
                     STR_ARG(name));
    else if (rc == 0)
        rc = campaign_decode(buf_str(&b), arena, ret, err);
    buf_release(&b);
    return rc;
}

struct listing {
    struct arena *arena;
    struct campaign *of;
    size_t n;
    struct mq_error *err;
};

static int list_one(void *ctx, struct str key, struct str value)
{
    struct listing *l = ctx;
    (void)key;
    if (l->n == CAMPAIGNS_MAX)
        return 0;
    int rc = campaign_decode(value, l->arena, &l->of[l->n], l->err);
    l->n += rc == 0;
    return rc;
}

int engine_campaigns(struct mq_engine *e, struct arena *arena, struct campaign *ret, size_t *ret_n,
                     struct mq_error *err)
{
    struct listing l = {.arena = arena, .of = ret, .err = err};
    int rc = store_scan_values(e->store, STORE_META, STR(KEY_PREFIX), list_one, &l, err);
    if (rc == 0)
        *ret_n = l.n;
    return rc;
}

/* ---------------------------------------------------------------- what runs */

static void free_running(void *p)
{
    struct running_campaigns *r = p;
    for (size_t i = 0; r && i < r->n; i++) {
        for (size_t k = 0; k < r->of[i].n; k++)
            roaring_bitmap_free(r->of[i].segment[k].viewers);
    }
    free(r);
}

static int run_one(struct mq_engine *e, const struct campaign *c, struct running_campaign *ret,
                   struct mq_error *err)
{
    struct campaign_viewers v;
    int rc = campaign_viewers_get(e, c->is.name, &v, err);
    if (rc)
        return rc;
    if (v.n != c->is.n) {
        campaign_viewers_release(&v);
        return mq_fail(err, MQ_CORRUPT, "campaign: %.*s: its viewers are damaged",
                       STR_ARG(c->is.name));
    }
    uint32_t title = intern_find(store_names(e->store, NAME_TITLE), c->is.title);
    *ret = (struct running_campaign){.holdout = c->is.holdout,
                                     .launched_ms = c->launched_ms,
                                     .title = {title == INTERN_NONE ? ID_NONE : title},
                                     .n = v.n};
    snprintf(ret->name, sizeof(ret->name), "%.*s", STR_ARG(c->is.name));
    snprintf(ret->label, sizeof(ret->label), CAMPAIGN_LABEL "%.*s", STR_ARG(c->is.name));
    for (size_t i = 0; i < v.n; i++) {
        struct running_segment *s = &ret->segment[i];
        *s =
            (struct running_segment){v.of[i], c->is.segments[i].hour, c->is.segments[i].device, ""};
        snprintf(s->text, sizeof(s->text), "%.*s", STR_ARG(c->said[i]));
    }
    return 0;
}

static int by_launch(const void *x, const void *y)
{
    const struct campaign *a = x;
    const struct campaign *b = y;
    return (a->launched_ms > b->launched_ms) - (a->launched_ms < b->launched_ms);
}

/* Under campaigns_lock. */
static int serve_running(struct mq_engine *e, struct mq_error *err)
{
    struct running_campaigns *now = calloc(1, sizeof(*now));
    struct campaign *all = calloc(CAMPAIGNS_MAX, sizeof(*all));
    struct arena arena = {0};
    size_t n = 0;
    bool ready = arena_init(&arena, TEXT_MAX, (size_t)CAMPAIGNS_MAX * 2 * TEXT_MAX) == 0;
    int rc = now && all && ready ? engine_campaigns(e, &arena, all, &n, err)
                                 : mq_fail(err, MQ_NO_MEMORY, "campaigns: no memory");
    if (n > 1)
        qsort(all, n, sizeof(*all), by_launch);
    for (size_t i = 0; rc == 0 && i < n && now->n < CAMPAIGNS_RUNNING_MAX; i++) {
        if (all[i].stopped_ms == 0) {
            rc = run_one(e, &all[i], &now->of[now->n], err);
            now->n += rc == 0;
        }
    }
    free(all);
    if (ready)
        arena_release(&arena);
    if (rc) {
        free_running(now);
        return rc;
    }
    struct running_campaigns *old = atomic_exchange(&e->campaigns, now);
    if (old)
        epoch_defer(e->epoch, free_running, old);
    return 0;
}

int campaigns_open(struct mq_engine *e, struct mq_error *err)
{
    return serve_running(e, err);
}

void campaigns_close(struct mq_engine *e)
{
    free_running(atomic_load(&e->campaigns));
}

/* ---------------------------------------------------------------- changing */

static int put_definition(struct mq_engine *e, const struct campaign *c, struct mq_error *err)
{
    char space[KEY_MAX];
    struct buf b;
    buf_init(&b, TEXT_MAX);
    encode(c, &b);
    int rc = b.failed
                 ? mq_fail(err, MQ_TOO_LARGE, "campaign: %.*s: is too long", STR_ARG(c->is.name))
                 : engine_put_setting(e, key_of(KEY_PREFIX, c->is.name, space), buf_str(&b), err);
    buf_release(&b);
    return rc;
}

static int put_viewers(struct mq_engine *e, struct str name, const struct campaign_viewers *v,
                       struct mq_error *err)
{
    char space[KEY_MAX];
    struct buf b;
    buf_init(&b, viewers_max);
    int rc = encode_viewers(v, &b, err);
    if (rc == 0)
        rc = engine_put_setting(e, key_of(VIEWERS_PREFIX, name, space), buf_str(&b), err);
    buf_release(&b);
    return rc;
}

static int may_launch(struct mq_engine *e, struct str name, struct arena *arena,
                      struct mq_error *err)
{
    const struct running_campaigns *r = atomic_load(&e->campaigns); /* ours to replace */
    struct campaign *all = calloc(CAMPAIGNS_MAX, sizeof(*all));
    size_t n = 0;
    int rc = all ? engine_campaigns(e, arena, all, &n, err)
                 : mq_fail(err, MQ_NO_MEMORY, "campaigns: no memory");
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (str_eq(all[i].is.name, name))
            rc = mq_fail(err, MQ_CONFLICT,
                         "campaign: %.*s: the name was used already, and says who is held out: "
                         "choose another",
                         STR_ARG(name));
    }
    free(all);
    if (rc == 0 && n == CAMPAIGNS_MAX)
        rc = mq_fail(err, MQ_TOO_LARGE, "campaigns: there are %d already, the most that are kept",
                     CAMPAIGNS_MAX);
    if (rc == 0 && r->n == CAMPAIGNS_RUNNING_MAX)
        rc =
            mq_fail(err, MQ_CONFLICT, "campaigns: %d run already: stop one", CAMPAIGNS_RUNNING_MAX);
    return rc;
}

/* Who is assigned, segment by segment; whoever fits several is of the first. */
static int assign(const struct asked *x, const struct campaign_request *q, uint32_t title,
                  struct campaign_viewers *ret, struct mq_error *err)
{
    const char *texts[CAMPAIGN_SEGMENTS_MAX];
    const struct audience *found[CAMPAIGN_SEGMENTS_MAX];
    const roaring_bitmap_t *watched = viewer_sets_of(x->world.sets, title, AUDIENCE_WATCHED);
    for (size_t i = 0; i < q->n; i++)
        texts[i] = q->segments[i].audience.p;
    struct mq_audience_request a = {.expressions = texts, .n_expressions = q->n};
    int rc = audiences_find(x, &a, found, err);
    for (size_t i = 0; i < q->n && rc == 0; i++) {
        rc = audience_viewers(&x->world, found[i], NULL, &ret->of[i], err);
        if (rc)
            break;
        ret->n++;
        if (watched)
            roaring_bitmap_andnot_inplace(ret->of[i], watched);
        for (size_t k = 0; k < i; k++)
            roaring_bitmap_andnot_inplace(ret->of[i], ret->of[k]);
        if (roaring_bitmap_get_cardinality(ret->of[i]) < x->floor)
            rc = mq_fail(err, MQ_DENIED,
                         "segment: %.*s: fewer than %u viewers are left who have not watched it "
                         "and are in no segment before: widen it or leave it out",
                         (int)(q->segments[i].audience.n < 200 ? q->segments[i].audience.n : 200),
                         q->segments[i].audience.p, x->floor);
    }
    return rc;
}

static int say(const struct asked *x, uint32_t title, struct campaign *c, struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < c->is.n && rc == 0; i++) {
        const struct campaign_segment *s = &c->is.segments[i];
        char space[CAMPAIGN_WORDS_MAX * 4];
        struct str name;
        struct buf b;
        rc = lead_check(x->world.catalogue, title, s->kind, s->lead, &name, err);
        if (rc)
            break;
        name.n = name.n < CAMPAIGN_LEAD_MAX ? name.n : CAMPAIGN_LEAD_MAX;
        buf_over(&b, space, sizeof(space));
        lead_words(s->kind, name, &b);
        c->said[i] = arena_str(x->arena, buf_str(&b));
        if (!c->said[i].p)
            rc = mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    }
    return rc;
}

/* Dense id of a described title. */
static int find_title(const struct asked *x, struct str id, uint32_t *ret, struct mq_error *err)
{
    const struct catalogue *c = x->world.catalogue;
    for (uint32_t t = 0; t < c->n_titles; t++) {
        if (c->titles[t].described && str_eq(c->titles[t].id, id)) {
            *ret = t;
            return 0;
        }
    }
    return mq_fail(err, MQ_NOT_FOUND,
                   "title: %.*s: there is none of that id: give the id of a title", STR_ARG(id));
}

static int find_viewers(const struct asked *x, struct campaign *c, struct campaign_viewers *ret,
                        struct mq_error *err)
{
    uint32_t title = ID_NONE;
    int rc = find_title(x, c->is.title, &title, err);
    if (rc == 0)
        rc = say(x, title, c, err);
    if (rc == 0)
        rc = assign(x, &c->is, title, ret, err);
    c->is.floor = x->floor;
    return rc;
}

/* Under campaigns_lock, so that who is erased meanwhile is taken out of what is stored here. */
static int launch(struct mq_reader *r, const struct campaign_request *q, const char *who,
                  struct mq_error *err)
{
    struct mq_engine *e = r->engine;
    const char *texts[CAMPAIGN_SEGMENTS_MAX];
    struct campaign c = {.is = *q};
    struct campaign_viewers v = {.n = 0};
    struct asked x;
    for (size_t i = 0; i < q->n; i++)
        texts[i] = q->segments[i].audience.p;
    struct mq_audience_request a = {
        .expressions = texts, .n_expressions = q->n, .floor = q->floor, .who = who};
    int rc = audiences_begin(r, &a, audiences_need_follows(r, &a), &x, err);
    if (rc)
        return rc;
    rc = find_viewers(&x, &c, &v, err);
    audiences_end(r);
    if (rc == 0)
        rc = audiences_audit(e, "campaign launch", &a, 0, err);
    if (rc == 0)
        rc = may_launch(e, q->name, x.arena, err);
    c.launched_ms = engine_now(e, NULL);
    if (rc == 0)
        rc = put_viewers(e, q->name, &v, err);
    if (rc == 0)
        rc = put_definition(e, &c, err);
    if (rc == 0)
        rc = serve_running(e, err);
    campaign_viewers_release(&v);
    return rc;
}

int engine_campaign_launch(struct mq_reader *r, const struct campaign_request *q, const char *who,
                           struct mq_error *err)
{
    int rc = campaign_name_check(q->name, err);
    if (rc == 0 && q->n == 0)
        rc = mq_fail(err, MQ_INVALID, "segments: none: name at least one, as a plan does");
    if (rc)
        return rc;
    pthread_mutex_lock(&r->engine->campaigns_lock);
    rc = launch(r, q, who, err);
    pthread_mutex_unlock(&r->engine->campaigns_lock);
    return rc;
}

static int stop(struct mq_engine *e, struct str name, struct arena *arena, struct mq_error *err)
{
    struct campaign c;
    int rc = engine_campaign_get(e, name, arena, &c, err);
    if (rc == 0 && c.stopped_ms != 0)
        rc = mq_fail(err, MQ_CONFLICT, "campaign: %.*s: was stopped already", STR_ARG(name));
    if (rc)
        return rc;
    c.stopped_ms = engine_now(e, NULL);
    rc = put_definition(e, &c, err);
    return rc ? rc : serve_running(e, err);
}

int engine_campaign_stop(struct mq_engine *e, struct str name, struct mq_error *err)
{
    struct arena arena;
    if (arena_init(&arena, TEXT_MAX, 16 * TEXT_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    pthread_mutex_lock(&e->campaigns_lock);
    int rc = stop(e, name, &arena, err);
    pthread_mutex_unlock(&e->campaigns_lock);
    arena_release(&arena);
    return rc;
}

/* ---------------------------------------------------------------- forgetting */

struct names {
    char of[CAMPAIGNS_MAX][CAMPAIGN_NAME_MAX + 1];
    size_t n;
};

static int see_name(void *ctx, struct str key, struct str value)
{
    struct names *x = ctx;
    size_t before = strlen(VIEWERS_PREFIX);
    (void)value;
    if (x->n < CAMPAIGNS_MAX && key.n > before && key.n - before <= CAMPAIGN_NAME_MAX)
        snprintf(x->of[x->n++], CAMPAIGN_NAME_MAX + 1, "%.*s", (int)(key.n - before),
                 key.p + before);
    return 0;
}

static int forget_in(struct mq_engine *e, struct str name, uint32_t viewer, bool *changed,
                     struct mq_error *err)
{
    struct campaign_viewers v;
    bool there = false;
    int rc = campaign_viewers_get(e, name, &v, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < v.n; i++)
        there = roaring_bitmap_remove_checked(v.of[i], viewer) || there;
    if (there)
        rc = put_viewers(e, name, &v, err);
    campaign_viewers_release(&v);
    *changed = *changed || there;
    return rc;
}

int campaigns_forget(struct mq_engine *e, uint32_t viewer, struct mq_error *err)
{
    struct names *x = calloc(1, sizeof(*x));
    bool changed = false;
    if (!x)
        return mq_fail(err, MQ_NO_MEMORY, "campaigns: no memory");
    pthread_mutex_lock(&e->campaigns_lock);
    int rc = store_scan_values(e->store, STORE_META, STR(VIEWERS_PREFIX), see_name, x, err);
    for (size_t i = 0; i < x->n && rc == 0; i++)
        rc = forget_in(e, str_of(x->of[i]), viewer, &changed, err);
    if (rc == 0 && changed)
        rc = serve_running(e, err);
    pthread_mutex_unlock(&e->campaigns_lock);
    free(x);
    return rc;
}
