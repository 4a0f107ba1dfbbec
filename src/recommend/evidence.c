#include "recommend/evidence.h"

#include "base/wide.h"
#include "math/ridge.h"

#include <math.h>

enum { TRIED = 10, PARTNERS = 5 };

static const float *factor(const struct recommender *r, uint32_t t)
{
    return r->w->model->factors + (size_t)t * r->w->model->stride;
}

static float dot(const struct recommender *r, const float *a, const float *b)
{
    float ret;
    r->math->dots(a, 1, r->w->model->stride, b, &ret);
    return ret;
}

static float regularisation(const struct model *m, size_t n)
{
    return ridge_regularisation(m->settings.regularisation, m->settings.frequency_power,
                                m->settings.unobserved, n, m->n_active ? m->n_active : m->n_titles);
}

/* When the oldest of the WITNESSES_HEARD / 2 latest liked titles was last looked at. */
static uint32_t latest_from(const struct recommender *r)
{
    enum { LATEST = WITNESSES_HEARD / 2 };
    uint32_t latest[LATEST]; /* a heap, the oldest on top */
    size_t n = 0;
    for (size_t i = 0; i < r->n_liked; i++) {
        uint32_t at = r->liked[i].last_s;
        if (n < LATEST) {
            size_t to = n++;
            for (; to > 0 && at < latest[(to - 1) / 2]; to = (to - 1) / 2)
                latest[to] = latest[(to - 1) / 2];
            latest[to] = at;
        } else if (at > latest[0]) {
            size_t to = 0;
            for (size_t child = 1; child < LATEST; child = 2 * to + 1) {
                child += child + 1 < LATEST && latest[child + 1] < latest[child];
                if (latest[child] >= at)
                    break;
                latest[to] = latest[child];
                to = child;
            }
            latest[to] = at;
        }
    }
    return n > 0 ? latest[0] : 0;
}

static void hear(struct recommender *r, const struct liked *l)
{
    const struct model *m = r->w->model;
    struct witnesses *ws = &r->witnesses;
    float *z = ws->z + ws->n * m->stride;
    r->math->dots(r->inverse, m->stride, m->stride, factor(r, l->title.v), z);
    float leverage = dot(r, factor(r, l->title.v), z);
    float rest = 1 - l->weight * leverage;
    rest = rest > 1e-6f ? rest : 1e-6f;
    ws->title[ws->n] = l->title.v;
    ws->weight[ws->n] = l->weight;
    ws->leverage[ws->n] = leverage;
    ws->coefficient[ws->n] = l->weight * (1 - r->taste[l->title.v]) / rest;
    ws->n++;
}

/* Liked titles are at hand by sureness: of many the surest half of the places, and the latest the other half. */
static void hear_witnesses(struct recommender *r)
{
    bool many = r->n_liked > WITNESSES_HEARD;
    uint32_t from = many ? latest_from(r) : 0;
    size_t sure = 0;
    for (size_t i = 0; i < r->n_liked && r->witnesses.n < WITNESSES_HEARD; i++) {
        const struct liked *l = &r->liked[i];
        bool late = !many || l->last_s >= from;
        if (!l->known || bit_get(r->d->undescribed, l->title.v) ||
            (!late && sure == WITNESSES_HEARD / 2))
            continue;
        sure += !late;
        hear(r, l);
    }
}

void evidence_begin(struct recommender *r)
{
    const struct model *m = r->w->model;
    struct witnesses *ws = &r->witnesses;
    ws->n = 0;
    r->n_lost = 0;
    if (!r->has_taste)
        return;
    hear_witnesses(r);
    for (size_t i = 0; i < ws->n * WITNESSES_HEARD; i++)
        ws->together[i] = NAN;
    /* The matrix without one title also has a smaller diagonal: W + d W W in first order. */
    size_t n = r->n_items;
    float fall = regularisation(m, n) - regularisation(m, n > 0 ? n - 1 : 0);
    r->math->dots(r->inverse, m->stride, m->stride, r->x, ws->shift);
    for (uint32_t c = 0; c < m->stride; c++)
        ws->shift[c] *= fall;
}

