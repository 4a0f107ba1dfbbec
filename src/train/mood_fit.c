#include "train/mood_count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"

enum {
    MOOD_ROUNDS = 30,
    STARTS = 3,
    PLAYS_MIN = 500,
    HELD_OUT = 3, /* one viewer in so many */
};
static const double sure = 3; /* standard errors: the best of several numbers is judged */

struct work {
    struct mood_plays mine, held; /* of the fit, and outside of it */
    struct mood_play *plays;      /* both */
    uint32_t *viewer;
    double *sum, *count; /* (viewers of either) */
    double *held_sum, *held_count;
    struct mood_counts *counts;
    struct mood_ground *ground;      /* of mine, then of held */
    const struct mood_play **sorted; /* (plays) */
    size_t *at;                      /* (plays) */
    uint8_t *key;                    /* (plays) */
};

static int by_words(const void *a, const void *b)
{
    const struct mood_play *x = *(const struct mood_play *const *)a;
    const struct mood_play *y = *(const struct mood_play *const *)b;
    if (x->genres != y->genres)
        return x->genres < y->genres ? -1 : 1;
    return (x->runtime_min > y->runtime_min) - (x->runtime_min < y->runtime_min);
}

/* Alike plays beside each other, and of them one in equal steps: every kind of title as often as it is played. */
static void choose_field(struct work *w, struct mood_field *ret)
{
    size_t n = w->mine.n;
    for (size_t i = 0; i < n; i++)
        w->sorted[i] = &w->mine.plays[i];
    qsort(w->sorted, n, sizeof(struct mood_play *), by_words);
    for (size_t f = 0; f < MOOD_FIELD && n > 0; f++) {
        const struct mood_play *play = w->sorted[(2 * f + 1) * n / (2 * MOOD_FIELD)];
        ret->genres[f] = play->genres;
        ret->runtime_min[f] = play->runtime_min;
    }
}

/* ------------------------------------------------------------------ judging */

struct judge {
    const struct mood_model *m;
    struct mood_table table;
    double *sum, *count;
    size_t n;  /* viewers so far */
    bool gain; /* over chances without moods */
};

static void judge_play(void *ctx, const struct mood_state *before, const struct mood_view *view,
                       const struct mood_state *after, const struct mood_play *play)
{
    struct judge *j = ctx;

    (void)after;
    if (!before->begun) {
        j->sum[j->n] = j->count[j->n] = 0;
        j->n++;
        return;
    }
    float ln = j->gain ? mood_lift(j->m, view, play->genres, play->runtime_min) -
                             mood_lift_mean(&j->table, view)
                       : mood_log_chance(j->m, view, 0, play->genres, play->runtime_min);
    j->sum[j->n - 1] += (double)fmaxf(ln, -30);
    j->count[j->n - 1]++;
}

/* Per viewer in order: how many plays were judged (all but the first), and the sum of ln chances that these had without moods, or with
 * `gain` of ln how much likelier they were once moods tilt these chances. Returns the viewers. */
static size_t judge(const struct mood_model *m, const struct mood_plays *plays, bool gain,
                    double *sum, double *count)
{
    struct judge j = {.m = m, .sum = sum, .count = count, .gain = gain};

    mood_table_make(m, &j.table);
    mood_pass(m, plays, judge_play, &j);
    return j.n;
}

