#include "train/mood_count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTH 40.0 /* plays that agree with what is expected, added to each factor's evidence */
#define SMOOTH_BASE 80.0 /* the same for what does not depend on moods */
#define PULL 10.0        /* plays a unit of a mood's factor, towards 0 */
#define STEP_MAX 0.7f
#define FACTOR_MAX 4.0f

/* What was said, and what was expected to be: one number per factor of the model, in its layout. */
struct tally {
    double by_cell[MOOD_CELLS][MOOD_WORDS], by_device[DEVICES][MOOD_WORDS], again[2],
        mood[MOODS_MAX][MOOD_WORDS];
    double daypart_mood[DAYPARTS][MOODS_MAX], device_mood[DEVICES][MOODS_MAX],
        weekend_mood[2][MOODS_MAX];
    double drawn[MOODS_MAX];
};

/* Words said under each mood, by its posterior alone: how much a step may count on. */
struct mass {
    double mood[MOODS_MAX][MOOD_WORDS];
};

/* Of the field's titles what was expected of each, by what its words then count for. */
struct crowd {
    double by_cell[MOOD_CELLS][MOOD_FIELD], by_device[DEVICES][MOOD_FIELD],
        mood[MOODS_MAX][MOOD_FIELD];
};

/* A play as the filter saw it, kept until its session is over. */
struct kept_play {
    struct mood_state before;
    struct mood_view view;
    const struct mood_play *play;
};
enum { SESSION_PLAYS = 24 }; /* kept at once; a longer session is counted in parts */

struct mood_counts {
    struct tally said, expected;
    struct mass mass;
    struct crowd crowd;
    struct kept_play session[SESSION_PLAYS];
};

int mood_counts_new(struct mood_counts **ret, struct mq_error *err)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret ? 0 : mq_fail(err, MQ_NO_MEMORY, "moods: no memory to count");
}

void mood_counts_free(struct mood_counts *c)
{
    free(c);
}

void mood_pass(const struct mood_model *m, const struct mood_plays *p, mood_see *see, void *ctx)
{
    struct mood_state s = {0};
    struct mood_table table;

    mood_table_make(m, &table);
    for (size_t i = 0; i < p->n; i++) {
        struct mood_view view;
        if (i > 0 && p->viewer[i] != p->viewer[i - 1])
            s = (struct mood_state){0};
        struct mood_state before = s;
        if (p->ground) {
            memcpy(view.base, p->ground[i].base, sizeof(view.base));
            memcpy(view.others, p->ground[i].others, sizeof(view.others));
            mood_look_moods(m, &table, &s, &p->plays[i].moment, &view);
        } else {
            mood_look(m, &table, &s, &p->plays[i].moment, &view);
        }
        mood_feed(m, &s, &view, &p->plays[i]);
        see(ctx, &before, &view, &s, &p->plays[i]);
    }
}

static void lay(void *ctx, const struct mood_state *before, const struct mood_view *view,
                const struct mood_state *after, const struct mood_play *play)
{
    struct mood_ground **at = ctx;

    (void)before;
    (void)after;
    (void)play;
    memcpy((*at)->base, view->base, sizeof(view->base));
    memcpy((*at)->others, view->others, sizeof(view->others));
    (*at)++;
}

void mood_ground_lay(const struct mood_model *m, const struct mood_plays *p,
                     struct mood_ground *ret)
{
    mood_pass(m, p, lay, &ret);
}

/* ------------------------------------------------------------------ counting */

struct counting {
    const struct mood_model *m;
    const struct mood_table *table;
    struct tally *said, *expected;
    struct mass *mass;
    struct crowd *crowd;
    struct kept_play *session; /* (n) of the session under way */
    size_t n;
    float now[MOODS_MAX]; /* posterior after them */
};

