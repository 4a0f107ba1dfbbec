#include "recommend/reasons.h"

#include "base/clock.h"
#include "recommend/moment.h"
#include "recommend/order.h"
#include "recommend/pictures.h"

static const char *const role_before[ROLES] = {
    [ROLE_DIRECTOR] = "Directed by ", [ROLE_ACTOR] = "With ",
    [ROLE_PRODUCER] = "Produced by ", [ROLE_WRITER] = "Written by ",
    [ROLE_CREATOR] = "Created by ",
};

static const char *const role_between[ROLES] = {
    [ROLE_DIRECTOR] = ", directed by ", [ROLE_ACTOR] = " with ",
    [ROLE_PRODUCER] = ", produced by ", [ROLE_WRITER] = ", written by ",
    [ROLE_CREATOR] = ", created by ",
};

/* A small service's weights may be of popularity alone, until its viewers tell of more. */
static bool personal_order(const struct recommender *r)
{
    struct mix mix = ensemble_mix(r->w->model);
    return mix_personal(&mix);
}

/* ------------------------------------------------------------------ the context in words */

static void add_parts(struct words *w, const struct recommender *r, unsigned parts, bool now)
{
    static const char *const at_hour[DAYPARTS] = {"", " in the morning", " by day",
                                                  " in the evening", " late at night"};
    static const char *const this_hour[DAYPARTS] = {"", " this morning", " today", " this evening",
                                                    " tonight"};
    static const char *const on_device[DEVICES] = {
        "",
        " on TV",
        " on phones",
        " on tablets",
        " on computers",
        " on consoles",
        " on set-top boxes",
        " on casting devices",
        " on devices like yours",
    };
    enum daypart d = daypart_at(r->ask->at_ms, r->context.offset_min);
    if (parts & TREND_COUNTRY && r->context.country) {
        char country[3];
        country_text(r->context.country, country);
        buf_add_z(&w->b, " in ");
        buf_add_z(&w->b, country);
    }
    if (parts & TREND_DAYPART && d < DAYPARTS)
        buf_add_z(&w->b, (r->context.offset_min == OFFSET_NONE ? ""
                          : now                                ? this_hour[d]
                                                               : at_hour[d]));
    if (parts & TREND_DEVICE && r->context.device < DEVICES)
        buf_add_z(&w->b, on_device[r->context.device]);
}

/* The parts of the context in which at least half of the row's titles have enough counts. */
static unsigned row_parts(const struct recommender *r, const struct placed *items, size_t n)
{
    size_t votes[3] = {0};
    unsigned ret = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned parts = trend_chosen_parts(r->chosen[items[i].title]);
        for (unsigned p = 0; p < 3; p++)
            votes[p] += parts >> p & 1;
    }
    for (unsigned p = 0; p < 3; p++)
        ret |= votes[p] * 2 >= n && n > 0 ? 1u << p : 0;
    return ret;
}

/* The region as the request spells it, or the country's letters. */
static void words_place(const struct recommender *r, struct words *w, uint32_t part)
{
    char country[3];
    if (part == RISING_REGION) {
        words_name(w, r->context.region);
        return;
    }
    country_text(r->context.country, country);
    buf_add_z(&w->b, country);
}

/* ------------------------------------------------------------------ rows */

const char *row_name(struct recommender *r, const struct shelf *s, const struct placed *items,
                     size_t n)
{
    static const char *const more[TOP_ROWS] = {"Top picks for you", "More for you",
                                               "Even more for you"};
    struct words w;
    words_init(&w);
    switch (s->kind) {
    case SHELF_CONTINUE:
        return "Continue watching";
    case SHELF_TOP:
        return more[s->key < TOP_ROWS ? s->key : 0];
    case SHELF_BECAUSE:
        buf_add_z(&w.b, "Because you ");
        buf_add_z(&w.b, words_verb(r, s->evidence, 1));
        buf_add_char(&w.b, ' ');
        words_name(&w, title_row(r, s->key)->name);
        break;
    case SHELF_MOOD:
        return moment_row_name(r, s->key);
    case SHELF_POPULAR: {
        unsigned parts = r->has_trend ? row_parts(r, items, n) : 0;
        if (!parts)
            return r->has_trend ? "Popular now" : "Popular";
        buf_add_z(&w.b, "Popular");
        add_parts(&w, r, parts, true);
        break;
    }
    case SHELF_RISING:
        buf_add_z(&w.b, "Rising now in ");
        words_place(r, &w, s->key);
        break;
    case SHELF_NEW:
        return "New";
    case SHELF_PERSON:
        buf_add_z(&w.b, role_before[s->role]);
        words_name(&w, r->w->catalogue->people[s->key].name);
        break;
    case SHELF_GENRE:
    case SHELF_KINDS:
        words_name(&w, r->w->catalogue->genres[s->key]);
        if (s->personal)
            buf_add_z(&w.b, " for you");
        break;
    }
    return words_keep(r, &w);
}