static double total(const double *v, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

static double judge_mine(struct work *w, const struct mood_model *m, bool gain)
{
    size_t n = judge(m, &w->mine, gain, w->sum, w->count);

    return total(w->sum, n);
}

/* ------------------------------------------------------------------ fitting */

static void common_shares(struct mood_model *m, const struct mood_plays *p)
{
    double sum[MOOD_WORDS] = {0}, genres = 0, lengths = 0;

    for (size_t i = 0; i < p->n; i++) {
        int n = __builtin_popcountll(p->plays[i].genres);
        int length = mood_length(p->plays[i].runtime_min);
        for (uint64_t left = p->plays[i].genres; left; left &= left - 1)
            sum[__builtin_ctzll(left)] += 1.0 / n;
        genres += n > 0;
        if (length >= 0)
            sum[MOOD_GENRES + length]++;
        lengths += length >= 0;
    }
    for (int w = 0; w < MOOD_WORDS; w++) {
        double all = w < MOOD_GENRES ? genres : lengths;
        m->share[w] = all > 0 ? (float)(sum[w] / all) : 0;
    }
}

static void fit_base(struct work *w, struct mood_model *ret)
{
    static const float owns[] = {5, 20};
    w->mine.ground = w->held.ground = NULL;
    struct mood_model best = {.n = 1, .own = owns[0], .moods_own = 5, .prior = {1}};
    double best_sum = -INFINITY;

    for (size_t k = 0; k < sizeof(owns) / sizeof(owns[0]); k++) {
        struct mood_model m = {.n = 1, .own = owns[k], .moods_own = 5, .prior = {1}};
        common_shares(&m, &w->mine);
        choose_field(w, &m.field);
        for (unsigned round = 0; round < BASE_ROUNDS; round++) {
            mood_count(w->counts, &m, &w->mine);
            mood_scale_base(&m, w->counts, round);
        }
        double sum = judge_mine(w, &m, false);
        if (sum > best_sum) {
            best_sum = sum;
            best = m;
        }
    }
    *ret = best;
    mood_ground_lay(ret, &w->mine, w->ground);
    mood_ground_lay(ret, &w->held, w->ground + w->mine.n);
    w->mine.ground = w->ground;
    w->held.ground = w->ground + w->mine.n;
}

/* A play as a point: its words over how usual they are. */
static void point_of(const struct mood_model *m, const struct mood_play *play, float x[MOOD_WORDS])
{
    int n = __builtin_popcountll(play->genres), length = mood_length(play->runtime_min);

    memset(x, 0, sizeof(float) * MOOD_WORDS);
    for (uint64_t left = play->genres; left; left &= left - 1) {
        int w = __builtin_ctzll(left);
        x[w] = 1 / sqrtf((float)n * (m->share[w] + 0.02f));
    }
    if (length >= 0)
        x[MOOD_GENRES + length] = 0.5f / sqrtf(m->share[MOOD_GENRES + length] + 0.02f);
}

static uint32_t nearest(const float centre[MOODS_MAX][MOOD_WORDS], uint32_t n,
                        const float x[MOOD_WORDS])
{
    uint32_t best = 0;
    float least = INFINITY;

    for (uint32_t z = 0; z < n; z++) {
        float far = 0;
        for (int w = 0; w < MOOD_WORDS; w++)
            far += (x[w] - centre[z][w]) * (x[w] - centre[z][w]);
        if (far < least) {
            least = far;
            best = z;
        }
    }
    return best;
}

/* Moods begin as groups of alike titles (Lloyd's algorithm over a sample): which of them last over a session, and from one to
 * the next, is what the rounds find out. */
static void begin_moods(struct work *w, struct mood_model *m, uint32_t n, struct rng *r)
{
    static const int lloyd = 6;
    float centre[MOODS_MAX][MOOD_WORDS], x[MOOD_WORDS];
    size_t step = w->mine.n / 4000 + 1;

    n = n < MOODS_MAX ? n : MOODS_MAX; /* so that a compiler sees it too */
    m->n = n;
    m->keep = 0.5f;
    for (uint32_t z = 0; z < n; z++)
        m->prior[z] = 1.0f / (float)n;
    for (uint32_t z = 0; z < n; z++)
        point_of(m, &w->mine.plays[rng_below(r, w->mine.n)], centre[z]);
    for (int round = 0; round < lloyd; round++) {
        double sum[MOODS_MAX][MOOD_WORDS] = {{0}}, count_of[MOODS_MAX] = {0};
        for (size_t i = 0; i < w->mine.n; i += step) {
            point_of(m, &w->mine.plays[i], x);
            uint32_t z = nearest(centre, n, x);
            count_of[z]++;
            for (int k = 0; k < MOOD_WORDS; k++)
                sum[z][k] += (double)x[k];
        }
        for (uint32_t z = 0; z < n; z++)
            for (int k = 0; k < MOOD_WORDS && count_of[z] > 0; k++)
                centre[z][k] = (float)(sum[z][k] / count_of[z]);
    }
    for (uint32_t z = 0; z < n; z++)
        for (int k = 0; k < MOOD_WORDS; k++) {
            float usual = m->share[k] / sqrtf(m->share[k] + 0.02f);
            if (m->share[k] > 0)
                m->mood[z][k] = 0.7f * logf((centre[z][k] + 0.05f) / (usual + 0.05f));
        }
}

static double choose_keep(struct work *w, struct mood_model *m)
{
    static const float keeps[] = {0, 0.25f, 0.5f, 0.75f};
    double best = -INFINITY;
    float keep = 0;

    for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]); i++) {
        m->keep = keeps[i];
        double sum = judge_mine(w, m, true);
        if (sum > best) {
            best = sum;
            keep = keeps[i];
        }
    }
    m->keep = keep;
    return best;
}

static void fit_moods(struct work *w, const struct mood_model *base, uint32_t n, uint64_t seed,
                      struct mood_model *ret)
{
    double best = -INFINITY;

