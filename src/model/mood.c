#include "model/mood.h"

#include <math.h>
#include <string.h>

#include "base/str.h"

_Static_assert(sizeof(struct mood_part) ==
                   sizeof(struct mood_field) +
                       4 * (4 + MOODS_MAX + MOOD_WORDS * (1 + MOOD_CELLS + DEVICES + MOODS_MAX) +
                            2 + MOODS_MAX * (DAYPARTS + DEVICES + 2) + 1) +
                       5 * 8 + MOOD_GENRES * MOOD_GENRE_NAME,
               "no padding: it lies in files as it is");

enum { FIELD_PARTS = 8 }; /* sums beside each other, as vectors add */

int mood_length(uint16_t runtime_min)
{
    static const uint16_t below[MOOD_LENGTHS - 1] = {30, 60, 100, 130};
    int at = 0;

    if (runtime_min == 0)
        return -1;
    while (at < MOOD_LENGTHS - 1 && runtime_min >= below[at])
        at++;
    return at;
}

int mood_cell(const struct mood_moment *at)
{
    bool small =
        at->device == DEVICE_PHONE || at->device == DEVICE_TABLET || at->device == DEVICE_DESKTOP;

    if (at->daypart == DAYPART_NONE)
        return 0;
    return 1 + (at->daypart - DAYPART_MORNING) * 4 + small * 2 + at->weekend;
}

static bool same_session(const struct mood_state *s, int64_t at_ms)
{
    return s->begun && at_ms - s->last_ms < MOOD_SESSION_MS;
}

static bool within_reach(const struct mood_state *s, int64_t at_ms)
{
    return s->begun && at_ms - s->last_ms < MOOD_KEEP_MS;
}

/* Before the moment's own words: going on, kept, or drawn anew by the viewer's shares (`usual`). */
static void prior_of(const struct mood_model *m, const struct mood_state *s, int64_t at_ms,
                     float p[MOODS_MAX], float usual[MOODS_MAX])
{
    bool goes_on = same_session(s, at_ms);
    float keep = within_reach(s, at_ms) ? m->keep : 0;

    for (uint32_t z = 0; z < m->n; z++) {
        usual[z] = (s->moods[z] + m->moods_own * m->prior[z]) / (s->sessions + m->moods_own);
        p[z] = goes_on ? s->now[z] : keep * s->now[z] + (1 - keep) * usual[z];
    }
}

static void normalise(float *p, uint32_t n)
{
    float sum = 0;

    for (uint32_t z = 0; z < n; z++)
        sum += p[z];
    for (uint32_t z = 0; z < n; z++)
        p[z] = sum > 0 ? p[z] / sum : (z == 0);
}

static void base_of(const struct mood_model *m, const struct mood_state *s,
                    const struct mood_moment *at, float base[MOOD_WORDS])
{
    bool reach = within_reach(s, at->at_ms);
    int cell = mood_cell(at);

    for (int w = 0; w < MOOD_WORDS; w++) {
        float plays = w < MOOD_GENRES ? s->genre_plays : s->length_plays;
        float own = (s->words[w] + m->own * m->share[w]) / (plays + m->own);
        base[w] = m->share[w] > 0 && own > 0 ? logf(own / m->share[w]) : 0;
        base[w] += m->by_cell[cell][w] + m->by_device[at->device][w];
        if (reach && w < MOOD_GENRES && (s->last_genres >> w & 1))
            base[w] += m->again[0];
        if (reach && w >= MOOD_GENRES && s->last_length == w - MOOD_GENRES + 1)
            base[w] += m->again[1];
    }
}

float mood_score(const float base[MOOD_WORDS], const float factor[MOOD_WORDS], uint64_t genres,
                 uint16_t runtime_min)
{
    int length = mood_length(runtime_min), n = __builtin_popcountll(genres);
    float sum = 0;

    for (uint64_t left = genres; left; left &= left - 1) {
        int w = __builtin_ctzll(left);
        sum += base[w] + factor[w];
    }
    if (n > 0)
        sum /= sqrtf((float)n);
    return length < 0 ? sum : sum + base[MOOD_GENRES + length] + factor[MOOD_GENRES + length];
}

