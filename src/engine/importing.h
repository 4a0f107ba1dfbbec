/* importing.h - what the readers of files share: batches on their way to the committer, the report, the file
 * of rejects. One `struct import` per mq_import. */
#ifndef MQ_ENGINE_IMPORTING_H
#define MQ_ENGINE_IMPORTING_H

#include <stdio.h>

#include "base/file.h"
#include "engine/engine.h"
#include "wire/bad_row.h"

enum { IMPORT_BATCH_EVENTS = 4096, IMPORT_BATCH_TITLES = 1024 };

struct import {
    struct mq_engine *engine;
    const struct mq_import *what;
    struct mq_import_report report;
    const char *file;        /* the one that is read now */
    uint64_t position, size; /* bytes, for progress */
    FILE *rejects;
    size_t n_rejected, n_unmatched; /* examples kept */
    struct arena arena;             /* text of the batch that is collected now */
    struct event *events;
    uint8_t *outcome;
    size_t n_events;
    struct title *titles;
    size_t n_titles;
    /* Events per title by dense id, and where the first one stood: for the report of what did not match. */
    uint32_t *seen;
    uint64_t *seen_line;
    uint32_t *seen_path; /* of what->paths */
    uint32_t path;       /* the one that is read now */
    uint64_t *line;      /* of each event in the batch */
    uint32_t seen_cap;
};

/* A copy of the event joins the batch; `line` is for the report. Flushes when it is full. */
int import_event(struct import *im, const struct event *e, uint64_t line, struct mq_error *err);
/* As it joins the batch the text is copied. */
int import_title(struct import *im, const struct title *t, struct mq_error *err);
/* Credits of one title that stand for `rows` rows. */
int import_credits(struct import *im, const struct title *t, uint64_t rows, uint64_t line,
                   struct mq_error *err);
int import_flush(struct import *im, struct mq_error *err);
/* Counts, remembers, writes to the rejects; MQ_INVALID when strict. Fits bad_row_fn with ctx = import. */
int import_bad_row(void *ctx, const struct bad_row *bad, struct mq_error *err);
/* Calls the caller's progress; MQ_CANCELLED when it says stop. */
int import_progress(struct import *im, struct mq_error *err);

/* One per format: reads one path. */
int import_movielens(struct import *im, const char *path, struct mq_error *err);
int import_viewers(struct import *im, const char *path, struct mq_error *err);
int import_titles(struct import *im, const char *path, struct mq_error *err);
int import_credits_file(struct import *im, const char *path, struct mq_error *err);
int import_native(struct import *im, const char *path, struct mq_error *err);
int import_segment(struct import *im, const char *path, struct mq_error *err);
int import_personalize(struct import *im, const char *path, struct mq_error *err);
int import_gorse(struct import *im, const char *path, struct mq_error *err);
int import_netflix(struct import *im, const char *path, struct mq_error *err);
int import_trakt(struct import *im, const char *path, struct mq_error *err);
int import_tmdb(struct import *im, const char *path, struct mq_error *err);
int import_imdb(struct import *im, const char *path, struct mq_error *err);
int import_letterboxd(struct import *im, const char *path, struct mq_error *err);
int import_table(struct import *im, const char *path, struct mq_error *err);

#endif