    *ret = *base; /* what cannot be judged is not taken */
    for (unsigned start = 0; start < STARTS; start++) {
        struct mood_model m = *base;
        struct rng r;
        rng_seed_stream(&r, seed, n * 16 + start);
        begin_moods(w, &m, n, &r);
        for (unsigned round = 0; round < MOOD_ROUNDS; round++) {
            mood_count(w->counts, &m, &w->mine);
            mood_scale_moods(&m, w->counts);
        }
        double sum = choose_keep(w, &m);
        if (sum > best) {
            best = sum;
            *ret = m;
        }
    }
}

/* Mean gain a play over the viewer's usual mixture of moods on the viewers outside, and its error, clustered by viewer. The mixture
 * itself tells viewers apart, whom it suits better than shares of genres do: that is taste, and no mood. */
static void judge_held(struct work *w, const struct mood_model *m, double *ret_gain,
                       double *ret_error)
{
    size_t n = judge(m, &w->held, true, w->held_sum, w->held_count);
    double gain = 0, plays = 0, squares = 0;

    for (size_t v = 0; v < n; v++) {
        gain += w->held_sum[v];
        plays += w->held_count[v];
    }
    gain /= plays;
    for (size_t v = 0; v < n; v++) {
        double e = w->held_sum[v] - gain * w->held_count[v];
        squares += e * e;
    }
    *ret_gain = gain;
    *ret_error = sqrt(squares) / plays;
}

/* Part of the day and device when the session began: what it was begun for lasts, whatever the clock says later. Keys of plays [i, end) of one
 * viewer. */
enum { KEYS = DAYPARTS * DEVICES };
static void key_sessions(const struct mood_play *plays, size_t i, size_t end, uint8_t *key)
{
    for (size_t k = i; k < end; k++) {
        const struct mood_moment *at = &plays[k].moment;
        bool goes_on = k > i && at->at_ms - plays[k - 1].moment.at_ms < MOOD_SESSION_MS;
        key[k] = goes_on ? key[k - 1] : (uint8_t)(at->daypart * DEVICES + at->device);
    }
}

static void deal(struct mood_play *plays, const size_t *at, size_t n, struct rng *r)
{
    for (size_t k = n; k > 1; k--) {
        struct mood_play *a = &plays[at[k - 1]], *b = &plays[at[rng_below(r, k)]], hold = *a;
        a->genres = b->genres;
        a->runtime_min = b->runtime_min;
        b->genres = hold.genres;
        b->runtime_min = hold.runtime_min;
    }
}

/* Titles dealt out anew within what each viewer plays at the same hours and on the same screens: what a session has in common is gone, who likes
 * what when stays. */
static void shuffle(struct work *w, const struct mood_plays *p, uint64_t seed)
{
    struct mood_play *plays = w->plays + (p->plays - w->plays);
    struct rng r;

    rng_seed(&r, seed);
    for (size_t i = 0, end; i < p->n; i = end) {
        for (end = i; end < p->n && p->viewer[end] == p->viewer[i];)
            end++;
        key_sessions(plays, i, end, w->key);
        for (int key = 0; key < KEYS; key++) {
            size_t n = 0;
            for (size_t k = i; k < end; k++)
                if (w->key[k] == key)
                    w->at[n++] = k;
            deal(plays, w->at, n, &r);
        }
    }
}

/* What the same fit gains where sessions have nothing in common: how viewers differ beyond their shares, not moods. */
static void judge_shuffled(struct work *w, uint32_t n, uint64_t seed, struct mood_gain *gain)
{
    struct mood_model none, m;

    shuffle(w, &w->mine, seed);
    shuffle(w, &w->held, seed + 1);
    fit_base(w, &none);
    fit_moods(w, &none, n, seed, &m);
    judge_held(w, &m, &gain->shuffled, &gain->shuffled_error);
}

/* ------------------------------------------------------------------ who is in */

static bool held_out(uint32_t viewer)
{
    return hash_mix(viewer, 77) % HELD_OUT == 0;
}

/* Viewers of the fit first, then those outside; of too many plays whole viewers are left out. */
static size_t copy_part(const struct mood_plays *p, bool held, uint64_t one_in, struct work *w,
                        size_t at)
{
    for (size_t i = 0; i < p->n; i++) {
        if (held_out(p->viewer[i]) != held || hash_mix(p->viewer[i], 78) % one_in != 0)
            continue;
        w->plays[at] = p->plays[i];
        w->viewer[at++] = p->viewer[i];
    }
    return at;
}