/* Does anything but taste make differences? */
static bool blended(const struct recommender *r)
{
    return mix_wants(&r->mix) & ~(UINT32_C(1) << INGREDIENT_TASTE);
}

static float loss(const struct recommender *r, const struct field *f, size_t j, size_t k)
{
    return r->loss[(size_t)f->witness[j] * DEPTH + k];
}

/* With many liked titles, those that carry the explained items most. */
static void pick_witnesses(struct recommender *r, struct field *f, const uint32_t *explained,
                           size_t n_explained)
{
    const struct witnesses *ws = &r->witnesses;
    uint32_t stride = r->w->model->stride;
    float taste = r->mix.weight[INGREDIENT_TASTE];
    f->n_witnesses = ws->n < WITNESSES_MAX ? ws->n : WITNESSES_MAX;
    if (ws->n <= WITNESSES_MAX) {
        for (size_t j = 0; j < ws->n; j++)
            f->witness[j] = (uint16_t)j;
        return;
    }
    float sum[WITNESSES_HEARD] = {0};
    struct topk_item best[WITNESSES_MAX];
    for (size_t i = 0; i < n_explained; i++) {
        if (explained[i] >= f->n)
            continue; /* too deep in the list to be told any */
        r->math->dots(ws->z, ws->n, stride, factor(r, f->list[explained[i]].index), r->row_scratch);
        for (size_t j = 0; j < ws->n; j++) {
            float effect =
                taste * ws->coefficient[j] * r->row_scratch[j] + r->loss[j * DEPTH + explained[i]];
            sum[j] += effect > 0 ? effect : 0;
        }
    }
    f->n_witnesses = topk_select(sum, ws->n, NULL, WITNESSES_MAX, best);
    for (size_t j = 0; j < f->n_witnesses; j++)
        f->witness[j] = (uint16_t)best[j].index;
}

/* Rows of top picks ask of the same titles one after the other: what was found for the last ones stays. */
static void find_losses(struct recommender *r, const uint32_t *titles, size_t n)
{
    if (n == r->n_lost && memcmp(titles, r->lost, n * sizeof(*titles)) == 0)
        return;
    memcpy(r->lost, titles, n * sizeof(*titles));
    r->n_lost = n;
    r->n_field = 0;
    if (blended(r))
        ensemble_losses(&r->ensemble, &r->mix, &r->view, r->part, r->ensemble_scratch, titles, n,
                        r->witnesses.title, r->witnesses.n, r->loss, DEPTH);
    else
        memset(r->loss, 0, r->witnesses.n * DEPTH * sizeof(float));
}

const float *evidence_losses(struct recommender *r, uint32_t title)
{
    find_losses(r, &title, 1);
    return r->loss;
}

void field_init(struct recommender *r, struct field *f, const struct topk_item *list, size_t n,
                uint8_t genre, const uint32_t *explained, size_t n_explained)
{
    uint32_t stride = r->w->model->stride;
    f->list = list;
    f->n = n < DEPTH ? n : DEPTH;
    f->genre = genre;
    uint32_t titles[DEPTH];
    for (size_t k = 0; k < f->n; k++)
        titles[k] = list[k].index;
    find_losses(r, titles, f->n);
    pick_witnesses(r, f, explained, n_explained);
    for (size_t k = 0; k < f->n; k++) {
        f->score[k] = list[k].score;
        if (r->n_field != f->n)
            memcpy(r->field + k * stride, factor(r, list[k].index), stride * sizeof(float));
    }
    r->n_field = f->n;
    for (size_t j = 0; j < f->n_witnesses; j++)
        r->math->dots(r->field, f->n, stride, r->witnesses.z + (size_t)f->witness[j] * stride,
                      r->effect + j * DEPTH);
    r->math->dots(r->field, f->n, stride, r->witnesses.shift, f->drift);
    float taste = r->mix.weight[INGREDIENT_TASTE];
    for (size_t k = 0; k < f->n; k++)
        f->drift[k] *= taste;
    for (size_t i = 0; i < f->n_witnesses * DEPTH; i++)
        r->effect[i] *= taste;
}

