#include "recommend/filters.h"

#include "recommend/reasons.h"
#include "recommend/rules_match.h"

static size_t count(const struct recommender *r, const uint64_t *bits)
{
    size_t n = 0;
    for (size_t w = 0; w < r->words; w++)
        n += (size_t)__builtin_popcountll(bits[w]);
    return n;
}

/* One more filter: `pass` (words) lets its bits through; what it takes away goes into `out`. */
static void step(struct recommender *r, const char *name, struct str text, const uint64_t *pass,
                 uint64_t *out)
{
    struct filter_step *s = &r->step[r->n_steps];
    if (r->n_steps == FILTER_STEPS_MAX)
        return;
    *s = (struct filter_step){.name = name, .text = text};
    for (size_t w = 0; w < r->words; w++) {
        uint64_t takes = r->left[w] & ~pass[w];
        s->removed += (size_t)__builtin_popcountll(takes);
        s->alone += (size_t)__builtin_popcountll(r->base[w] & pass[w]);
        r->left[w] &= pass[w];
        out[w] |= ~pass[w];
    }
    r->n_steps++;
}

/* ------------------------------------------------------------------ rights and rules */

static void apply_availability(struct recommender *r)
{
    country_code country = r->ask->context.country;
    if (country == 0 && r->ask->profile)
        country = r->ask->profile->country;
    if (!r->d->any_window)
        return;
    memset(r->skip, 0xff, r->words * sizeof(uint64_t));
    for (size_t w = 0; w < r->words; w++) {
        for (uint64_t b = r->d->windowed[w]; b; b &= b - 1) {
            uint32_t t = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(b);
            if (!title_available(title_row(r, t), r->ask->at_ms, country))
                r->skip[w] &= ~(b & -b);
        }
    }
    step(r, "availability", STR_NONE, r->skip, r->barred);
}

static void apply_rules(struct recommender *r)
{
    const struct rules *rules = r->ask->rules;
    for (size_t i = 0; rules && i < rules->n; i++) {
        const struct rule *rule = &rules->rule[i];
        if (rule->kind > RULE_EXCLUDE)
            continue;
        rule_match(r, rule, r->skip);
        for (size_t w = 0; rule->kind == RULE_EXCLUDE && w < r->words; w++)
            r->skip[w] = ~r->skip[w];
        step(r, rule_kind_name((enum rule_kind)rule->kind), rule->text, r->skip, r->barred);
    }
}

static void apply_boosts(struct recommender *r)
{
    const struct rules *rules = r->ask->rules;
    r->has_boost = rules && rules->n_of[RULE_BOOST] > 0;
    if (!r->has_boost)
        return;
    for (uint32_t t = 0; t < r->n_titles; t++)
        r->boost[t] = 1;
    for (size_t i = 0; i < rules->n; i++) {
        if (rules->rule[i].kind != RULE_BOOST)
            continue;
        rule_match(r, &rules->rule[i], r->skip);
        for (size_t w = 0; w < r->words; w++) {
            for (uint64_t b = r->skip[w]; b; b &= b - 1)
                r->boost[w * 64 + (size_t)__builtin_ctzll(b)] *= rules->rule[i].factor;
        }
    }
}

float filters_boosted(const struct recommender *r, uint32_t title, float score)
{
    if (!r->has_boost)
        return score;
    return score > 0 ? score * r->boost[title] : score / r->boost[title];
}

/* ------------------------------------------------------------------ the viewer's own */

static bool is_watched(const struct title_signal *s)
{
    return s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED) || s->rating > 0 || s->thumb != 0;
}

static bool is_hidden(const struct title_signal *s)
{
    return s->flags & SIGNAL_HIDDEN;
}

static void apply_signals(struct recommender *r, const char *name,
                          bool (*takes)(const struct title_signal *))
{
    const struct profile *p = r->ask->profile;
    bool any = false;
    memset(r->skip, 0xff, r->words * sizeof(uint64_t));
    for (uint32_t i = 0; p && i < p->n; i++) {
        uint32_t t = p->signals[i].title.v;
        if (t < r->n_titles && takes(&p->signals[i])) {
            r->skip[t / 64] &= ~(UINT64_C(1) << (t % 64));
            any = true;
        }
    }
    if (any)
        step(r, name, STR_NONE, r->skip, r->seen);
}

