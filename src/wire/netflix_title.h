/* netflix_title.h - what a Netflix export writes as a title, taken apart. Inside wire/ only.
 *
 * Episodes read `Show: Season 4: Name (Episode 7)` in ViewingActivity and `Show: Season 4: "Name"` in
 * PlaybackRelatedEvents; for Season also Part, Volume, Series, Book, Chapter, Collection, Limited Series, Miniseries.
 * `Show: Season 4` alone is a season; all else is a name as it stands. */
#ifndef MQ_WIRE_NETFLIX_TITLE_H
#define MQ_WIRE_NETFLIX_TITLE_H

#include "base/arena.h"
#include "catalogue/title.h"

struct netflix_title {
    uint8_t kind;            /* TITLE_EPISODE, TITLE_SEASON or TITLE_UNKNOWN */
    struct str name;         /* of the episode or season; else of the whole */
    struct str show;         /* of an episode or season */
    struct str part;         /* "Season 4"; may be empty */
    uint16_t season, number; /* 0: not said */
};

/* Text points into `s`. */
void netflix_title_parse(struct str s, struct netflix_title *ret);

/* The id that Marquee gives it: "netflix:" and the name, the same from every file of an export; a hash of it where
 * that would be too long. p == NULL without room in the arena. */
struct str netflix_title_id(const struct netflix_title *t, struct arena *arena);
struct str netflix_name_id(struct str name, struct arena *arena);

/* Do both mean the same title, whatever the way it is written? */
bool netflix_title_same(struct str a, struct str b);

/* Does the text look like a trailer, a recap, a loop rather than a title? Only for rows that nothing else tells of. */
bool netflix_title_is_extra(struct str s);

#endif