/* A set of witnesses (rows of r->effect) taken out together. */
struct leaving {
    size_t n;
    uint8_t j[EVIDENCE_NAMED];
    float beta[EVIDENCE_NAMED]; /* x without them is x - sum beta z */
    float back[EVIDENCE_NAMED]; /* their own scores then: they may come back as candidates */
    int falls;                  /* places the item falls by */
    int falls_with_back;        /* the same when they come back as candidates */
};

static bool in_genre(const struct recommender *r, const struct field *f, size_t j, uint8_t genre)
{
    return genre == GENRE_ANY ||
           title_row(r, r->witnesses.title[f->witness[j]])->genres >> genre & 1;
}

/* A title's score once it is no longer in the history, where its taste is then `taste`: nothing else in the blend says
 * a title for itself. */
static float back_as(const struct recommender *r, uint32_t title, float taste)
{
    return r->score[title] - r->mix.weight[INGREDIENT_TASTE] * (r->taste[title] - taste);
}

/* Many sets of the same witnesses are tried. */
static float together(const struct recommender *r, size_t a, size_t b)
{
    const struct witnesses *ws = &r->witnesses;
    float *ret = &ws->together[a * WITNESSES_HEARD + b];
    if (isnan(*ret))
        *ret = dot(r, factor(r, ws->title[a]), ws->z + b * r->w->model->stride);
    return *ret;
}

/* Woodbury: (1/w - U'WU) beta = 1 - U'x over the leaving titles U, by Gaussian elimination; the matrix is
 * positive definite (a Schur complement of the one that stays). */
static void solve_leaving(const struct recommender *r, const struct field *f, struct leaving *l)
{
    const struct witnesses *ws = &r->witnesses;
    float h[EVIDENCE_NAMED][EVIDENCE_NAMED], a[EVIDENCE_NAMED][EVIDENCE_NAMED + 1];
    for (size_t p = 0; p < l->n; p++) {
        size_t wp = f->witness[l->j[p]];
        h[p][p] = ws->leverage[wp];
        for (size_t q = 0; q < p; q++)
            h[p][q] = h[q][p] = together(r, wp, f->witness[l->j[q]]);
    }
    for (size_t p = 0; p < l->n; p++) {
        size_t wp = f->witness[l->j[p]];
        for (size_t q = 0; q < l->n; q++)
            a[p][q] = (p == q ? 1 / ws->weight[wp] : 0.0f) - h[p][q];
        a[p][l->n] = 1 - r->taste[ws->title[wp]];
    }
    for (size_t p = 0; p < l->n; p++) {
        float pivot = fabsf(a[p][p]) > 1e-9f ? a[p][p] : 1e-9f;
        for (size_t q = p + 1; q < l->n; q++) {
            float m = a[q][p] / pivot;
            for (size_t c = p; c <= l->n; c++)
                a[q][c] -= m * a[p][c];
        }
    }
    for (size_t p = l->n; p-- > 0;) {
        float v = a[p][l->n];
        for (size_t q = p + 1; q < l->n; q++)
            v -= a[p][q] * l->beta[q];
        l->beta[p] = v / (fabsf(a[p][p]) > 1e-9f ? a[p][p] : 1e-9f);
    }
    for (size_t p = 0; p < l->n; p++) {
        float s = r->taste[ws->title[f->witness[l->j[p]]]];
        for (size_t q = 0; q < l->n; q++)
            s -= h[p][q] * l->beta[q];
        l->back[p] = back_as(r, ws->title[f->witness[l->j[p]]], s);
    }
}

/* Score of title k of the list when they leave. */
static float score_without(const struct recommender *r, const struct field *f,
                           const struct leaving *l, size_t k)
{
    float s = f->list[k].score + (float)l->n * f->drift[k];
    for (size_t p = 0; p < l->n; p++)
        s -= l->beta[p] * r->effect[l->j[p] * DEPTH + k] + loss(r, f, l->j[p], k);
    return s;
}