/* One word's evidence, `weight` of it, under mood z. */
static void count_word(struct tally *t, const struct mood_state *before,
                       const struct mood_play *play, int w, uint32_t z, double weight)
{
    const struct mood_moment *at = &play->moment;
    bool reach = before->begun && at->at_ms - before->last_ms < MOOD_KEEP_MS;

    t->by_cell[mood_cell(at)][w] += weight;
    t->by_device[at->device][w] += weight;
    if (reach && w < MOOD_GENRES && (before->last_genres >> w & 1))
        t->again[0] += weight;
    if (reach && w >= MOOD_GENRES && before->last_length == w - MOOD_GENRES + 1)
        t->again[1] += weight;
    t->mood[z][w] += weight;
}

/* All words of a title under mood z with chance q. */
static void count_title(struct tally *t, const struct mood_state *before,
                        const struct mood_play *play, uint64_t genres, uint16_t runtime_min,
                        uint32_t z, double q)
{
    int n = __builtin_popcountll(genres), length = mood_length(runtime_min);

    for (uint64_t left = genres; left; left &= left - 1)
        count_word(t, before, play, __builtin_ctzll(left), z, q / sqrt(n));
    if (length >= 0)
        count_word(t, before, play, MOOD_GENRES + length, z, q);
}

/* What of the field the last play's words would have been expected to say again, to expectations e. */
static void expect_again(struct counting *c, const struct mood_state *before,
                         const struct mood_moment *at, const double e[MOOD_FIELD])
{
    const struct mood_field *field = &c->m->field;
    if (!before->begun || at->at_ms - before->last_ms >= MOOD_KEEP_MS)
        return;
    for (int f = 0; f < MOOD_FIELD; f++) {
        int n = __builtin_popcountll(field->genres[f]);
        int again = __builtin_popcountll(field->genres[f] & before->last_genres);
        if (again > 0)
            c->expected->again[0] += e[f] * again / sqrt(n);
        if (before->last_length > 0 &&
            mood_length(field->runtime_min[f]) + 1 == before->last_length)
            c->expected->again[1] += e[f];
    }
}

/* Without moods. */
static void count_words(struct counting *c, const struct mood_state *before,
                        const struct mood_view *view, const struct mood_play *play)
{
    const struct mood_moment *at = &play->moment;
    double e[MOOD_FIELD];
    float own = expf(mood_score(view->base, c->m->mood[0], play->genres, play->runtime_min));
    float all = view->field[0] + own;

    count_title(c->said, before, play, play->genres, play->runtime_min, 0, 1);
    count_title(c->expected, before, play, play->genres, play->runtime_min, 0, (double)(own / all));
    for (int f = 0; f < MOOD_FIELD; f++)
        e[f] = (double)(view->others[f] * c->table->factor[0][f] / all);
    for (int f = 0; f < MOOD_FIELD; f++) {
        c->crowd->by_cell[mood_cell(at)][f] += e[f];
        c->crowd->by_device[at->device][f] += e[f];
    }
    expect_again(c, before, at, e);
}

/* The field's expectations as words. */
static void spread_field(const struct mood_field *field, const double expected[MOOD_FIELD],
                         double words[MOOD_WORDS])
{
    for (int f = 0; f < MOOD_FIELD; f++) {
        int n = __builtin_popcountll(field->genres[f]), length = mood_length(field->runtime_min[f]);
        for (uint64_t left = field->genres[f]; left; left &= left - 1)
            words[__builtin_ctzll(left)] += expected[f] / sqrt(n);
        if (length >= 0)
            words[MOOD_GENRES + length] += expected[f];
    }
}

static bool begins(const struct kept_play *k)
{
    return !k->before.begun || k->play->moment.at_ms - k->before.last_ms >= MOOD_SESSION_MS;
}

/* How the session's mood was drawn, with chance q that it is z. */
static void count_draw(struct counting *c, const struct kept_play *k, uint32_t z, double q)
{
    const struct mood_moment *at = &k->play->moment;
    c->said->daypart_mood[at->daypart][z] += q;
    c->said->device_mood[at->device][z] += q;
    c->expected->daypart_mood[at->daypart][z] += (double)k->view.p[z];
    c->expected->device_mood[at->device][z] += (double)k->view.p[z];
    if (at->daypart) {
        c->said->weekend_mood[at->weekend][z] += q;
        c->expected->weekend_mood[at->weekend][z] += (double)k->view.p[z];
    }
    c->said->drawn[z] += q;
}

