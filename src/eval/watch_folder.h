/* watch_folder.h - a folder of public reports of what is watched -> strategy/watch_history.h. */
#ifndef MQ_EVAL_WATCH_FOLDER_H
#define MQ_EVAL_WATCH_FOLDER_H

#include "strategy/watch_history.h"

enum { WATCH_FILES_MAX = 64, WATCH_BAD_SHOWN = 3 };

struct watch_read {
    uint32_t halves, week_files;
    uint64_t rows, rejected;
    char bad[WATCH_BAD_SHOWN][256]; /* "file:line: why" of the first */
};

/* Reads every *.csv whose name tells a half-year ("engagement-2023H1.csv"), in order of time, and every *.tsv whose name holds
 * "global" (weekly top lists). `h` is initialised; in order afterwards. MQ_NOT_FOUND: no such folder; MQ_INVALID: none of
 * either in it. Rows that cannot be read are counted. */
int watch_folder_read(const char *dir, struct watch_history *h, struct watch_read *ret,
                      struct mq_error *err);

#endif