void mood_table_make(const struct mood_model *m, struct mood_table *ret)
{
    static const float none[MOOD_WORDS];
    for (uint32_t z = 0; z < m->n; z++)
        for (int f = 0; f < MOOD_FIELD; f++)
            ret->factor[z][f] =
                expf(mood_score(none, m->mood[z], m->field.genres[f], m->field.runtime_min[f]));
}

/* As the title before it: what is played a lot has several places, beside each other. */
static bool same_words(const struct mood_field *field, int f)
{
    return field->genres[f] == field->genres[f - 1] &&
           mood_length(field->runtime_min[f]) == mood_length(field->runtime_min[f - 1]);
}

static void mood_look_ground(const struct mood_model *m, const struct mood_state *s,
                             const struct mood_moment *at, struct mood_view *ret)
{
    static const float none[MOOD_WORDS];

    base_of(m, s, at, ret->base);
    for (int f = 0; f < MOOD_FIELD; f++)
        ret->others[f] =
            f > 0 && same_words(&m->field, f)
                ? ret->others[f - 1]
                : expf(mood_score(ret->base, none, m->field.genres[f], m->field.runtime_min[f]));
}

void mood_look_moods(const struct mood_model *m, const struct mood_table *table,
                     const struct mood_state *s, const struct mood_moment *at,
                     struct mood_view *ret)
{
    ret->n = m->n;
    prior_of(m, s, at->at_ms, ret->p, ret->usual);
    bool goes_on = same_session(s, at->at_ms);
    for (uint32_t z = 0; z < m->n; z++) {
        float by = expf(m->daypart_mood[at->daypart][z] + m->device_mood[at->device][z] +
                        (at->daypart ? m->weekend_mood[at->weekend][z] : 0));
        ret->p[z] *= goes_on ? 1 : by;
        ret->here[z] = ret->usual[z] * by;
    }
    normalise(ret->p, m->n);
    normalise(ret->usual, m->n);
    normalise(ret->here, m->n);
    for (uint32_t z = 0; z < m->n; z++) {
        float part[FIELD_PARTS] = {0}, sum = 0;
        for (int f = 0; f < MOOD_FIELD; f += FIELD_PARTS)
            for (int k = 0; k < FIELD_PARTS; k++)
                part[k] += ret->others[f + k] * table->factor[z][f + k];
        for (int k = 0; k < FIELD_PARTS; k++)
            sum += part[k];
        ret->field[z] = sum;
    }
}

void mood_look(const struct mood_model *m, const struct mood_table *table,
               const struct mood_state *s, const struct mood_moment *at, struct mood_view *ret)
{
    mood_look_ground(m, s, at, ret);
    mood_look_moods(m, table, s, at, ret);
}

float mood_log_chance(const struct mood_model *m, const struct mood_view *v, unsigned mood,
                      uint64_t genres, uint16_t runtime_min)
{
    float score = mood_score(v->base, m->mood[mood], genres, runtime_min);

    return score - logf((v->field[mood] + expf(score)) / (MOOD_FIELD + 1));
}

float mood_lift(const struct mood_model *m, const struct mood_view *v, uint64_t genres,
                uint16_t runtime_min)
{
    float now = 0, usual = 0;

    if (v->n < 2)
        return 0;
    for (uint32_t z = 0; z < v->n; z++) {
        float chance = expf(mood_log_chance(m, v, z, genres, runtime_min));
        now += v->p[z] * chance;
        usual += v->here[z] * chance;
    }
    return logf(now / usual);
}

float mood_lift_mean(const struct mood_table *table, const struct mood_view *v)
{
    float now[MOOD_FIELD] = {0}, usual[MOOD_FIELD] = {0}, sum = 0, all = 0;

    for (uint32_t z = 0; z < v->n; z++) {
        float by = v->p[z] / v->field[z], by_usual = v->here[z] / v->field[z];
        for (int f = 0; f < MOOD_FIELD; f++) {
            now[f] += by * table->factor[z][f];
            usual[f] += by_usual * table->factor[z][f];
        }
    }
    for (int f = 0; f < MOOD_FIELD; f++) {
        sum += v->others[f] * now[f] / usual[f];
        all += v->others[f];
    }
    return logf(sum / all);
}