/* Up to EVIDENCE_FEW witnesses: what each takes from every title of the list, by taste and beside it. */
struct taken {
    const float *score, *drift;
    const float *effect[EVIDENCE_FEW], *loss[EVIDENCE_FEW];
    float beta[EVIDENCE_FEW], counts[EVIDENCE_FEW]; /* 0: there is none */
};

WIDE static int above_without_one(const struct taken *t, size_t n, float mine)
{
    const float *restrict score = t->score, *restrict drift = t->drift;
    const float *restrict a = t->effect[0], *restrict loss = t->loss[0];
    float beta = t->beta[0];
    int above = 0;
    for (size_t k = 0; k < n; k++)
        above += score[k] + drift[k] - beta * a[k] - loss[k] > mine;
    return above;
}

/* Rows of effects that are not needed count with 0: one loop without branches, which compilers turn into vectors. */
WIDE static int above_without_few(const struct taken *t, size_t n, float times, float mine)
{
    const float *restrict score = t->score, *restrict drift = t->drift;
    const float *restrict a = t->effect[0], *restrict b = t->effect[1], *restrict c = t->effect[2];
    const float *restrict loss_a = t->loss[0], *restrict loss_b = t->loss[1],
                          *restrict loss_c = t->loss[2];
    float beta_a = t->beta[0], beta_b = t->beta[1], beta_c = t->beta[2];
    float two = t->counts[1], three = t->counts[2];
    int above = 0;
    for (size_t k = 0; k < n; k++)
        above += score[k] + times * drift[k] - beta_a * a[k] - beta_b * b[k] - beta_c * c[k] -
                     loss_a[k] - two * loss_b[k] - three * loss_c[k] >
                 mine;
    return above;
}

WIDE static void take_one(float *restrict left, const float *restrict effect,
                          const float *restrict loss, float beta, size_t n)
{
    for (size_t k = 0; k < n; k++)
        left[k] -= beta * effect[k] + loss[k];
}

WIDE static int count_larger(const float *v, size_t n, float than)
{
    int larger = 0;
    for (size_t k = 0; k < n; k++)
        larger += v[k] > than;
    return larger;
}

/* As below, of any number of witnesses. */
static int count_above_many(const struct recommender *r, const struct field *f,
                            const struct leaving *l, float mine)
{
    float left[DEPTH];
    for (size_t k = 0; k < f->n; k++)
        left[k] = f->score[k] + (float)l->n * f->drift[k];
    for (size_t p = 0; p < l->n; p++)
        take_one(left, r->effect + (size_t)l->j[p] * DEPTH,
                 r->loss + (size_t)f->witness[l->j[p]] * DEPTH, l->beta[p], f->n);
    return count_larger(left, f->n, mine);
}

/* Titles that score above `mine` when they leave. */
static int count_above(const struct recommender *r, const struct field *f, const struct leaving *l,
                       float mine)
{
    struct taken t = {.score = f->score, .drift = f->drift};
    if (l->n > EVIDENCE_FEW)
        return count_above_many(r, f, l, mine);
    for (size_t p = 0; p < EVIDENCE_FEW; p++) {
        size_t j = l->j[p < l->n ? p : 0];
        t.effect[p] = r->effect + j * DEPTH;
        t.loss[p] = r->loss + (size_t)f->witness[j] * DEPTH;
        t.counts[p] = p < l->n;
        t.beta[p] = p < l->n ? l->beta[p] : 0;
    }
    return l->n == 1 ? above_without_one(&t, f->n, mine)
                     : above_without_few(&t, f->n, (float)l->n, mine);
}

/* How many places does title `at` fall by when they leave? */
static void weigh(const struct recommender *r, const struct field *f, size_t at, struct leaving *l)
{
    const struct witnesses *ws = &r->witnesses;
    if (l->n == 1) {
        size_t j = f->witness[l->j[0]];
        l->beta[0] = ws->coefficient[j];
        /* From beta = w (1 - s) / (1 - w h): the score without itself is s - h beta = 1 - beta / w. */
        l->back[0] = back_as(r, ws->title[j], 1 - l->beta[0] / ws->weight[j]);
    } else {
        solve_leaving(r, f, l);
    }
    float mine = score_without(r, f, l, at);
    int above = count_above(r, f, l, mine);
    l->falls = l->falls_with_back = above - (int)at;
    for (size_t p = 0; p < l->n; p++)
        l->falls_with_back += in_genre(r, f, l->j[p], f->genre) && l->back[p] > mine;
}