/* How likely each mood is by the rest of the session, and by this play and the viewer's shares alone. */
struct known {
    double rest[MOODS_MAX], more[MOODS_MAX]; /* more: by all of it, less by this play alone */
};

static void know(const struct counting *c, const struct kept_play *k, struct known *ret)
{
    double chance[MOODS_MAX], alone = 0, rest = 0;
    for (uint32_t z = 0; z < k->view.n; z++) {
        float ln = mood_log_chance(c->m, &k->view, z, k->play->genres, k->play->runtime_min);
        chance[z] = fmax(exp((double)ln), 1e-12);
        alone += (double)k->view.here[z] * chance[z];
        rest += (double)c->now[z] / chance[z];
    }
    for (uint32_t z = 0; z < k->view.n; z++) {
        ret->rest[z] = (double)c->now[z] / chance[z] / rest;
        ret->more[z] = (double)c->now[z] - (double)k->view.here[z] * chance[z] / alone;
    }
}

/* What of the field was to be expected in the play's place: the chances without moods, tilted by what the rest of the session says. */
static void expect_tilted(struct counting *c, const struct kept_play *k, const struct known *known)
{
    const struct mood_view *v = &k->view;
    float chance[MOODS_MAX][MOOD_FIELD], now[MOOD_FIELD] = {0}, usual[MOOD_FIELD] = {0};
    float tilted[MOOD_FIELD], all = 0, less[MOODS_MAX] = {0}, rest[MOODS_MAX];
    for (uint32_t z = 0; z < v->n; z++) {
        rest[z] = (float)known->rest[z];
        for (int f = 0; f < MOOD_FIELD; f++) {
            chance[z][f] = c->table->factor[z][f] / v->field[z];
            now[f] += rest[z] * chance[z][f];
            usual[f] += v->here[z] * chance[z][f];
        }
    }
    for (int f = 0; f < MOOD_FIELD; f++)
        all += tilted[f] = v->others[f] * now[f] / usual[f];
    for (int f = 0; f < MOOD_FIELD; f++) {
        now[f] = tilted[f] / all / now[f];
        usual[f] = tilted[f] / all / usual[f];
    }
    for (uint32_t z = 0; z < v->n; z++)
        for (int f = 0; f < MOOD_FIELD; f++)
            less[z] += chance[z][f] * (rest[z] * now[f] - v->here[z] * usual[f]);
    for (uint32_t z = 0; z < v->n; z++)
        for (int f = 0; f < MOOD_FIELD; f++)
            c->crowd->mood[z][f] +=
                (double)(chance[z][f] * (rest[z] * now[f] - v->here[z] * usual[f] +
                                         ((float)known->more[z] - less[z]) * v->others[f]));
}

static void count_mass(struct mass *t, const struct mood_play *play, uint32_t z, double q)
{
    int n = __builtin_popcountll(play->genres), length = mood_length(play->runtime_min);
    for (uint64_t left = play->genres; left; left &= left - 1)
        t->mood[z][__builtin_ctzll(left)] += q / sqrt(n);
    if (length >= 0)
        t->mood[z][MOOD_GENRES + length] += q;
}

/* A play as what the rest of its session foretold. Of ln (chance tilted by what the rest says), with the rest's posterior as it is, the gradient in
 * each word's factor: what was said less what was to be expected. */
static void count_tilted(struct counting *c, const struct kept_play *k)
{
    struct known known = {.rest = {0}};
    double differ = 0;
    know(c, k, &known);
    for (uint32_t z = 0; z < k->view.n; z++) {
        count_mass(c->mass, k->play, z, (double)c->now[z]);
        differ = fmax(differ, fabs(known.rest[z] - (double)k->view.here[z]));
    }
    if (differ < 1e-3)
        return; /* nothing was foretold */
    for (uint32_t z = 0; z < k->view.n; z++)
        count_title(c->said, &k->before, k->play, k->play->genres, k->play->runtime_min, z,
                    known.more[z]);
    expect_tilted(c, k, &known);
}