static const char *person_row_reason(struct recommender *r, const struct shelf *s)
{
    struct words w;
    words_init(&w);
    if (s->n_evidence == 0) {
        buf_add_z(&w.b, "You liked ");
        buf_add_u64(&w.b, s->n_behind);
        buf_add_z(&w.b, " titles like these");
    } else {
        buf_add_z(&w.b, "You ");
        buf_add_z(&w.b, words_verb(r, s->evidence, s->n_evidence));
        buf_add_char(&w.b, ' ');
        words_titles(r, &w, s->evidence, s->n_evidence);
    }
    return words_keep(r, &w);
}

static const char *genre_row_reason(struct recommender *r, const struct shelf *s)
{
    struct words w;
    words_init(&w);
    if (s->personal) {
        buf_add_u64(&w.b, s->n_behind);
        buf_add_z(&w.b, " of the titles you liked are ");
    } else {
        buf_add_z(&w.b, "What others choose in ");
    }
    words_name(&w, r->w->catalogue->genres[s->key]);
    return words_keep(r, &w);
}

const char *row_reason(struct recommender *r, const struct shelf *s)
{
    switch (s->kind) {
    case SHELF_CONTINUE:
        return "You started these and did not finish them, or the next episode is waiting";
    case SHELF_TOP:
        if (r->has_taste && !personal_order(r))
            return order_learnt(r) ? "What most viewers chose, and what suits this moment"
                                   : "What most viewers chose, without what you know";
        return order_learnt(r)
                   ? "Your taste, from all that you watched and rated, and what suits this moment"
                   : "In the order of your taste, from all that you watched and rated";
    case SHELF_BECAUSE:
        return r->has_taste && !personal_order(r)
                   ? "Chosen by the same viewers, the most chosen ones first"
                   : "Chosen by the same viewers, in the order of your taste";
    case SHELF_MOOD:
        return moment_row_reason(r);
    case SHELF_POPULAR:
        return r->has_trend ? "What viewers choose now; the same for everyone in this context"
                            : "What most viewers chose; the same for everyone";
    case SHELF_RISING:
        return "Chosen far more often in these minutes than is usual there; the same for everyone "
               "there";
    case SHELF_NEW:
        return r->has_taste && personal_order(r) ? "New titles, in the order of your taste"
                                                 : "New titles, the most chosen ones first";
    case SHELF_PERSON:
        return person_row_reason(r, s);
    case SHELF_GENRE:
    case SHELF_KINDS:
        break;
    }
    return genre_row_reason(r, s);
}

/* ------------------------------------------------------------------ items */

void item_fill(const struct recommender *r, uint32_t title, double score, struct mq_item *ret)
{
    const struct title_row *row = title_row(r, title);
    *ret = (struct mq_item){
        .title = row->id.p,
        .name = row->name.p,
        .title_number = title,
        .propensity = NAN,
        .year = row->year,
        .score = score,
        .reason.text = "",
    };
    picture_choose(r, title, ret);
}

static void add_clock(struct words *w, uint32_t seconds)
{
    buf_add_u64(&w->b, seconds / 3600);
    buf_add_char(&w->b, ':');
    buf_add_char(&w->b, (char)('0' + seconds / 600 % 6));
    buf_add_char(&w->b, (char)('0' + seconds / 60 % 10));
}

static const char *continue_text(struct recommender *r, uint32_t title)
{
    struct words w;
    const struct title_signal *s = profile_signal(r->profile, (struct title_id){title});
    uint32_t runtime_s = title_row(r, title)->runtime_min * 60u;
    words_init(&w);
    buf_add_z(&w.b, "You left it at ");
    add_clock(&w, s ? s->position_s : 0);
    if (runtime_s > 0) {
        buf_add_z(&w.b, " of ");
        add_clock(&w, runtime_s);
    }
    return words_keep(r, &w);
}

static const char *next_text(struct recommender *r, uint32_t before)
{
    struct words w;
    words_init(&w);
    buf_add_z(&w.b, "Next after ");
    words_name(&w, title_row(r, before)->name);
    buf_add_z(&w.b, ", which you finished");
    return words_keep(r, &w);
}

