/* audiences_inside.h - what the engine's files about audiences share. */
#ifndef MQ_ENGINE_AUDIENCES_INSIDE_H
#define MQ_ENGINE_AUDIENCES_INSIDE_H

#include "audience/communities.h"
#include "audience/follows.h"
#include "engine/audiences.h"

enum { PATH_BYTES = 4096 };

/* Sets of one prefix of the log, and what was derived from them. */
struct view {
    struct viewer_sets *sets;
    struct catalogue *catalogue; /* the past's own; NULL: the live one */
    uint64_t catalogue_version;
    struct strata *strata; /* of strata_version */
    uint64_t strata_version;
    struct follows *follows;
    uint64_t follows_version;
    struct past_key key; /* of a past */
};

struct audiences {
    char path[PATH_BYTES];
    pthread_mutex_t lock; /* questions, and all below it but `changed` */
    struct view live, past;
    uint64_t file_seq;     /* the saved sets are of the log up to here; 0 = none */
    uint64_t seq;          /* and the live ones */
    uint64_t saved_change; /* version of the live sets that the file holds */
    struct floor_memory memory;
    char asked_path[PATH_BYTES]; /* it is kept there */
    size_t asked_records;        /* in the file, about; */
    bool asked_stale;            /* it lacks some, or ends in a part of one */
    char communities_path[PATH_BYTES];
    struct communities *communities; /* NULL: none were found yet */
    bool communities_tried;          /* the file was looked at */
    uint64_t audit_next;             /* 0 = not known */
    pthread_mutex_t changed_lock;
    struct {
        uint32_t *viewers;
        size_t n, cap;
        bool all; /* too many to name */
    } changed;
};

/* What was answered, from its file: what stands there before a damage. */
void audiences_load_asked(struct audiences *a);
/* n records that are in the memory already, onto the disk. Under the lock. */
int audiences_keep_asked(struct audiences *a, struct str records, size_t n, struct mq_error *err);

/* Under the lock: from the file, once; and to it. */
void communities_load(struct audiences *a);
int communities_save(struct audiences *a, struct mq_error *err);

#endif