static bool beats(const struct leaving *a, const struct leaving *b)
{
    return a->falls > b->falls && a->falls_with_back > b->falls_with_back;
}

/* The liked titles with the largest effect on the item, weighed alone, largest fall first. */
static size_t weigh_singles(const struct recommender *r, const struct field *f, size_t at,
                            struct leaving ret[TRIED])
{
    float effect[WITNESSES_MAX];
    struct topk_item best[TRIED + 1];
    for (size_t j = 0; j < f->n_witnesses; j++)
        effect[j] =
            r->witnesses.coefficient[f->witness[j]] * r->effect[j * DEPTH + at] + loss(r, f, j, at);
    size_t n_best = topk_select(effect, f->n_witnesses, NULL, TRIED + 1, best), n = 0;
    for (size_t i = 0; i < n_best && n < TRIED; i++) {
        if (r->witnesses.title[f->witness[best[i].index]] == f->list[at].index)
            continue; /* listed but not watched: it is no reason for itself */
        struct leaving l = {.n = 1, .j = {(uint8_t)best[i].index}};
        weigh(r, f, at, &l);
        size_t p = n++;
        for (; p > 0 && l.falls > ret[p - 1].falls; p--)
            ret[p] = ret[p - 1];
        ret[p] = l;
    }
    return n;
}

static bool holds(const struct leaving *l, size_t j)
{
    for (size_t p = 0; p < l->n; p++) {
        if (l->j[p] == j)
            return true;
    }
    return false;
}

/* The strongest set of the same size that shares no title with `chosen`. */
static struct leaving rival_of(const struct recommender *r, const struct field *f, size_t at,
                               const struct leaving *chosen, const struct leaving *singles,
                               size_t n)
{
    struct leaving rival = {0};
    for (size_t i = 0; i < n && rival.n < chosen->n; i++) {
        if (!holds(chosen, singles[i].j[0]))
            rival.j[rival.n++] = singles[i].j[0];
    }
    if (rival.n == 1)
        for (size_t i = 0; i < n; i++)
            rival = singles[i].j[0] == rival.j[0] ? singles[i] : rival;
    else if (rival.n > 1)
        weigh(r, f, at, &rival);
    return rival;
}

/* The weakest set of that size among those that were tried. */
static struct leaving weakest_of(const struct recommender *r, const struct field *f, size_t at,
                                 const struct leaving *chosen, const struct leaving *singles,
                                 size_t n)
{
    struct leaving weakest = {0};
    for (size_t i = n; i-- > 0 && weakest.n < chosen->n;) {
        if (!holds(chosen, singles[i].j[0]))
            weakest.j[weakest.n++] = singles[i].j[0];
    }
    weigh(r, f, at, &weakest);
    return weakest;
}

/* `base` and one more title, whichever makes the item fall most. */
static bool extend(const struct recommender *r, const struct field *f, size_t at, uint8_t named,
                   struct leaving *base, const struct leaving *singles, size_t n)
{
    struct leaving best = {.falls = INT32_MIN};
    size_t tried = 0;
    for (size_t i = 0; i < n && tried < PARTNERS; i++) {
        size_t j = singles[i].j[0];
        if (holds(base, j) || !in_genre(r, f, j, named))
            continue;
        struct leaving l = *base;
        l.j[l.n++] = (uint8_t)j;
        weigh(r, f, at, &l);
        if (l.falls > best.falls)
            best = l;
        tried++;
    }
    if (best.n == 0)
        return false;
    *base = best;
    return true;
}

