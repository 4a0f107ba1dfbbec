/* film_name.h - what MovieLens writes as a title, taken apart. */
#ifndef MQ_WIRE_FILM_NAME_H
#define MQ_WIRE_FILM_NAME_H

#include "base/arena.h"

struct film_name {
    struct str name, original_name; /* original_name may be empty */
    int16_t year;                   /* 0 = none there */
};

/* "Name, The (Other Name, L') (1995)". Text points into `s` or the arena; false without room in it. */
bool film_name_parse(struct str s, struct arena *arena, struct film_name *ret);

#endif