static void split(const struct mood_plays *p, struct work *w)
{
    uint64_t one_in = (p->n + MOOD_PLAYS_MAX - 1) / MOOD_PLAYS_MAX;
    size_t mine = copy_part(p, false, one_in ? one_in : 1, w, 0);
    size_t all = copy_part(p, true, one_in ? one_in : 1, w, mine);

    w->mine = (struct mood_plays){.plays = w->plays, .viewer = w->viewer, .n = mine};
    w->held =
        (struct mood_plays){.plays = w->plays + mine, .viewer = w->viewer + mine, .n = all - mine};
}

/* ------------------------------------------------------------------ how many */

/* From everybody, those who judged too. */
static void fit_all(struct work *w, const struct mood_plays *plays, unsigned n, uint64_t seed,
                    struct mood_model *ret)
{
    struct mood_model none;

    split(plays, w);
    w->mine.n += w->held.n;
    w->held.n = 0;
    fit_base(w, &none);
    *ret = none;
    if (n > 1)
        fit_moods(w, &none, n, seed, ret);
}

static int choose(struct work *w, const struct mood_plays *plays, const struct mood_fit *how,
                  struct train_watch watch, struct mood_model *ret, struct mood_gain *gain,
                  struct mq_error *err)
{
    unsigned most = how->moods_max ? how->moods_max : MOODS_MAX;
    struct mood_model none, m;
    unsigned best = 1;

    fit_base(w, &none);
    gain->viewers = judge(&none, &w->held, false, w->held_sum, w->held_count);
    gain->plays = (size_t)total(w->held_count, gain->viewers);
    *ret = none;
    if (gain->plays < PLAYS_MIN || w->mine.n < PLAYS_MIN)
        return 0;
    if (how->exactly > 0) {
        fit_all(w, plays, how->exactly, how->seed, ret);
        return 0;
    }
    for (unsigned n = 2; n <= most && n <= MOODS_MAX; n++) {
        if (watch.progress && !watch.progress(watch.ctx, "moods", n - 1, most))
            return mq_fail(err, MQ_CANCELLED, "training: stopped");
        fit_moods(w, &none, n, how->seed, &m);
        judge_held(w, &m, &gain->gain[n], &gain->error[n]);
        if (gain->gain[n] > (best > 1 ? gain->gain[best] : 0))
            best = n;
        else if (n > best + 1)
            break; /* two in a row that are no better */
    }
    if (best < 2)
        return 0;
    unsigned chosen = 2;
    while (gain->gain[chosen] < gain->gain[best] - gain->error[best])
        chosen++;
    judge_shuffled(w, chosen, how->seed, gain);
    double error = hypot(gain->error[chosen], gain->shuffled_error);
    if (gain->gain[chosen] - fmax(gain->shuffled, 0) > sure * error)
        fit_all(w, plays, chosen, how->seed, ret);
    return 0;
}

static void work_release(struct work *w)
{
    free(w->plays);
    free(w->viewer);
    free(w->sum);
    free(w->count);
    free(w->held_sum);
    free(w->held_count);
    mood_counts_free(w->counts);
    free(w->ground);
    free(w->sorted);
    free(w->at);
    free(w->key);
}

int moods_train(const struct mood_plays *plays, const struct mood_fit *how,
                struct train_watch watch, struct mood_model *ret, struct mood_gain *ret_gain,
                struct mq_error *err)
{
    struct work w = {0};
    struct mood_gain gain = {.gain = {0}};
    size_t n = plays->n + 1;
    int rc = 0;

    w.plays = calloc(n, sizeof(*w.plays));
    w.viewer = calloc(n, sizeof(*w.viewer));
    w.sum = calloc(n, sizeof(double));
    w.count = calloc(n, sizeof(double));
    w.held_sum = calloc(n, sizeof(double));
    w.held_count = calloc(n, sizeof(double));
    w.sorted = calloc(n, sizeof(*w.sorted));
    w.at = calloc(n, sizeof(*w.at));
    w.key = calloc(n, sizeof(*w.key));
    if (!w.plays || !w.viewer || !w.sum || !w.count || !w.held_sum || !w.held_count || !w.sorted ||
        !w.at || !w.key)
        rc = mq_fail(err, MQ_NO_MEMORY, "moods: no memory for %zu plays", plays->n);
    if (rc == 0)
        rc = mood_counts_new(&w.counts, err);
    if (rc == 0) {
        split(plays, &w);
        w.ground = malloc((w.mine.n + w.held.n + 1) * sizeof(*w.ground));
        if (!w.ground)
            rc = mq_fail(err, MQ_NO_MEMORY, "moods: no memory for %zu plays", plays->n);
    }
    if (rc == 0)
        rc = choose(&w, plays, how, watch, ret, &gain, err);
    if (rc == 0)
        *ret_gain = gain;
    work_release(&w);
    return rc;
}