/* The session is over, and all of it says what it was for: what came last tells of the first choice too. */
static void count_session(struct counting *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct kept_play *k = &c->session[i];
        if (c->m->n > 1)
            count_tilted(c, k);
        else
            count_words(c, &k->before, &k->view, k->play);
        for (uint32_t z = 0; z < k->view.n && begins(k); z++)
            count_draw(c, k, z, (double)c->now[z]);
    }
    c->n = 0;
}

static void keep_play(void *ctx, const struct mood_state *before, const struct mood_view *view,
                      const struct mood_state *after, const struct mood_play *play)
{
    struct counting *c = ctx;
    struct kept_play k = {*before, *view, play};

    if (begins(&k) || c->n == SESSION_PLAYS)
        count_session(c);
    c->session[c->n++] = k;
    memcpy(c->now, after->now, sizeof(c->now));
}

void mood_count(struct mood_counts *to, const struct mood_model *m, const struct mood_plays *p)
{
    struct mood_table table;
    struct counting c = {.m = m,
                         .table = &table,
                         .said = &to->said,
                         .expected = &to->expected,
                         .mass = &to->mass,
                         .crowd = &to->crowd,
                         .session = to->session};

    mood_table_make(m, &table);
    memset(&to->said, 0, sizeof(to->said));
    memset(&to->expected, 0, sizeof(to->expected));
    memset(&to->mass, 0, sizeof(to->mass));
    memset(&to->crowd, 0, sizeof(to->crowd));
    mood_pass(m, p, keep_play, &c);
    count_session(&c);
    for (int k = 0; k < MOOD_CELLS; k++)
        spread_field(&m->field, to->crowd.by_cell[k], to->expected.by_cell[k]);
    for (int d = 0; d < DEVICES; d++)
        spread_field(&m->field, to->crowd.by_device[d], to->expected.by_device[d]);
    for (uint32_t z = 0; z < m->n; z++)
        spread_field(&m->field, to->crowd.mood[z], to->expected.mood[z]);
}

/* ------------------------------------------------------------------ scaling */

static float scaled_by(float factor, double said, double expected, double smooth)
{
    float step = logf((float)((said + smooth) / (expected + smooth)));

    step = fmaxf(fminf(step, STEP_MAX), -STEP_MAX);
    return fmaxf(fminf(factor + step, FACTOR_MAX), -FACTOR_MAX);
}

static float scaled(float factor, double said, double expected)
{
    return scaled_by(factor, said, expected, SMOOTH);
}

/* Which cells (mood_cell) have a part of the day, or a kind of day, in common. */
static int daypart_of_cell(int cell)
{
    return (cell - 1) / 4;
}

static int weekend_of_cell(int cell)
{
    return (cell - 1) % 2;
}

/* What all cells of a kind have in common is moved in all of them: it has the evidence of all of them. */
static void scale_together(struct mood_model *m, const struct mood_counts *c,
                           int (*kind_of)(int cell), int kinds)
{
    for (int kind = 0; kind < kinds; kind++)
        for (int w = 0; w < MOOD_WORDS; w++) {
            double said = 0, expected = 0;
            for (int k = 1; k < MOOD_CELLS; k++) {
                said += kind_of(k) == kind ? c->said.by_cell[k][w] : 0;
                expected += kind_of(k) == kind ? c->expected.by_cell[k][w] : 0;
            }
            for (int k = 1; k < MOOD_CELLS; k++)
                if (kind_of(k) == kind)
                    m->by_cell[k][w] = scaled_by(m->by_cell[k][w], said, expected, SMOOTH_BASE);
        }
}

