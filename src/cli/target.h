/* target.h - where a command's requests go: to the server that has the folder open, through
 * DIR/marquee.sock, or to the folder itself. The answers are the same. */
#ifndef MQ_CLI_TARGET_H
#define MQ_CLI_TARGET_H

#include "base/buf.h"
#include "http/api.h"

struct target {
    struct mq_engine *engine; /* NULL: a server has it */
    struct api *api;
    struct api_worker *worker;
    void *curl;
    char socket[512];
    struct buf reply; /* body of the last answer */
};

/* `create`: make a new folder where there is none (imports). */
int target_open(const char *dir, bool create, struct target *ret, struct mq_error *err);
void target_close(struct target *t);
static inline bool target_is_server(const struct target *t)
{
    return t->engine == NULL;
}

/* One request; the answer's body is in t->reply. An answer of status 400 and above becomes an error with
 * the problem's text. `body` may be empty. `path` has its query. */
int target_call(struct target *t, enum api_method method, const char *path, struct str body,
                struct mq_error *err);

/* Percent-encode into `b`. */
void url_add(struct buf *b, const char *text);

#endif
