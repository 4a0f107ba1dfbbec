/* list_text.h - lists written as text ("Drama|Crime"), and text kept in an arena. Inside wire/ only. */
#ifndef MQ_WIRE_LIST_TEXT_H
#define MQ_WIRE_LIST_TEXT_H

#include "base/arena.h"
#include "catalogue/title.h"

struct text_list {
    const struct str *item; /* in the arena; the texts point into what was cut */
    uint16_t n;
};

/* What exports write for nothing: "", "\N", "N/A", "null", "(no genres listed)". */
bool text_is_nothing(struct str s);

/* Cut at `separator`, trimmed, without empty entries, "nothing" and repetitions (without regard to case); at
 * most TITLE_LIST_MAX are kept. False without room in the arena. */
bool list_cut(struct str s, char separator, struct arena *arena, struct text_list *ret);
/* At '|', or where there is none at ','. */
bool list_cut_any(struct str s, struct arena *arena, struct text_list *ret);
/* Names of countries as ISO 3166 codes, unknown ones left out. */
bool list_countries(struct text_list names, struct arena *arena, struct text_list *ret);

#endif