/* What follows a watched episode is no discovery: it stands under Continue (resume.c), and nowhere else. */
static void apply_series(struct recommender *r)
{
    const struct profile *p = r->ask->profile;
    bool any = false;
    memset(r->skip, 0xff, r->words * sizeof(uint64_t));
    for (uint32_t i = 0; p && i < p->n; i++) {
        const struct title_signal *s = &p->signals[i];
        if (s->title.v >= r->n_titles || !is_watched(s))
            continue;
        uint32_t next = title_row(r, s->title.v)->next_episode.v;
        for (; next < r->n_titles && bit_get(r->skip, next);
             next = title_row(r, next)->next_episode.v) {
            r->skip[next / 64] &= ~(UINT64_C(1) << (next % 64));
            any = true;
        }
    }
    if (any)
        step(r, "series", STR_NONE, r->skip, r->seen);
}

/* Shown often and never played: a list entry or a rating is interest. */
static void apply_fatigue(struct recommender *r)
{
    unsigned most = r->ask->rules ? r->ask->rules->fatigue : FATIGUE_USUAL;
    bool any = false;
    if (most == 0 || r->ask->no_profiling)
        return;
    memset(r->skip, 0xff, r->words * sizeof(uint64_t));
    for (size_t i = 0; i < r->ask->n_shown; i++) {
        const struct shown_title *s = &r->ask->shown[i];
        if (s->times < most || s->title.v >= r->n_titles)
            continue;
        if (r->ask->profile && profile_signal(r->ask->profile, s->title))
            continue;
        r->skip[s->title.v / 64] &= ~(UINT64_C(1) << (s->title.v % 64));
        any = true;
    }
    if (any)
        step(r, "fatigue", STR_NONE, r->skip, r->seen);
}

/* ------------------------------------------------------------------ all */

void filters_apply(struct recommender *r, const uint64_t *base)
{
    size_t bytes = r->words * sizeof(uint64_t);
    r->n_steps = 0;
    memcpy(r->barred, r->d->undescribed, bytes);
    for (size_t w = 0; w < r->words; w++)
        r->base[w] = base ? base[w] : ~r->d->undescribed[w];
    if (r->n_titles % 64 != 0)
        r->base[r->words - 1] &= (UINT64_C(1) << (r->n_titles % 64)) - 1;
    memcpy(r->left, r->base, bytes);
    apply_availability(r);
    apply_rules(r);
    memcpy(r->seen, r->barred, bytes);
    if (!base) { /* who names titles wants those, seen or not */
        apply_signals(r, "hidden", is_hidden);
        if (!r->ask->rules || !r->ask->rules->with_seen)
            apply_signals(r, "seen", is_watched);
        apply_series(r);
        apply_fatigue(r);
    }
    apply_boosts(r);
}

static void add_step(struct words *w, const struct filter_step *s)
{
    buf_add_z(&w->b, s->name);
    if (s->text.n == 0)
        return;
    buf_add_char(&w->b, ' ');
    words_name(w, s->text);
}

/* Those that leave nothing whatever the others do; failing such, the one that took the last. */
static const char *note(struct recommender *r)
{
    struct words w;
    size_t named = 0;
    words_init(&w);
    if (count(r, r->base) == 0) {
        buf_add_z(&w.b, "Nothing is left: there is no title to choose from");
        return words_keep(r, &w);
    }
    buf_add_z(&w.b, "Nothing is left: ");
    for (size_t i = 0; i < r->n_steps && named < 3; i++) {
        if (r->step[i].alone > 0)
            continue;
        buf_add_z(&w.b, named++ ? ", " : "no title passes ");
        add_step(&w, &r->step[i]);
    }
    for (size_t i = r->n_steps; named == 0 && i-- > 0;) {
        if (r->step[i].removed == 0)
            continue;
        add_step(&w, &r->step[i]);
        buf_printf(&w.b, " took away the last %zu", r->step[i].removed);
        named++;
    }
    return words_keep(r, &w);
}

const struct mq_filters *filters_report(struct recommender *r)
{
    size_t left = count(r, r->left);
    if (left > 0 && (!r->ask->rules || r->ask->rules->n == 0))
        return NULL;
    struct mq_filters *f = ARENA_ARRAY(&r->arena, 1, struct mq_filters);
    struct mq_filter *steps = ARENA_ARRAY(&r->arena, r->n_steps, struct mq_filter);
    if (!f || !steps)
        return NULL;
    for (size_t i = 0; i < r->n_steps; i++) {
        struct words w;
        words_init(&w);
        add_step(&w, &r->step[i]);
        steps[i] = (struct mq_filter){words_keep(r, &w), r->step[i].removed, r->step[i].alone};
    }
    *f = (struct mq_filters){.titles = count(r, r->base),
                             .left = left,
                             .steps = steps,
                             .n_steps = r->n_steps,
                             .note = left > 0 ? NULL : note(r)};
    return f;
}
