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

/* write_tables.c */
int write_titles(const struct sim *s, const char *dir, struct mq_error *err);
int write_credits(const struct sim *s, const char *dir, struct mq_error *err);
/* write_events.c: appends a line, with its newline. */
void event_line(struct buf *out, const struct event *e, struct str timezone);
/* write_truth.c */
int write_truth(const struct sim *s, const char *dir, struct mq_error *err);
int write_viewers(const struct sim *s, const char *dir, sim_progress *progress, void *ctx,
                  struct mq_error *err);

#endif
