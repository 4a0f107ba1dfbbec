/* retro_test.h - would opportunities found before a day have succeeded? Titles that came out after it and have parts of one are
 * held against titles like them that have not.
 *
 * A later title matches an opportunity when it has at least two of its three parts: people in their role, a theme as tag or
 * genre (a theme that is one title is never had). Its audience (distinct viewers over the whole log, natural log) is held against the mean of up to
 * RETRO_CONTROLS titles that match none, are out within a fifth of the window of it, share its first genre or half of
 * their genres, and whose budget is within a factor of two (known or unknown on both sides):
 *   any       whoever made them
 *   one_part  that have just one of a listed maker or lead: the same people, without the combination */
#ifndef MQ_STRATEGY_RETRO_TEST_H
#define MQ_STRATEGY_RETRO_TEST_H

#include "math/bootstrap.h"
#include "strategy/opportunities.h"
#include "strategy/strategy_data.h"

enum { RETRO_CONTROLS = 10, RETRO_MATCHES_MAX = 1 << 20 };

struct retro_question {
    int32_t cut_day;     /* found before it */
    int32_t window_days; /* titles out from cut_day on, for so long */
};

enum retro_control { RETRO_ANY, RETRO_ONE_PART, RETRO_KINDS };

struct retro_match {
    uint32_t title;
    int32_t cut_day;
    uint32_t vertex
        [VERTEX_KINDS]; /* people, then the theme's title or genre; as vertices.h numbers them */
    uint8_t parts;      /* bit per part that it has */
    double gain[RETRO_KINDS]; /* log audience less the controls' mean; NaN: there was none */
};

struct retro_list {
    struct retro_match *match; /* (n) */
    uint32_t n, room;
    uint32_t cuts, listed,
        later; /* days; opportunities; titles that came after, all days together */
};

void retro_list_release(struct retro_list *l);

/* Adds the matches of one day. `found` was searched among titles and events known then; `d` is the whole past.
 * MQ_NO_MEMORY, MQ_TOO_LARGE. O(later titles * (listed + matches)). */
int retro_add(const struct strategy_data *d, const struct opportunities *found,
              const struct retro_question *q, struct retro_list *l, struct mq_error *err);

struct retro_side {
    struct interval
        gain;   /* of the logs; titles resampled with all the days on which they matched */
    double won; /* share of matches above their controls' mean */
    uint32_t matches, titles;
};
struct retro_summary {
    uint32_t matches, titles, whole; /* whole: matches with all three parts */
    struct retro_side side[RETRO_KINDS];
};
int retro_summarise(const struct retro_list *l, uint64_t seed, struct retro_summary *ret,
                    struct mq_error *err);

#endif
