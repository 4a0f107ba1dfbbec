/* expression.h - what an audience is called: "liked:director=David Fincher & watched:device=tv".
 *
 *   expression = term { "|" term }
 *   term       = factor { ("&" | "-") factor }         from left to right; "-" is "and not"
 *   factor     = "(" expression ")" | SIGNAL ":" KIND [ "=" value ]
 *   value      = text up to an operator or parenthesis, or "quoted" or 'quoted' (a backslash before the quote)
 *
 * In a value without quotes a "-" is part of it unless SIGNAL ":" or "(" follows. */
#ifndef MQ_AUDIENCE_EXPRESSION_H
#define MQ_AUDIENCE_EXPRESSION_H

#include "base/arena.h"
#include "base/error.h"

enum audience_signal {
    AUDIENCE_WATCHED,
    AUDIENCE_FINISHED,
    AUDIENCE_LIKED,
    AUDIENCE_DISLIKED,
    AUDIENCE_ABANDONED,
    AUDIENCE_REWATCHED,
    AUDIENCE_SIGNALS, /* kept per title; the next is computed */
    AUDIENCE_FOLLOWS = AUDIENCE_SIGNALS,
};

enum audience_kind {
    KIND_TITLE,
    KIND_DIRECTOR, /* KIND_DIRECTOR + enum role */
    KIND_ACTOR,
    KIND_PRODUCER,
    KIND_WRITER,
    KIND_CREATOR,
    KIND_PERSON,
    KIND_GENRE,
    KIND_TAG,
    KIND_COUNTRY,
    KIND_COMMUNITY,
    KIND_DEVICE,
    KIND_DAYPART,
    KIND_ALL,
    AUDIENCE_KINDS
};

enum {
    EXPRESSION_MAX = 4096, /* bytes */
    EXPRESSION_ATOMS = 64,
    EXPRESSION_DEPTH = 16, /* parentheses in one another */
};

enum expression_op { EXPRESSION_ATOM, EXPRESSION_AND, EXPRESSION_OR, EXPRESSION_NOT };

/* An atom has signal, kind and value; the others left and right (NOT: left without right). */
struct expression {
    enum expression_op op;
    enum audience_signal signal;
    enum audience_kind kind;
    bool quoted;
    struct str value; /* unquoted; in the arena, terminated */
    const struct expression *left, *right;
};

/* Into the arena. MQ_INVALID with the place of what is wrong, MQ_TOO_LARGE, MQ_NO_MEMORY. */
int expression_parse(struct str text, struct arena *arena, const struct expression **ret,
                     struct mq_error *err);

const char *audience_signal_name(enum audience_signal s); /* also AUDIENCE_FOLLOWS */
const char *audience_kind_name(enum audience_kind k);

#endif
