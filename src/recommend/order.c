#include "recommend/order.h"

#include <math.h>

#include "math/curves.h"
#include "recommend/filters.h"

enum {
    LATELY = 64,      /* places of r->ranked that are kept for what is chosen lately */
    USUAL_LEAST = 16, /* of them that the model knows */
    WELL_KNOWN = 20,  /* choices in training from which on the model's own word is taken */
    NEW_DAYS = 365,   /* after its release a title is new */
};
static const float spread = 10;
static const float trend_floor = 0.1f; /* a title that nobody chose is not impossible */

bool order_learnt(const struct recommender *r)
{
    const struct model *m = r->w->model;
    return r->has_taste && m && m->order && m->order->version == ORDER_VERSION &&
           m->order->blend == (m->blend.n > 0);
}

/* ------------------------------------------------------------------ parts */

static const float no_words[MOOD_WORDS];

static float mood_part(const struct recommender *r, uint64_t genres, uint16_t runtime)
{
    const struct moment *now = &r->moment;
    return now->moods ? mood_lift(&r->w->model->moods->model, &now->view, genres, runtime) : 0;
}

static float trend_part(const struct recommender *r, uint32_t t)
{
    return logf((r->trend[t] > 0 ? r->trend[t] : 0) + trend_floor);
}

/* Of a title that the model knows little of: drawn up to what others have that are chosen as much. */
static float drawn_up(float own, float usual, float mass)
{
    return usual > own ? own + (usual - own) * (1 - mass / WELL_KNOWN) : own;
}

static float popularity_part(const struct recommender *r, uint32_t t)
{
    const struct order_usual *u = &r->usual;
    float mass = title_mass(r, t), own = curve_log1p(mass);
    if (!u->known || mass >= WELL_KNOWN)
        return own;
    return drawn_up(own, u->popularity + u->popularity_slope * trend_part(r, t), mass);
}

static float score_part(const struct recommender *r, uint32_t t)
{
    const struct order_usual *u = &r->usual;
    float mass = title_mass(r, t), own = r->score[t];
    if (!u->known || mass >= WELL_KNOWN)
        return own;
    return drawn_up(own, u->score + u->score_slope * trend_part(r, t), mass);
}

static bool is_new(const struct recommender *r, uint32_t t)
{
    int64_t day = r->d->release_day[t], today = request_day(r);
    return day != TITLE_NO_DATE && day <= today && day > today - NEW_DAYS;
}

/* Interest in what is new falls as a power of its age, from a level of its own: is_new. */
static float new_part(const struct recommender *r, uint32_t t)
{
    return is_new(r, t) ? logf((float)NEW_DAYS / (float)(request_day(r) - r->d->release_day[t] + 1))
                        : 0;
}

static float unknown_part(const struct recommender *r, uint32_t t)
{
    return title_mass(r, t) > 0 ? 0.0f : 1.0f;
}

/* ------------------------------------------------------------------ who comes into question */

static size_t best_by_score(struct recommender *r, const float *score, size_t most)
{
    for (uint32_t t = 0; r->has_boost && t < r->n_titles; t++)
        r->boosted[t] = filters_boosted(r, t, score[t]);
    score = r->has_boost ? r->boosted : score;
    return most ? topk_select(score, r->n_titles, r->seen, most, r->ranked) : 0;
}

/* A line through points. */
struct line {
    double n, x, y, xx, xy;
};

static void line_add(struct line *l, double x, double y)
{
    l->n += 1;
    l->x += x;
    l->y += y;
    l->xx += x * x;
    l->xy += x * y;
}

/* A title chosen more lately is not worth less. */
static void line_fit(const struct line *l, float *ret_at, float *ret_slope)
{
    double spread_x = l->xx - l->x * l->x / l->n;
    double slope = spread_x > 1e-6 ? (l->xy - l->x * l->y / l->n) / spread_x : 0;
    slope = slope > 0 ? slope : 0;
    *ret_slope = (float)slope;
    *ret_at = (float)((l->y - slope * l->x) / l->n);
}

