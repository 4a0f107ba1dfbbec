/* rules.h - what a request asks to leave out, to prefer and to place: its text taken apart and checked.
 *
 *   rule       condition {& condition}; a boost ends in *FACTOR, a pin in @ROW.COLUMN or, of a list, @PLACE (from 0)
 *   condition  FIELD op VALUE {| VALUE}      op: = != > >= < <=   (any of the values; the last four take one)
 *   VALUE      as it stands, or in quotes, where "" is a quote
 *
 * A pin without a comparison names a title by its id. FIELD is any of the catalogue's (FIELD_TABLE). Text compares without
 * regard to case, a title's id as it is; a language also by its first part ("en" finds "en-GB"). What a title does not
 * say fits no condition but !=. */
#ifndef MQ_RECOMMEND_RULES_H
#define MQ_RECOMMEND_RULES_H

#include "base/error.h"
#include "base/str.h"
#include "marquee.h"

enum {
    RULES_MAX = 32,        /* of one request, language and maturity among them */
    CONDITIONS_MAX = 64,   /* of all rules */
    RULE_VALUES_MAX = 256, /* of all conditions */
    RULES_TEXT_MAX = 8192, /* bytes of all values */
    RULE_LENGTH_MAX = 2048,
    FATIGUE_USUAL = 20, /* times shown and never played until a title is left out */
};

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_TIME };

/* X(constant, name, another name or "", type, a title has only one) */
#define FIELD_TABLE(X)                                                                             \
    X(FIELD_TITLE, "title", "id", FIELD_TEXT, true)                                                \
    X(FIELD_NAME, "name", "", FIELD_TEXT, true)                                                    \
    X(FIELD_ORIGINAL_NAME, "original_name", "", FIELD_TEXT, true)                                  \
    X(FIELD_KIND, "kind", "type", FIELD_TEXT, true)                                                \
    X(FIELD_GENRE, "genre", "genres", FIELD_TEXT, false)                                           \
    X(FIELD_TAG, "tag", "tags", FIELD_TEXT, false)                                                 \
    X(FIELD_COUNTRY, "country", "countries", FIELD_TEXT, false)                                    \
    X(FIELD_LANGUAGE, "language", "", FIELD_TEXT, true)                                            \
    X(FIELD_MATURITY, "maturity", "", FIELD_TEXT, true)                                            \
    X(FIELD_AGE, "age", "", FIELD_NUMBER, true)                                                    \
    X(FIELD_YEAR, "year", "", FIELD_NUMBER, true)                                                  \
    X(FIELD_RUNTIME, "runtime_min", "runtime", FIELD_NUMBER, true)                                 \
    X(FIELD_RELEASE, "release_date", "", FIELD_TIME, true)                                         \
    X(FIELD_ADDED, "added", "", FIELD_TIME, true)                                                  \
    X(FIELD_SERIES, "series", "", FIELD_TEXT, true)                                                \
    X(FIELD_SEASON, "season", "", FIELD_NUMBER, true)                                              \
    X(FIELD_EPISODE, "episode", "", FIELD_NUMBER, true)                                            \
    X(FIELD_BUDGET, "budget", "", FIELD_NUMBER, true)                                              \
    X(FIELD_GROSS, "gross", "", FIELD_NUMBER, true)                                                \
    X(FIELD_DIRECTOR, "director", "", FIELD_TEXT, false)                                           \
    X(FIELD_ACTOR, "actor", "", FIELD_TEXT, false)                                                 \
    X(FIELD_PRODUCER, "producer", "", FIELD_TEXT, false)                                           \
    X(FIELD_WRITER, "writer", "", FIELD_TEXT, false)                                               \
    X(FIELD_CREATOR, "creator", "", FIELD_TEXT, false)                                             \
    X(FIELD_PERSON, "person", "", FIELD_TEXT, false)

enum rule_field {
#define FIELD_ENUM(code, name, alias, type, single) code,
    FIELD_TABLE(FIELD_ENUM)
#undef FIELD_ENUM
        RULE_FIELDS
};

enum rule_op { OP_EQUAL, OP_DIFFERS, OP_LEAST, OP_ABOVE, OP_MOST, OP_BELOW, RULE_OPS };

/* In the order in which they are applied. */
enum rule_kind {
    RULE_MATURITY,
    RULE_LANGUAGE,
    RULE_INCLUDE,
    RULE_EXCLUDE,
    RULE_BOOST,
    RULE_PIN,
    RULE_KINDS
};

struct rule_value {
    struct str text; /* in the rules' own memory */
    double number;   /* of FIELD_NUMBER; of FIELD_TIME ms since 1970 */
};

struct condition {
    uint8_t field;     /* enum rule_field */
    uint8_t op;        /* enum rule_op */
    uint16_t first, n; /* values */
};

struct rule {
    uint8_t kind; /* enum rule_kind */
    struct str
        text; /* as asked; the caller's, but for a terminated copy's sake no longer than RULE_LENGTH_MAX */
    uint16_t first, n;    /* conditions */
    float factor;         /* of a boost, above 0 */
    uint16_t row, column; /* of a pin */
};

/* Text points into what was parsed, which must live as long. */
struct rules {
    struct rule rule[RULES_MAX];
    struct condition condition[CONDITIONS_MAX];
    struct rule_value value[RULE_VALUES_MAX];
    size_t n, n_conditions, n_values, n_text;
    size_t n_of[RULE_KINDS];
    bool with_seen;   /* titles already seen may be answered */
    unsigned fatigue; /* times shown; 0: off */
    uint64_t hash;    /* of all of it: goes into the answer's id */
    char text[RULES_TEXT_MAX];
};

const char *rule_field_name(enum rule_field f);
const char *rule_kind_name(enum rule_kind k);

/* `from` NULL: no rules. MQ_INVALID: what is no rule, and rules that contradict each other (nothing could pass, or one
 * undoes the other); MQ_TOO_LARGE. Pure; no allocation. */
int rules_parse(const struct mq_rules *from, struct rules *ret, struct mq_error *err);

/* The part of the above that looks at rules together. */
int rules_agree(const struct rules *r, struct mq_error *err);

#endif