static void scale_words(float *factor, const double *said, const double *expected)
{
    for (int w = 0; w < MOOD_WORDS; w++)
        factor[w] = scaled_by(factor[w], said[w], expected[w], SMOOTH_BASE);
}

/* What does not depend on moods. Row 0 (unknown) stays 0. */
void mood_scale_base(struct mood_model *m, const struct mood_counts *c, unsigned round)
{
    /* One family a round: they share their evidence, and moved together they would overshoot. */
    switch (round < BASE_ROUNDS - 1 ? round % 3 : 3) {
    case 0:
        scale_together(m, c, daypart_of_cell, 4);
        break;
    case 1:
        for (int d = 1; d < DEVICES; d++)
            scale_words(m->by_device[d], c->said.by_device[d], c->expected.by_device[d]);
        for (int k = 0; k < 2; k++)
            m->again[k] = scaled(m->again[k], c->said.again[k], c->expected.again[k]);
        break;
    case 2:
        scale_together(m, c, weekend_of_cell, 2);
        break;
    default: /* in the end what is left of each cell by itself: most of it is chance */
        for (int k = 1; k < MOOD_CELLS; k++)
            scale_words(m->by_cell[k], c->said.by_cell[k], c->expected.by_cell[k]);
    }
}

/* What all hours have in common is no matter of the hour, but of the shares: taken out of row `first` on (n rows), weighed by what was said. */
static void centre(float factor[][MOODS_MAX], const double said[][MOODS_MAX], int first, int n,
                   uint32_t moods)
{
    double all = 0, sum[MOODS_MAX] = {0};

    for (int d = first; d < n; d++) {
        double here = 0;
        for (uint32_t z = 0; z < moods; z++)
            here += said[d][z];
        for (uint32_t z = 0; z < moods; z++)
            sum[z] += here * (double)factor[d][z];
        all += here;
    }
    for (int d = first; d < n && all > 0; d++)
        for (uint32_t z = 0; z < moods; z++)
            factor[d][z] -= (float)(sum[z] / all);
}

/* A step up the gain over the usual mixture: said less expected, over the words said. */
static void climb(float *factor, const double *said, const double *expected, const double *mass)
{
    for (int w = 0; w < MOOD_WORDS; w++) {
        double up = said[w] - expected[w] - PULL * (double)factor[w];
        float step = (float)(up / (mass[w] + SMOOTH));
        step = fmaxf(fminf(step, STEP_MAX), -STEP_MAX);
        factor[w] = fmaxf(fminf(factor[w] + step, FACTOR_MAX), -FACTOR_MAX);
    }
}

void mood_scale_moods(struct mood_model *m, const struct mood_counts *c)
{
    double drawn = 0;

    for (uint32_t z = 0; z < m->n; z++) {
        drawn += c->said.drawn[z] + SMOOTH;
        climb(m->mood[z], c->said.mood[z], c->expected.mood[z], c->mass.mood[z]);
        for (int d = 1; d < DAYPARTS; d++)
            m->daypart_mood[d][z] = scaled(m->daypart_mood[d][z], c->said.daypart_mood[d][z],
                                           c->expected.daypart_mood[d][z]);
        for (int d = 1; d < DEVICES; d++)
            m->device_mood[d][z] = scaled(m->device_mood[d][z], c->said.device_mood[d][z],
                                          c->expected.device_mood[d][z]);
        for (int d = 0; d < 2; d++)
            m->weekend_mood[d][z] = scaled(m->weekend_mood[d][z], c->said.weekend_mood[d][z],
                                           c->expected.weekend_mood[d][z]);
    }
    centre(m->daypart_mood, c->said.daypart_mood, 1, DAYPARTS, m->n);
    centre(m->device_mood, c->said.device_mood, 1, DEVICES, m->n);
    centre(m->weekend_mood, c->said.weekend_mood, 0, 2, m->n);
    for (uint32_t z = 0; z < m->n; z++)
        m->prior[z] = (float)((c->said.drawn[z] + SMOOTH) / drawn);
}