static void name_set(const struct recommender *r, const struct field *f, size_t at,
                     const struct leaving *chosen, struct evidence *ret)
{
    float score = f->list[at].score;
    for (size_t p = 0; p < chosen->n; p++) {
        size_t w = f->witness[chosen->j[p]];
        float part = r->witnesses.weight[w] * r->effect[chosen->j[p] * DEPTH + at] +
                     loss(r, f, chosen->j[p], at);
        ret->title[p].v = r->witnesses.title[w];
        ret->share[p] = score > 0 ? part / score : NAN;
    }
    ret->n = chosen->n;
}

/* How much more each witness does for the item than for those right behind it, most first: what makes it
 * stand above them, even where no single title decides a place. */
static size_t order_by_lead(const struct recommender *r, const struct field *f, size_t at,
                            uint8_t named, struct topk_item ret[WITNESSES_MAX])
{
    enum { BEHIND = 8 };
    float lead[WITNESSES_MAX];
    size_t last = at + BEHIND < f->n ? at + BEHIND : f->n - 1;
    for (size_t j = 0; j < f->n_witnesses; j++) {
        const float *effect = r->effect + j * DEPTH;
        float behind = 0;
        float coefficient = r->witnesses.coefficient[f->witness[j]];
        for (size_t k = at + 1; k <= last; k++)
            behind += (coefficient * effect[k] + loss(r, f, j, k)) / (float)(last - at);
        bool usable =
            in_genre(r, f, j, named) && r->witnesses.title[f->witness[j]] != f->list[at].index;
        lead[j] = usable ? coefficient * effect[at] + loss(r, f, j, at) - behind : NAN;
    }
    size_t n = topk_select(lead, f->n_witnesses, NULL, WITNESSES_MAX, ret);
    while (n > 0 && ret[n - 1].score <= 0)
        n--;
    return n;
}

/* In long histories many titles together make the place: the few largest leads that do, against as many of
 * the next ones. False: not even EVIDENCE_NAMED of them. */
static bool choose_many(const struct recommender *r, const struct field *f, size_t at,
                        uint8_t named, struct evidence *ret)
{
    static const size_t sizes[] = {4, 6, 9, EVIDENCE_NAMED};
    struct topk_item order[WITNESSES_MAX];
    if (at + 1 >= f->n)
        return false;
    size_t n = order_by_lead(r, f, at, named, order);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && sizes[i] <= n; i++) {
        struct leaving chosen = {.n = sizes[i]};
        struct leaving rival = {0};
        for (size_t p = 0; p < chosen.n; p++)
            chosen.j[p] = (uint8_t)order[p].index;
        weigh(r, f, at, &chosen);
        if (chosen.falls < 1)
            continue;
        for (size_t p = chosen.n; p < n && rival.n < chosen.n; p++)
            rival.j[rival.n++] = (uint8_t)order[p].index;
        if (rival.n > 0)
            weigh(r, f, at, &rival);
        if (rival.n == 0 || beats(&chosen, &rival)) {
            name_set(r, f, at, &chosen, ret);
            return true;
        }
    }
    return false;
}

void evidence_choose(const struct recommender *r, const struct field *f, size_t at, uint8_t named,
                     struct evidence *ret)
{
    struct leaving singles[TRIED], chosen = {0}, rival;
    ret->n = 0;
    if (at >= f->n)
        return;
    size_t n = weigh_singles(r, f, at, singles);
    while (chosen.n < EVIDENCE_FEW && extend(r, f, at, named, &chosen, singles, n)) {
        rival = rival_of(r, f, at, &chosen, singles, n);
        if (chosen.falls >= 1 && (rival.n == 0 || beats(&chosen, &rival))) {
            name_set(r, f, at, &chosen, ret);
            return;
        }
    }
    /* Long histories share the weight: a set that is only nearly the strongest still tells more than
     * titles outside the few that were tried, which are weaker than any of these. */
    if (chosen.n > 0 && n == TRIED && chosen.falls >= 1) {
        rival = weakest_of(r, f, at, &chosen, singles, n);
        if (beats(&chosen, &rival)) {
            name_set(r, f, at, &chosen, ret);
            return;
        }
    }
    choose_many(r, f, at, named, ret);
}
