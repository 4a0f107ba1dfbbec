#include "recommend/features.h"

#include <math.h>

#include "recommend/order.h"
#include "recommend/scores.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

const char *feature_name(unsigned feature)
{
    static const char *const names[] = {
#define FEATURE_NAME(code, name) name,
        FEATURE_TABLE(FEATURE_NAME)
#undef FEATURE_NAME
    };
    return feature < INGREDIENTS ? ingredient_name((enum ingredient)feature)
           : feature < FEATURES  ? names[feature - INGREDIENTS]
                                 : "";
}

static float mass_of(const struct recommender *r, uint32_t t)
{
    float mass = title_mass(r, t);
    return mass > 0 ? log1pf(mass) : 0;
}

struct mean {
    double sum, weight;
};

static void mean_add(struct mean *m, double value, double weight)
{
    m->sum += value * weight;
    m->weight += weight;
}

static float mean_of(const struct mean *m)
{
    return m->weight > 0 ? (float)(m->sum / m->weight) : NAN;
}

static void add_language(struct features *f, struct str language, float weight)
{
    size_t i = 0;
    if (language.n == 0)
        return;
    while (i < f->n_languages && !str_eq(f->language[i], language))
        i++;
    if (i == sizeof(f->language) / sizeof(f->language[0]))
        return;
    f->n_languages += i == f->n_languages;
    f->language[i] = language;
    f->language_share[i] += weight;
}

/* What is liked, summed up. */
static void sum_likes(struct features *f)
{
    const struct recommender *r = f->r;
    struct mean popularity = {0}, runtime = {0}, year = {0};
    double all = 0;
    for (size_t i = 0; i < r->n_liked; i++) {
        const struct liked *l = &r->liked[i];
        const struct title_row *row = title_row(r, l->title.v);
        float w = l->preference * l->weight;
        all += (double)w;
        mean_add(&popularity, (double)mass_of(r, l->title.v), (double)w);
        if (row->runtime_min > 0)
            mean_add(&runtime, row->runtime_min, (double)w);
        if (row->year > 0)
            mean_add(&year, row->year, (double)w);
        for (uint64_t g = row->genres; g; g &= g - 1)
            f->genre[__builtin_ctzll(g)] += w;
        add_language(f, row->language, w);
    }
    for (size_t g = 0; all > 0 && g < CATALOGUE_GENRES_MAX; g++)
        f->genre[g] = (float)((double)f->genre[g] / all);
    for (size_t i = 0; i < f->n_languages; i++)
        f->language_share[i] = (float)((double)f->language_share[i] / all);
    f->popularity = mean_of(&popularity);
    f->runtime = mean_of(&runtime);
    f->year = mean_of(&year);
}

/* How much of what this viewer does falls into this hour and onto this device; a half-known context counts all that fits. */
static float habit_of(const struct profile *p, unsigned daypart, unsigned device)
{
    double here = 0, all = 0;
    for (unsigned d = 0; d < DAYPARTS; d++)
        for (unsigned v = 0; v < DEVICES; v++) {
            all += p->habits[d][v];
            bool fits =
                (daypart == DAYPART_NONE || d == daypart) && (device == DEVICE_NONE || v == device);
            here += fits ? p->habits[d][v] : 0;
        }
    return all > 0 ? (float)(here / all) : NAN;
}

static unsigned daypart_of(const struct recommender *r)
{
    return r->context.offset_min == OFFSET_NONE
               ? DAYPART_NONE
               : (unsigned)daypart_at(r->ask->at_ms, r->context.offset_min);
}

void features_begin(const struct recommender *r, struct features *ret)
{
    *ret = (struct features){.r = r, .habit = NAN, .idle = NAN, .weekend = NAN};
    sum_likes(ret);
    if (r->profile && r->profile->events > 0) {
        ret->habit = habit_of(r->profile, daypart_of(r), r->context.device);
        int64_t idle = r->ask->at_ms - r->profile->last_ms;
        ret->idle = (float)((double)(idle > 0 ? idle : 0) / (double)DAY_MS);
    }
    if (r->context.offset_min != OFFSET_NONE)
        ret->weekend = weekend_at(r->ask->at_ms, r->context.offset_min);
}

