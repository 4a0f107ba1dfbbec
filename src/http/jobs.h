/* jobs.h - threads that may wait, for requests that take longer than a loop may spend. Inside http/ only. */
#ifndef MQ_HTTP_JOBS_H
#define MQ_HTTP_JOBS_H

#include "http/loop.h"

enum {
    JOB_THREADS = 2, /* of each lane: API_SLOW and API_LONG */
    JOB_QUEUE = 256, /* waiting in each lane; more are refused with MQ_BUSY */
};

struct job {
    struct letter letter; /* opened by the loop when `response` is there */
    struct job *next;
    struct loop *loop; /* NULL: the server's own, nobody waits for the answer */
    struct connection *connection;
    struct api_request request; /* its text is the connection's, which waits for the answer */
    struct api_response response;
    /* NULL: the request is answered. Else this is done instead, on the job's thread, and `letter` does the rest; `cancelled`: it was
     * not done, the server ends. */
    void (*work)(struct api_worker *w, struct job *job);
    bool cancelled;
};

struct jobs;

int jobs_new(struct api *api, struct jobs **ret, struct mq_error *err);
/* Takes no more, answers those that wait with MQ_CANCELLED, and waits for those that run. */
void jobs_stop(struct jobs *j);
/* After jobs_stop. NULL is allowed. */
void jobs_free(struct jobs *j);

/* Any thread. MQ_BUSY, MQ_CANCELLED: the job stays the caller's. */
int jobs_submit(struct jobs *j, enum api_lane lane, struct job *job, struct mq_error *err);

/* A request of the server's own in the lane API_LONG, with the rights of whoever runs it; `path` is static text. False: it can't be
 * taken now. Any thread. */
bool jobs_submit_own(struct jobs *j, enum api_method method, const char *path);

/* Somebody waits for what the calling thread, and those it starts from now on, do, though not for milliseconds: a tenth of
 * the processor beside threads that answer pages, all of it otherwise (a thread's niceness is its own on Linux, and inherited). */
void jobs_give_way(void);
/* All that threads of this process gave way with is taken back, those of libraries too: the end waits for them. Where the system
 * refuses (without the right to raise a priority: RLIMIT_NICE), they go on as they were. Any thread. */
void jobs_hurry(void);

/* How many threads a training beside requests gets: of the cores all but one. What it reads and writes drives what requests
 * need out of the caches of the cores that it runs on. */
unsigned jobs_training_threads(void);

#endif
