/* mood.h - what is this viewer in for? A mixture over sessions, read live.
 *
 * A title has words: its genres (each weighs n^-1/2 of n) and its length. It is chosen with a chance proportional to its popularity
 * times, for each word,
 *
 *     the viewer's own taste for it * the moment's factor * the last play's factor * mood z's factor
 *
 * So a mood is what neither popularity nor the viewer's taste, nor the hour, the device and the day, nor having just seen something
 * alike explains. The normaliser over all titles is estimated by the title itself and a field of
 * others, which stand for all plays in equal steps: it is part of the model.
 *
 * A session keeps its mood; the next one within MOOD_KEEP_MS keeps it with chance `keep`, else it is drawn by the viewer's own shares
 * in the moods. At each decision the posterior uses that moment's context and the plays before it, nothing else (a forward filter;
 * Rabiner 1989), so that training, evaluation and serving read the same numbers. train/mood_fit.h fits it. */
#ifndef MQ_MODEL_MOOD_H
#define MQ_MODEL_MOOD_H

#include "event/context.h"

enum {
    MOODS_MAX = 6,
    MOOD_GENRES = 64,
    MOOD_LENGTHS = 5, /* under 30, under 60, under 100, under 130 minutes, longer */
    MOOD_WORDS = MOOD_GENRES + MOOD_LENGTHS,
    MOOD_GENRE_NAME = 32, /* bytes; longer ones are cut, and compared so */
    MOOD_FIELD = 128,
    MOOD_CELLS = 1 + 4 * 2 * 2,    /* unknown; daypart, screen, day type */
    MOOD_SESSION_MS = 3 * 3600000, /* a longer silence ends a session */
    MOOD_KEEP_MS = 48 * 3600000,
};

/* The moment, or a play within it. */
struct mood_moment {
    int64_t at_ms;
    uint8_t daypart, device; /* enum daypart, enum device; 0 = unknown, says nothing */
    bool weekend;
};
struct mood_play {
    struct mood_moment moment;
    uint64_t genres;      /* bits */
    uint16_t runtime_min; /* 0 = unknown */
};

/* Titles, each as often as its share of all plays. */
struct mood_field {
    uint64_t genres[MOOD_FIELD];
    uint16_t runtime_min[MOOD_FIELD];
};

/* Plain numbers, so that it lies in a model file as it is. Logarithms of factors. */
struct mood_model {
    struct mood_field field;
    uint32_t n;      /* moods, 1 to MOODS_MAX; 1: there are none to tell apart */
    float keep;      /* chance of keeping the last session's mood */
    float own;       /* plays that the common shares count as, beside the viewer's own */
    float moods_own; /* sessions that the common prior counts as */
    float prior[MOODS_MAX];
    float share[MOOD_WORDS]; /* of genres, and of lengths: each sums to 1 */
    float by_cell[MOOD_CELLS][MOOD_WORDS];
    float by_device[DEVICES][MOOD_WORDS];
    float again[2]; /* a genre of the last play; its length */
    float mood[MOODS_MAX][MOOD_WORDS];
    /* What the moment says of the mood. */
    float daypart_mood[DAYPARTS][MOODS_MAX];
    float device_mood[DEVICES][MOODS_MAX];
    float weekend_mood[2][MOODS_MAX];
    float spare; /* 0 */
};

/* Of a model file: the mixture, what its genre words mean, and how it was judged. */
struct mood_part {
    struct mood_model model;
    double gain,
        error; /* mean ln gain a play over context, taste and last title, on viewers outside of the fit */
    double shuffled,
        shuffled_error; /* what the same fit gains with titles shuffled within viewer */
    uint64_t plays;     /* judged */
    char genre[MOOD_GENRES][MOOD_GENRE_NAME]; /* ends in NUL; empty: none */
};

/* What the moods alone make of the field: the same at every moment. */
struct mood_table {
    float factor[MOODS_MAX][MOOD_FIELD];
};

/* Bytes of a mood_part in files of formats 5 to 7: 15 titles in its field, with one more runtime to fill up. */
enum {
    MOOD_PART_BEFORE_8 = sizeof(struct mood_part) - sizeof(struct mood_field) +
                         15 * sizeof(uint64_t) + 16 * sizeof(uint16_t)
};

/* A viewer so far. All zero: nothing is known. */
struct mood_state {
    float words[MOOD_WORDS]; /* said so far */
    float genre_plays, length_plays;
    float moods[MOODS_MAX]; /* sessions spent in each, without the one under way */
    float sessions;
    float now[MOODS_MAX]; /* posterior of the last play's session */
    int64_t last_ms;
    uint64_t last_genres;
    uint8_t last_length; /* + 1; 0 = unknown */
    bool begun;
};

/* What is expected at a moment, for titles to be scored by. */
struct mood_view {
    uint32_t n;
    float p[MOODS_MAX];       /* posterior */
    float usual[MOODS_MAX];   /* the viewer's shares */
    float here[MOODS_MAX];    /* the same, times what the moment says of the mood */
    float base[MOOD_WORDS];   /* factor of each word, without mood */
    float others[MOOD_FIELD]; /* product of the field's factors, without mood */
    float field[MOODS_MAX];   /* their sum, with each mood's */
};

/* Which cell of by_cell; 0 when the hour is unknown. An unknown device stands with the large ones. */
int mood_cell(const struct mood_moment *at);
int mood_length(uint16_t runtime_min); /* 0 to MOOD_LENGTHS - 1, or -1 */

/* Once for a model. O(moods * field). */
void mood_table_make(const struct mood_model *m, struct mood_table *ret);
/* O(field * (moods + genres of a title)): mood_look_ground, which does not depend on moods and costs most of it, and mood_look_moods. */
void mood_look(const struct mood_model *m, const struct mood_table *table,
               const struct mood_state *s, const struct mood_moment *at, struct mood_view *ret);
void mood_look_moods(const struct mood_model *m, const struct mood_table *table,
                     const struct mood_state *s, const struct mood_moment *at,
                     struct mood_view *ret); /* the rest, with base and others in place */
/* ln of how much likelier the title is now than in the viewer's usual mixture of moods at such a moment, that is by what the plays before say
 * alone: what hour and device make of a title stands in tables of its own. 0 with one mood. */
float mood_lift(const struct mood_model *m, const struct mood_view *v, uint64_t genres,
                uint16_t runtime_min);
/* ln of the mean of e^mood_lift over the field, each title by its chance without moods: lifts less it make these chances into chances. */
float mood_lift_mean(const struct mood_table *table, const struct mood_view *v);
/* ln of how much likelier the title is than its popularity says, in this mood. */
float mood_log_chance(const struct mood_model *m, const struct mood_view *v, unsigned mood,
                      uint64_t genres, uint16_t runtime_min);
/* ln of the product of its words' factors, of both tables. */
float mood_score(const float base[MOOD_WORDS], const float factor[MOOD_WORDS], uint64_t genres,
                 uint16_t runtime_min);
/* Take in a play; `v` is the view just before it. Times must not fall. */
void mood_feed(const struct mood_model *m, struct mood_state *s, const struct mood_view *v,
               const struct mood_play *play);

/* All numbers finite, n and shares in range: what a file must hold. */
bool mood_valid(const struct mood_model *m);
/* NULL, or what is wrong with it. */
const char *mood_fault(const struct mood_part *p);
/* Take in a play without asking what mood it says: for plays of long ago. */
void mood_remember(struct mood_state *s, const struct mood_play *play);

#endif