static void of_record(const struct features *f, const struct title_row *row, float *x)
{
    const struct recommender *r = f->r;
    float sum = 0, best = 0;
    unsigned n = 0;
    for (uint64_t g = row->genres; g; g &= g - 1, n++) {
        float liking = f->genre[__builtin_ctzll(g)];
        sum += liking;
        best = liking > best ? liking : best;
    }
    x[FEATURE_GENRE_MEAN] = n > 0 ? sum / (float)n : NAN;
    x[FEATURE_GENRE_BEST] = n > 0 ? best : NAN;
    x[FEATURE_RUNTIME] = row->runtime_min > 0 ? row->runtime_min : NAN;
    x[FEATURE_RUNTIME_OVER_OWN] = x[FEATURE_RUNTIME] - f->runtime;
    x[FEATURE_YEAR_OVER_OWN] = row->year > 0 ? (float)row->year - f->year : NAN;
    x[FEATURE_AGE] = row->age == AGE_UNKNOWN ? NAN : row->age;
    x[FEATURE_KIND] = row->kind;
    x[FEATURE_COUNTRY] =
        r->context.country && row->country ? row->country == r->context.country : NAN;
    x[FEATURE_LANGUAGE] = row->language.n > 0 && f->n_languages > 0 ? 0 : NAN;
    for (size_t i = 0; i < f->n_languages; i++)
        if (str_eq(f->language[i], row->language))
            x[FEATURE_LANGUAGE] = f->language_share[i];
    int64_t today = r->ask->at_ms / DAY_MS;
    x[FEATURE_RELEASED] =
        row->release_day > INT32_MIN && row->release_day != 0
            ? log1pf((float)(today > row->release_day ? today - row->release_day : 0))
            : NAN;
}

static void of_history(const struct features *f, uint32_t title, float *x)
{
    const struct recommender *r = f->r;
    const struct title_signal *s =
        r->profile ? profile_signal(r->profile, (struct title_id){title}) : NULL;
    x[FEATURE_LISTED] = s && s->flags & SIGNAL_LISTED;
    x[FEATURE_TRIED] = 0;
    if (s && s->runtime_min > 0)
        x[FEATURE_TRIED] = (float)s->content_s / (60.0f * (float)s->runtime_min);
    x[FEATURE_LIKED] = log1pf((float)r->n_liked);
    x[FEATURE_HABIT] = f->habit;
    x[FEATURE_IDLE] = f->idle;
}

static void of_moment(const struct recommender *r, uint32_t title, float *x)
{
    float part[ORDER_PARTS], sum = 0;
    order_parts(r, title, part);
    x[FEATURE_MOMENT] = part[ORDER_MOMENT];
    x[FEATURE_ON_DEVICE] = part[ORDER_DEVICE];
    x[FEATURE_HABITS] = part[ORDER_HABITS];
    x[FEATURE_LAST] = part[ORDER_LAST];
    x[FEATURE_MOOD] = part[ORDER_MOOD];
    for (int i = 0; i < ORDER_PARTS && order_learnt(r); i++)
        sum += r->w->model->order->weight[i] * part[i];
    x[FEATURE_ORDER] = order_learnt(r) ? sum : NAN;
}

float features_base(const float *x)
{
    float base = isnan(x[FEATURE_ORDER]) ? x[FEATURE_BLEND] : x[FEATURE_ORDER];
    return isnan(base) ? -1e9f : base;
}

void features_of(const struct features *f, uint32_t title, float *x)
{
    const struct recommender *r = f->r;
    struct title_scores s = scores_of(r, title);
    bool scored = r->has_taste && r->w->model && title < r->w->model->n_titles;
    for (unsigned i = 0; i < INGREDIENTS; i++)
        x[i] = scored && r->part[i] ? s.part[i] : NAN;
    x[FEATURE_BLEND] = r->has_taste ? s.blend : NAN;
    x[FEATURE_TREND] = log1pf(s.trend > 0 ? s.trend : 0);
    x[FEATURE_CHOSEN] = log1pf((float)trend_chosen_count(r->chosen[title]));
    x[FEATURE_POPULARITY] = mass_of(r, title);
    x[FEATURE_POPULARITY_OVER_OWN] = x[FEATURE_POPULARITY] - f->popularity;
    of_record(f, title_row(r, title), x);
    of_history(f, title, x);
    unsigned daypart = daypart_of(r);
    x[FEATURE_DAYPART] = daypart == DAYPART_NONE ? NAN : (float)daypart;
    x[FEATURE_DEVICE] = r->context.device == DEVICE_NONE ? NAN : (float)r->context.device;
    x[FEATURE_WEEKEND] = f->weekend;
    of_moment(r, title, x);
}