enum { RECENT_CHOICES = 5 };

static const char *popular_text(struct recommender *r, uint32_t title)
{
    struct words w;
    unsigned parts = trend_chosen_parts(r->chosen[title]);
    words_init(&w);
    uint32_t n = trend_chosen_count(r->chosen[title]);
    /* Fewer say nothing about now: what all viewers chose so far says more. */
    if (n >= RECENT_CHOICES) {
        buf_add_z(&w.b, "Chosen ");
        buf_add_u64(&w.b, n);
        buf_add_z(&w.b, " times");
        add_parts(&w, r, parts, false);
        buf_add_z(&w.b, " in the last four weeks");
        return words_keep(r, &w);
    }
    const struct model *m = r->w->model;
    if (m && title < m->n_titles && m->popularity[title] >= 1) {
        buf_add_z(&w.b, "Chosen by ");
        buf_add_u64(&w.b, (uint64_t)m->popularity[title]);
        buf_add_z(&w.b, m->popularity[title] < 2 ? " viewer" : " viewers");
        return words_keep(r, &w);
    }
    return "Often chosen in the past";
}

/* "Chosen by 23 viewers in GB in the last 12 minutes, where 2 are usual". */
static const char *rising_text(struct recommender *r, uint32_t part, uint32_t title)
{
    struct words w;
    const struct rising_title *t = rising_of(r, part, title);
    words_init(&w);
    if (!t)
        return "";
    buf_add_z(&w.b, "Chosen by ");
    buf_add_u64(&w.b, t->chosen);
    buf_add_z(&w.b, " viewers in ");
    words_place(r, &w, part);
    buf_add_z(&w.b, " in the last ");
    buf_add_u64(&w.b, t->minutes);
    buf_add_z(&w.b, " minutes, where ");
    if (t->usual < 0.95f)
        buf_add_z(&w.b, "fewer than one is usual");
    else
        buf_printf(&w.b, "%.0f %s usual", (double)t->usual, t->usual < 1.5f ? "is" : "are");
    return words_keep(r, &w);
}

static const char *new_text(struct recommender *r, uint32_t title)
{
    struct words w;
    const struct title_row *row = title_row(r, title);
    words_init(&w);
    if (row->release_day != TITLE_NO_DATE) {
        int64_t year;
        unsigned month, day;
        time_civil_from_days(row->release_day, &year, &month, &day);
        buf_printf(&w.b, "Released on %04d-%02u-%02u", (int)year, month, day);
    } else {
        buf_add_z(&w.b, "From ");
        buf_add_i64(&w.b, row->year);
    }
    return words_keep(r, &w);
}

/* "Because you liked Zodiac and Se7en[, directed by David Fincher]". */
static const char *because_text(struct recommender *r, const struct shelf *s,
                                const struct placed *p)
{
    struct words w;
    words_init(&w);
    buf_add_z(&w.b, "Because you ");
    buf_add_z(&w.b, words_verb(r, p->evidence, p->n_evidence));
    buf_add_char(&w.b, ' ');
    words_titles(r, &w, p->evidence, p->n_evidence);
    if (s->kind == SHELF_PERSON) {
        buf_add_z(&w.b, role_between[s->role]);
        words_name(&w, r->w->catalogue->people[s->key].name);
    }
    return words_keep(r, &w);
}

static void set_evidence(struct recommender *r, struct mq_item *item, struct placed *p,
                         const struct title_id *titles, const float *shares, size_t n)
{
    const struct mq_evidence *named = n > 0 ? evidence_named(r, titles, shares, n) : NULL;
    p->n_evidence = named ? n : 0;
    if (named)
        memcpy(p->evidence, titles, n * sizeof(*titles));
    item->reason.evidence = named;
    item->reason.n_evidence = p->n_evidence;
}

/* What the model does not know stands there because others choose it, or because it is new. */
static void fill_unknown(struct recommender *r, struct mq_item *item, struct placed *p)
{
    bool popular = trend_chosen_count(r->chosen[p->title]) >= RECENT_CHOICES;
    item->reason.kind = popular ? MQ_REASON_POPULAR : MQ_REASON_NEW;
    item->reason.text = popular ? popular_text(r, p->title) : new_text(r, p->title);
    set_evidence(r, item, p, NULL, NULL, 0);
}

