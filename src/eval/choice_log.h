/* choice_log.h - a table of logged choices: which item stood in which slot, with which chance, and what came of it.
 *
 * Columns by name, or the first present of the usual ones: item (item, item_id, title), slot (slot, position, column),
 * reward (reward, click, played), propensity (propensity, propensity_score), viewer (viewer, user, user_id) and page (page,
 * recommendation_id). Without a slot all are one; without a viewer or page each row is its own. */
#ifndef MQ_EVAL_CHOICE_LOG_H
#define MQ_EVAL_CHOICE_LOG_H

#include "base/intern.h"
#include "experiment/off_policy.h"

enum { CHOICE_SLOTS_MAX = 64, CHOICE_ITEMS_MAX = 100000 };
#define CHOICE_ROWS_MAX (UINT64_C(1) << 28)

enum choice_column {
    CHOICE_ITEM,
    CHOICE_SLOT,
    CHOICE_REWARD,
    CHOICE_PROPENSITY,
    CHOICE_VIEWER,
    CHOICE_PAGE,
    CHOICE_COLUMNS
};

/* Which column of the table is which. Empty: the first usual name. */
struct choice_map {
    char name[CHOICE_COLUMNS][128];
};
/* From "item=COL,slot=COL,...". MQ_INVALID: an unknown word, no column behind it. */
int choice_map_read(const char *text, struct choice_map *ret, struct mq_error *err);

struct choice_row {
    uint64_t viewer, page;
    uint32_t item; /* number in `items` */
    uint32_t slot; /* by value, from the lowest */
    float reward, propensity;
};

struct choice_log {
    struct choice_row *rows;
    size_t n, cap;
    uint32_t n_slots;
};

/* Items of several logs get numbers in one book. MQ_INVALID with file and line: a cell that is no number, a chance out of
 * range, too many slots; nothing is skipped. */
int choice_log_read(const char *path, const struct choice_map *map, struct intern *items,
                    struct choice_log *ret, struct mq_error *err);
/* The same of bytes that are there already; `name` for messages. */
int choice_log_over(const char *name, struct str bytes, const struct choice_map *map,
                    struct intern *items, struct choice_log *ret, struct mq_error *err);
void choice_log_release(struct choice_log *l);

#endif