/* What titles that are chosen as much lately have by way of score and popularity, learnt from those that the model knows well. */
static void find_usual(struct recommender *r, const struct topk_item *lately, size_t n)
{
    struct line score = {.n = 0}, popularity = {.n = 0};
    r->usual = (struct order_usual){.known = false};
    for (size_t i = 0; i < n; i++) {
        uint32_t t = lately[i].index;
        float mass = title_mass(r, t);
        if (mass < WELL_KNOWN)
            continue;
        line_add(&score, (double)trend_part(r, t), (double)r->score[t]);
        line_add(&popularity, (double)trend_part(r, t), (double)curve_log1p(mass));
    }
    if (score.n < USUAL_LEAST)
        return;
    line_fit(&score, &r->usual.score, &r->usual.score_slope);
    line_fit(&popularity, &r->usual.popularity, &r->usual.popularity_slope);
    r->usual.known = true;
}

/* What is chosen lately comes into question whatever the model says of it. */
static void add_lately(struct recommender *r, size_t most)
{
    const struct topk_item *lately = r->lately;
    size_t n = topk_select(r->trend, r->n_titles, r->seen,
                           r->n_titles < LATELY_KEPT ? r->n_titles : LATELY_KEPT, r->lately);
    r->n_lately = n;
    find_usual(r, lately, n);
    memset(r->skip, 0, r->words * sizeof(uint64_t));
    for (size_t k = 0; k < r->n_ranked; k++)
        bit_set(r->skip, r->ranked[k].index);
    for (size_t i = 0; i < n && most > 0; i++) {
        if (bit_get(r->skip, lately[i].index))
            continue;
        r->ranked[r->n_ranked++] = lately[i];
        most--;
    }
}