static void remember_words(struct mood_state *s, const struct mood_play *play)
{
    int n = __builtin_popcountll(play->genres), length = mood_length(play->runtime_min);

    for (uint64_t left = play->genres; left; left &= left - 1)
        s->words[__builtin_ctzll(left)] += 1.0f / (float)n;
    s->genre_plays += n > 0;
    if (length >= 0) {
        s->words[MOOD_GENRES + length]++;
        s->length_plays++;
    }
    s->last_genres = play->genres;
    s->last_length = (uint8_t)(length + 1);
}

void mood_remember(struct mood_state *s, const struct mood_play *play)
{
    remember_words(s, play);
}

void mood_feed(const struct mood_model *m, struct mood_state *s, const struct mood_view *v,
               const struct mood_play *play)
{
    bool goes_on = same_session(s, play->moment.at_ms);
    float best = -INFINITY, chance[MOODS_MAX];

    /* The session before is over: it counts by what it ended as. */
    for (uint32_t z = 0; s->begun && !goes_on && z < m->n; z++)
        s->moods[z] += s->now[z];
    s->sessions += s->begun && !goes_on;
    for (uint32_t z = 0; z < v->n; z++) {
        chance[z] = mood_log_chance(m, v, z, play->genres, play->runtime_min);
        best = fmaxf(best, chance[z]);
    }
    for (uint32_t z = 0; z < v->n; z++)
        s->now[z] = v->p[z] * (best > -INFINITY ? expf(chance[z] - best) : 1);
    normalise(s->now, v->n);
    remember_words(s, play);
    s->last_ms = play->moment.at_ms;
    s->begun = true;
}

static bool all_finite(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(v[i]) || fabsf(v[i]) > 50)
            return false;
    }
    return true;
}

bool mood_valid(const struct mood_model *m)
{
    if (m->n < 1 || m->n > MOODS_MAX || !(m->keep >= 0 && m->keep <= 1) ||
        !(m->own > 0 && m->own < 1e6f) || !(m->moods_own > 0 && m->moods_own < 1e6f))
        return false;
    for (uint32_t z = 0; z < m->n; z++) {
        if (!(m->prior[z] >= 0 && m->prior[z] <= 1))
            return false;
    }
    for (int w = 0; w < MOOD_WORDS; w++) {
        if (!(m->share[w] >= 0 && m->share[w] <= 1))
            return false;
    }
    return all_finite(m->by_cell[0], sizeof(m->by_cell) / sizeof(float)) &&
           all_finite(m->by_device[0], sizeof(m->by_device) / sizeof(float)) &&
           all_finite(m->again, 2) && all_finite(m->mood[0], sizeof(m->mood) / sizeof(float)) &&
           all_finite(m->daypart_mood[0], sizeof(m->daypart_mood) / sizeof(float)) &&
           all_finite(m->device_mood[0], sizeof(m->device_mood) / sizeof(float)) &&
           all_finite(m->weekend_mood[0], sizeof(m->weekend_mood) / sizeof(float));
}

const char *mood_fault(const struct mood_part *p)
{
    if (!mood_valid(&p->model))
        return "of moods: a factor is not finite, or their number not within 1 and 6";
    if (!isfinite(p->gain) || !isfinite(p->error) || !isfinite(p->shuffled) ||
        !isfinite(p->shuffled_error))
        return "of moods: a gain is not finite";
    for (int g = 0; g < MOOD_GENRES; g++) {
        struct str name = {p->genre[g], strnlen(p->genre[g], MOOD_GENRE_NAME)};
        if (name.n == MOOD_GENRE_NAME || !str_is_utf8(name) || str_has_control(name))
            return "of moods: a genre is no text";
    }
    return NULL;
}