static void fill_known(struct recommender *r, const struct shelf *s, const struct field *f,
                       size_t at, struct mq_item *item, struct placed *p)
{
    struct evidence e;
    evidence_choose(r, f, at, f->genre, &e);
    item->reason.kind = s->kind == SHELF_GENRE ? MQ_REASON_GENRE : MQ_REASON_TASTE;
    if (e.n == 0 && f->genre != GENRE_ANY) {
        evidence_choose(r, f, at, GENRE_ANY, &e);
        item->reason.kind = MQ_REASON_TASTE;
    }
    set_evidence(r, item, p, e.title, e.share, e.n);
    if (e.n == 0 && !personal_order(r)) {
        item->reason.kind = MQ_REASON_POPULAR;
        item->reason.text = popular_text(r, p->title);
        return;
    }
    item->reason.text = e.n > 0 ? because_text(r, s, p)
                                : "Fits all that you watched and rated; no single title carries it";
}

/* Rows in the order of taste: evidence is looked for item by item among all that compete for places and that the model knows.
 * In a genre's row titles of the genre are named where they carry the item, else whichever do. */
static void fill_taste(struct recommender *r, const struct shelf *s, const uint32_t *at,
                       struct mq_item *items, struct placed *placed, size_t n)
{
    struct field f;
    uint8_t genre = s->kind == SHELF_GENRE ? (uint8_t)s->key : GENRE_ANY;
    struct topk_item *list = ARENA_ARRAY(&r->arena, s->n, struct topk_item);
    uint32_t *place = ARENA_ARRAY(&r->arena, s->n, uint32_t); /* of the shelf's titles in that */
    uint32_t *explained = ARENA_ARRAY(&r->arena, n, uint32_t);
    size_t known = 0, n_explained = 0;
    if (!list || !place || !explained)
        return;
    for (size_t i = 0; i < s->n; i++) {
        place[i] = (uint32_t)known;
        if (title_known(r, s->list[i].index))
            list[known++] = s->list[i];
    }
    for (size_t i = 0; i < n; i++)
        if (title_known(r, placed[i].title))
            explained[n_explained++] = place[at[i]];
    field_init(r, &f, list, known, genre, explained, n_explained);
    for (size_t i = 0; i < n; i++) {
        if (title_known(r, placed[i].title))
            fill_known(r, s, &f, place[at[i]], &items[i], &placed[i]);
        else
            fill_unknown(r, &items[i], &placed[i]);
    }
}

static void fill_ground(struct recommender *r, const struct shelf *s, struct mq_item *item,
                        struct placed *p)
{
    set_evidence(r, item, p, s->evidence, NULL, s->n_evidence);
    if (p->n_evidence > 0)
        item->reason.text = because_text(r, s, p);
    else
        item->reason.text = row_reason(r, s);
}

static void fill_one(struct recommender *r, const struct shelf *s, struct mq_item *item,
                     struct placed *p)
{
    struct title_id title = {p->title};
    if (s->kind == SHELF_CONTINUE) {
        const struct title_signal *before = resume_before(r, title.v);
        const struct title_signal *left = profile_signal(r->profile, title);
        item->reason.kind = MQ_REASON_CONTINUE;
        item->position_ms = before || !left ? 0 : left->position_s * INT64_C(1000);
        set_evidence(r, item, p, before ? &before->title : &title, NULL, 1);
        item->reason.text = before ? next_text(r, before->title.v) : continue_text(r, title.v);
    } else if (s->kind == SHELF_MOOD) {
        item->reason.kind = MQ_REASON_MOOD;
        item->reason.text = moment_title_reason(r, s->key, title.v);
    } else if (s->kind == SHELF_RISING) {
        item->reason.kind = MQ_REASON_RISING;
        item->reason.text = rising_text(r, s->key, title.v);
    } else if (s->kind == SHELF_NEW) {
        item->reason.kind = MQ_REASON_NEW;
        item->reason.text = new_text(r, title.v);
    } else if (s->kind == SHELF_BECAUSE || s->kind == SHELF_PERSON || s->personal) {
        item->reason.kind = s->kind == SHELF_BECAUSE  ? MQ_REASON_SIMILAR
                            : s->kind == SHELF_PERSON ? MQ_REASON_PERSON
                                                      : MQ_REASON_GENRE;
        fill_ground(r, s, item, p);
    } else {
        item->reason.kind = MQ_REASON_POPULAR;
        item->reason.text = popular_text(r, title.v);
    }
}

void reasons_fill(struct recommender *r, const struct shelf *s, const uint32_t *at,
                  struct mq_item *items, struct placed *placed, size_t n)
{
    if (s->kind == SHELF_TOP || (s->personal && r->has_taste)) {
        fill_taste(r, s, at, items, placed, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        fill_one(r, s, &items[i], &placed[i]);
}