/* Equal ones by title, as everywhere. Their worth is in r->ordered too. */
static void put_in_order(struct recommender *r)
{
    float worth[RANKED];
    uint32_t title[RANKED] = {0};
    size_t n = 0;
    memset(r->skip, 0, r->words * sizeof(uint64_t));
    for (size_t k = 0; k < r->n_ranked; k++)
        bit_set(r->skip, r->ranked[k].index);
    for (size_t w = 0; w < r->words; w++)
        for (uint64_t b = r->skip[w]; b; b &= b - 1)
            title[n++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(b);
    for (size_t i = 0; i < n; i++)
        worth[i] = r->ordered[title[i]];
    r->n_ranked = topk_select(worth, n, NULL, n, r->ranked);
    for (size_t k = 0; k < r->n_ranked; k++)
        r->ranked[k].index = title[r->ranked[k].index];
    r->ranked_first = r->n_ranked > 0;
}

size_t order_select(const struct recommender *r, const uint64_t *skip, size_t most,
                    struct topk_item *ret)
{
    size_t n = 0;
    /* What is worth as little as the last of them may stand among the rest as well. */
    for (size_t k = 0; r->ranked_first && k < r->n_ranked && n < most; k++) {
        if (!(r->ranked[k].score > r->ranked[r->n_ranked - 1].score))
            break;
        if (!bit_get(skip, r->ranked[k].index))
            ret[n++] = r->ranked[k];
    }
    return n < most ? topk_select(r->ordered, r->n_titles, skip, most, ret) : n;
}

size_t order_lately(const struct recommender *r, size_t most, struct topk_item *ret)
{
    if (r->n_lately < most)
        return topk_select(r->trend, r->n_titles, r->seen, most, ret);
    memcpy(ret, r->lately, most * sizeof(*ret));
    return most;
}

void order_candidates(struct recommender *r)
{
    size_t most = r->n_titles < RANKED - LATELY ? r->n_titles : RANKED - LATELY;
    r->n_ranked = best_by_score(r, r->score, most);
    add_lately(r, r->n_titles - r->n_ranked < LATELY ? r->n_titles - r->n_ranked : LATELY);
}

void order_admit(const struct recommender *r, uint64_t *skip)
{
    for (size_t k = 0; order_learnt(r) && k < r->n_ranked; k++) {
        uint32_t t = r->ranked[k].index;
        if (!title_known(r, t))
            skip[t / 64] &= ~(UINT64_C(1) << (t % 64));
    }
}

void order_parts(const struct recommender *r, uint32_t title, float *x)
{
    const struct moment *now = &r->moment;
    uint64_t genres = r->d->mood_genres[title];
    uint16_t runtime = r->d->runtime_min[title];
    x[ORDER_SCORE] = r->has_taste ? score_part(r, title) : 0;
    x[ORDER_POPULARITY] = popularity_part(r, title);
    x[ORDER_TREND] = trend_part(r, title);
    for (int i = 0; i < MOMENT_TABLES; i++)
        x[ORDER_MOMENT + i] = now->on ? mood_score(now->words[i], no_words, genres, runtime) : 0;
    x[ORDER_MOOD] = mood_part(r, genres, runtime);
    x[ORDER_NEW] = new_part(r, title);
    x[ORDER_UNKNOWN] = unknown_part(r, title);
    x[ORDER_IS_NEW] = is_new(r, title) ? 1 : 0;
}

/* ------------------------------------------------------------------ worth */

/* The moment's tables as one, each by its weight (NULL: as it is). */
static void sum_words(const struct moment *now, const float *weight, float ret[MOOD_WORDS])
{
    memset(ret, 0, MOOD_WORDS * sizeof(float));
    for (int i = 0; i < MOMENT_TABLES && now->on; i++) {
        float by = weight ? weight[ORDER_MOMENT + i] : 1;
        for (int w = 0; w < MOOD_WORDS; w++)
            ret[w] += by * now->words[i][w];
    }
}

/* The rest lies below the last one, in its own order. */
static void order_rest(struct recommender *r, const float *score, float least)
{
    curves_squash(score, least * 0.5f, r->ordered, r->n_titles);
}

/* What order_parts gives, weighed: the sum over tables is taken once for all titles. */
static float worth_of(const struct recommender *r, const float words[MOOD_WORDS], uint32_t t)
{
    const float *weight = r->w->model->order->weight;
    uint64_t genres = r->d->mood_genres[t];
    uint16_t runtime = r->d->runtime_min[t];
    return weight[ORDER_SCORE] * score_part(r, t) +
           weight[ORDER_POPULARITY] * popularity_part(r, t) +
           weight[ORDER_TREND] * trend_part(r, t) + mood_score(words, no_words, genres, runtime) +
           weight[ORDER_MOOD] * mood_part(r, genres, runtime) + weight[ORDER_NEW] * new_part(r, t) +
           weight[ORDER_UNKNOWN] * unknown_part(r, t) + (is_new(r, t) ? weight[ORDER_IS_NEW] : 0);
}

static void order_by_weights(struct recommender *r)
{
    float words[MOOD_WORDS], most = -INFINITY, least = INFINITY, sum = 0;
    order_candidates(r);
    sum_words(&r->moment, r->w->model->order->weight, words);
    for (size_t k = 0; k < r->n_ranked; k++) {
        r->ranked[k].score = worth_of(r, words, r->ranked[k].index);
        if (r->ask->told)
            r->ranked[k].score += r->ask->told[r->ranked[k].index];
        most = fmaxf(most, r->ranked[k].score);
    }
    for (size_t k = 0; k < r->n_ranked; k++) {
        r->ranked[k].score = expf(fmaxf(r->ranked[k].score - most, -40));
        sum += r->ranked[k].score;
    }
    for (size_t k = 0; k < r->n_ranked; k++) {
        r->ranked[k].score = filters_boosted(r, r->ranked[k].index, r->ranked[k].score / sum);
        least = fminf(least, r->ranked[k].score);
    }
    order_rest(r, r->score, r->n_ranked ? least : 1);
    for (size_t k = 0; k < r->n_ranked; k++)
        r->ordered[r->ranked[k].index] = r->ranked[k].score;
    put_in_order(r);
    r->has_order = true;
}

static void order_by_place(struct recommender *r)
{
    const float *score = r->has_taste ? r->score : r->trend;
    size_t most = r->n_titles < RANKED ? r->n_titles : RANKED;
    float words[MOOD_WORDS];
    r->n_ranked = best_by_score(r, score, most);
    order_rest(r, r->has_boost ? r->boosted : score, 1 / (RANKED + spread));
    sum_words(&r->moment, NULL, words);
    for (size_t k = 0; k < r->n_ranked; k++) {
        uint32_t t = r->ranked[k].index;
        float sum = 0;
        if (r->moment.on) {
            uint64_t genres = r->d->mood_genres[t];
            uint16_t runtime = r->d->runtime_min[t];
            sum = mood_score(words, no_words, genres, runtime) + mood_part(r, genres, runtime);
        }
        r->ordered[t] = expf(fminf(fmaxf(sum, -3), 3)) / ((float)k + spread);
    }
    r->has_order = r->has_taste && r->moment.on;
}

void order_titles(struct recommender *r)
{
    if (order_learnt(r))
        order_by_weights(r);
    else
        order_by_place(r);
}
