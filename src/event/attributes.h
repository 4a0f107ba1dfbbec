/* attributes.h - what is said of a viewer beside what they do: age band, country, plan ... One table of names; nothing
 * else is kept, so that names, addresses and numbers that identify somebody never get in. */
#ifndef MQ_EVENT_ATTRIBUTES_H
#define MQ_EVENT_ATTRIBUTES_H

#include "base/buf.h"

#define ATTRIBUTE_TABLE(X)                                                                         \
    X(ATTRIBUTE_AGE_BAND, "age_band")     /* age_band_of */                                        \
    X(ATTRIBUTE_GENDER, "gender")         /* as told */                                            \
    X(ATTRIBUTE_COUNTRY, "country")       /* two letters */                                        \
    X(ATTRIBUTE_REGION, "region")         /* text */                                               \
    X(ATTRIBUTE_PLAN, "plan")             /* the service's word */                                 \
    X(ATTRIBUTE_LANGUAGE, "language")     /* as told */                                            \
    X(ATTRIBUTE_OCCUPATION, "occupation") /* text */                                               \
    X(ATTRIBUTE_KIDS, "kids")             /* "true": a child's profile */                          \
    X(ATTRIBUTE_SIGNUP, "signup")         /* yyyy-mm-dd */

enum attribute {
#define ATTRIBUTE_ENUM(code, word) code,
    ATTRIBUTE_TABLE(ATTRIBUTE_ENUM)
#undef ATTRIBUTE_ENUM
        ATTRIBUTES
};

enum { ATTRIBUTE_VALUE_MAX = 64, ATTRIBUTES_TEXT_MAX = 1024 };

/* p == NULL: not said; n == 0 otherwise: taken back. Values point where they came from. */
struct attributes {
    struct str value[ATTRIBUTES];
};

const char *attribute_name(enum attribute a);
/* ATTRIBUTES for a name that is none. */
enum attribute attribute_from(struct str name);
/* May this stand as a value: short, UTF-8, no control character, no '&' or '='. "" may. */
bool attribute_value_ok(struct str value);

/* "age_band=25-34&plan=gold", in the table's order: how an event carries them. */
void attributes_write(const struct attributes *a, struct buf *out);
/* False: not written like that; *ret untouched. Values point into `text`. */
bool attributes_read(struct str text, struct attributes *ret);
/* What is said in `over` replaces what stands in *base. */
void attributes_lay_over(struct attributes *base, const struct attributes *over);

/* The bands of MovieLens 1M: "under-18", "18-24", "25-34", "35-44", "45-49", "50-55", "56+". Static text. */
const char *age_band_of(unsigned years);

#endif
