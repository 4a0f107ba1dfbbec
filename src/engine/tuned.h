/* tuned.h - DIR/tuned: the settings that `tune` found, and on what evidence.
 *
 * Lines "name value"; "#" begins a comment. Settings are used by training; the rest says how they were found. */
#ifndef MQ_ENGINE_TUNED_H
#define MQ_ENGINE_TUNED_H

#include "train/lineup_search.h"

enum { TUNED_BYTES_MAX = 16384 };

struct tuned {
    struct lineup_choice choice;
    uint64_t log_seq, seed;
};

int tuned_write(const char *dir, const struct tuned *t, struct mq_error *err);
/* Fills the iALS settings, EASE's lambda and the neighbours. MQ_NOT_FOUND: never tuned. MQ_CORRUPT: a line that makes
 * no sense, or a number out of range. */
int tuned_read(const char *dir, struct lineup_settings *ret, struct mq_error *err);
/* The same from text; `name` is for messages. */
int tuned_parse(const char *name, struct str text, struct lineup_settings *ret,
                struct mq_error *err);

#endif
