/* sim_inside.h - what the room's own writers read of a simulation. */
#ifndef MQ_SIM_INSIDE_H
#define MQ_SIM_INSIDE_H

#include "sim/sim_viewer.h"

const struct sim_world *sim_world_of(const struct sim *s);
const struct viewer_traits *sim_traits(const struct sim *s, uint32_t viewer);

/* A file of the world: written under a temporary name, renamed when it is whole. */
struct world_file {
    int fd;
    char path[1024], part[1040];
    struct buf out;
    uint64_t bytes; /* handed to the system */
};
int world_file_open(struct world_file *f, const char *dir, const char *name, struct mq_error *err);
/* Hands `out` to the system when it is large enough. MQ_FULL, MQ_IO; MQ_NO_MEMORY when `out` failed. */
int world_file_flush(struct world_file *f, bool all, struct mq_error *err);
/* With `keep` flushes, closes and renames; else deletes what was written. */
int world_file_close(struct world_file *f, bool keep, struct mq_error *err);
/* Removes what an earlier run left, if it did: this one may have no such file. */
int world_file_forget(const char *dir, const char *name, struct mq_error *err);

/* write_tables.c */
int write_titles(const struct sim *s, const char *dir, struct mq_error *err);
int write_credits(const struct sim *s, const char *dir, struct mq_error *err);
/* write_events.c: appends a line, with its newline. */
void event_line(struct buf *out, const struct event *e, struct str timezone);
struct json;

/* write_outcomes.c: what came of later titles and of the campaign; all of it empty without. */
struct sim_audience {
    int64_t first_ms;
    uint32_t viewers, viewers_28d; /* distinct; within 28 days of the first */
};
struct sim_outcomes {
    struct sim_audience later[SIM_LATER_MAX];
    /* (viewers) 1: began the campaign's title before it; since, had they been held out; had they been led to. NULL: no campaign */
    uint8_t *before, *without, *with;
};
/* Lives the world again once for later titles and twice for a campaign. MQ_NO_MEMORY. */
int outcomes_find(const struct sim_world *w, struct sim_outcomes *ret, struct mq_error *err);
void outcomes_release(struct sim_outcomes *o);
void outcomes_write_later(struct json *j, const struct sim_world *w, const struct sim_outcomes *o);
void outcomes_write_campaign(struct json *j, const struct sim *s, const struct sim_outcomes *o);
void outcomes_write_viewer(struct json *j, const struct sim_outcomes *o, uint32_t viewer,
                           const struct viewer_traits *t);

/* write_truth.c */
int write_truth(const struct sim *s, const struct sim_outcomes *o, const char *dir,
                struct mq_error *err);
int write_viewers(const struct sim *s, const struct sim_outcomes *o, const char *dir,
                  sim_progress *progress, void *ctx, struct mq_error *err);

#endif
