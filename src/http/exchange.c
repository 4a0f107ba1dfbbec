/* exchange.c - a whole request becomes an answer: at once, after its events are durable, or from a job. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/inflate.h"
#include "engine/engine.h"
#include "http/call.h"
#include "http/connection.h"
#include "http/event_batch.h"
#include "http/jobs.h"
#include "http/limits.h"

/* Answers of jobs: an export is the largest. */
enum { JOB_BODY_MAX = 300 << 20 };

/* Bytes of events that a loop reads itself: a millisecond's work or two. */
enum { READ_AT_ONCE = 128 << 10 };

/* ---------------------------------------------------------------- at once */

static bool is_stream(const struct connection *c, const struct api_request *q)
{
    unsigned number = api_route_of(q);
    return number != API_NO_ROUTE && (route_at(number)->flags & ROUTE_STREAM) && !c->head_only &&
           !c->loop->draining;
}

static void answer_now(struct connection *c, const struct api_request *q)
{
    if (is_stream(c, q)) {
        stream_start(c, q);
        return;
    }
    struct loop *l = c->loop;
    struct api_response r = {.body = l->body};
    api_call(l->worker, q, &r);
    reply(c, &r, false);
    l->body = r.body;
}

/* ---------------------------------------------------------------- jobs */

/* The body stays where the job can see it. */
static bool keep_body(struct connection *c, struct str *body)
{
    if (body->n == 0 || body->p == c->body.p)
        return true;
    buf_reset(&c->body);
    buf_add_str(&c->body, *body);
    *body = buf_str(&c->body);
    return !c->body.failed;
}

static void deliver_job(struct loop *l, struct letter *letter)
{
    struct job *job = (struct job *)letter;
    struct connection *c = job->connection;
    (void)l;
    reply(c, &job->response, true);
    buf_release(&job->response.body);
    free(job);
    connection_resume(c);
}

static void start_job(struct connection *c, const struct api_request *q, enum api_lane lane)
{
    struct mq_error err;
    struct job *job = calloc(1, sizeof(*job));
    int rc = 0;
    if (!job)
        rc = mq_fail(&err, MQ_NO_MEMORY, "server: no memory");
    if (rc == 0) {
        *job = (struct job){
            .letter = {.open = deliver_job}, .loop = c->loop, .connection = c, .request = *q};
        buf_init(&job->response.body, JOB_BODY_MAX);
        c->state = CONNECTION_BUSY;
        rc = jobs_submit(c->loop->server->jobs, lane, job, &err);
    }
    if (rc) {
        free(job);
        reply_problem(c, &err, 0);
    }
}

/* ---------------------------------------------------------------- events */

static void give_batch_back(struct loop *l, struct event_batch *b)
{
    b->next = l->free_batches;
    l->free_batches = b;
}

static struct event_batch *take_batch(struct loop *l, struct mq_error *err)
{
    struct event_batch *b = l->free_batches;
    if (b) {
        l->free_batches = b->next;
        return b;
    }
    return event_batch_new(&b, err) == 0 ? b : NULL;
}

static void answer_batch(struct connection *c, struct event_batch *b)
{
    struct loop *l = c->loop;
    struct api_response r = {.body = l->body, .route = b->route};
    event_batch_answer(b, l->server->api, b->status, &b->err, &r);
    reply(c, &r, false);
    l->body = r.body;
    give_batch_back(l, b);
}

static void deliver_batch(struct loop *l, struct letter *letter)
{
    struct event_batch *b =
        (struct event_batch *)((char *)letter - offsetof(struct event_batch, letter));
    struct connection *c = b->owner;
    (void)l;
    answer_batch(c, b);
    connection_resume(c);
}

/* On the committer's thread. */
static void batch_done(struct submission *s, int status, const struct mq_error *err)
{
    struct event_batch *b =
        (struct event_batch *)((char *)s - offsetof(struct event_batch, submission));
    struct connection *c = b->owner;
    b->status = status;
    if (status)
        b->err = *err;
    loop_post(c->loop, &b->letter);
}

/* Is the sender of what was read allowed to send so much? */
static int admit(struct connection *c, enum api_role role, const struct event_batch *b,
                 int *ret_retry, struct mq_error *err)
{
    struct server *s = c->loop->server;
    int rc = role < API_INGEST ? access_key(c, b->key, err) : 0;
    if (rc)
        return rc;
    struct str caller =
        c->key.id[0] ? str_of(c->key.id) : (struct str){(const char *)c->address, c->address_n};
    *ret_retry = limits_take(s->events_rate, caller, (double)b->submission.n, clock_mono_ns());
    if (*ret_retry > 0)
        return mq_fail(err, MQ_BUSY, "rate: too many events: wait %d s", *ret_retry);
    return 0;
}

static void refuse_batch(struct connection *c, const struct api_request *q, struct event_batch *b,
                         int retry, const struct mq_error *err)
{
    struct api_response r = {.body = c->loop->body, .route = api_route_of(q)};
    event_batch_problem(b, err, q->path, &r);
    if (retry > 0)
        r.retry_after_s = retry;
    reply(c, &r, false);
    c->loop->body = r.body;
    if (b)
        give_batch_back(c->loop, b);
}

/* What was read (rc: whether it could be) to the committer. False: it was answered at once. */
static bool submit(struct connection *c, const struct api_request *q, struct event_batch *b, int rc,
                   struct mq_error *err)
{
    int retry = 0;
    if (rc == 0)
        rc = admit(c, q->role, b, &retry, err);
    if (rc == 0 && b->submission.n == 0) {
        answer_batch(c, b);
        return false;
    }
    if (rc == 0) {
        b->owner = c;
        b->letter.open = deliver_batch;
        b->submission.done = batch_done;
        c->state = CONNECTION_BUSY;
        rc = engine_submit(c->loop->server->engine, &b->submission, err);
    }
    if (rc)
        refuse_batch(c, q, b, retry, err);
    return rc == 0;
}

/* Thousands of events are read by a job, so that pages do not wait for it. */
struct reading {
    struct job job;
    struct event_batch *batch;
    int rc;
    struct mq_error err;
};

static void read_aside(struct api_worker *w, struct job *job)
{
    struct reading *r = (struct reading *)job;
    r->rc = event_batch_read(r->batch, w, &job->request, &r->err);
}

static void deliver_reading(struct loop *l, struct letter *letter)
{
    struct reading *r = (struct reading *)letter;
    struct connection *c = r->job.connection;
    (void)l;
    if (r->job.cancelled)
        r->rc = mq_fail(&r->err, MQ_CANCELLED, "server: shuts down: send it again later");
    bool waits = submit(c, &r->job.request, r->batch, r->rc, &r->err);
    free(r);
    if (!waits)
        connection_resume(c);
}

static int start_reading(struct connection *c, const struct api_request *q, struct event_batch *b,
                         struct mq_error *err)
{
    struct reading *r = calloc(1, sizeof(*r));
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "server: no memory");
    *r = (struct reading){.job = {.letter = {.open = deliver_reading},
                                  .loop = c->loop,
                                  .connection = c,
                                  .request = *q,
                                  .work = read_aside},
                          .batch = b};
    c->state = CONNECTION_BUSY;
    int rc = jobs_submit(c->loop->server->jobs, API_SLOW, &r->job, err);
    if (rc)
        free(r);
    return rc;
}

static void append(struct connection *c, const struct api_request *q)
{
    struct mq_error err;
    struct event_batch *b = take_batch(c->loop, &err);
    if (b && q->body.n <= READ_AT_ONCE) {
        (void)submit(c, q, b, event_batch_read(b, c->loop->worker, q, &err), &err);
        return;
    }
    struct api_request kept = *q;
    int rc = b ? 0 : MQ_NO_MEMORY;
    if (rc == 0 && !keep_body(c, &kept.body))
        rc = mq_fail(&err, MQ_NO_MEMORY, "body: no memory");
    if (rc == 0)
        rc = start_reading(c, &kept, b, &err);
    if (rc)
        refuse_batch(c, q, b, 0, &err);
}

/* ---------------------------------------------------------------- which of them */

static bool find_method(struct str word, enum api_method *ret)
{
    if (str_eq(word, STR("HEAD"))) {
        *ret = API_GET;
        return true;
    }
    for (int m = 0; m < API_METHODS; m++) {
        if (str_eq(word, str_of(api_method_name((enum api_method)m)))) {
            *ret = (enum api_method)m;
            return true;
        }
    }
    return false;
}

static void refuse_method(struct connection *c)
{
    struct mq_error err;
    struct loop *l = c->loop;
    const char *allow = api_allow(c->head.path);
    if (allow)
        mq_fail(&err, MQ_METHOD, "method: %.*s: is not allowed here: use %s",
                (int)(c->head.method.n < 40 ? c->head.method.n : 40), c->head.method.p, allow);
    else
        mq_fail(&err, MQ_NOT_FOUND, "path: is no route: see /openapi.json");
    struct api_response r = {.body = l->body, .route = API_NO_ROUTE, .allow = allow};
    api_problem(&err, c->head.path, &r);
    reply(c, &r, false);
    l->body = r.body;
}

static bool inflate(struct connection *c, struct str *body)
{
    struct str coding = c->head.content_encoding;
    struct mq_error err;
    if (coding.n == 0 || str_eq_nocase(coding, STR("identity")))
        return true;
    if (!str_eq_nocase(coding, STR("gzip")) && !str_eq_nocase(coding, STR("deflate"))) {
        reply_refusal(c, 415, "Content-Encoding: send gzip, deflate or none");
        return false;
    }
    struct buf plain;
    buf_init(&plain, c->loop->server->max_body);
    if (inflate_gzip(*body, &plain, &err) != 0) {
        buf_release(&plain);
        mq_error_prefix(&err, "body");
        reply_problem(c, &err, 0);
        return false;
    }
    buf_release(&c->body);
    c->body = plain;
    *body = buf_str(&c->body);
    return true;
}

void exchange(struct connection *c, struct str body)
{
    struct api_request q = {.path = c->head.path,
                            .query = c->head.query,
                            .content_type = c->head.content_type,
                            .headers = c->head.lines,
                            .role = c->role,
                            .bound_viewer = str_of(c->key.viewer)};
    c->started_ns = clock_mono_ns();
    if (c->early.status != MQ_OK) {
        reply_problem(c, &c->early, c->retry_after_s);
        return;
    }
    if (str_eq(c->head.method, STR("OPTIONS"))) {
        reply_options(c);
        return;
    }
    if (!find_method(c->head.method, &q.method)) {
        refuse_method(c);
        return;
    }
    c->head_only = str_eq(c->head.method, STR("HEAD"));
    struct mq_error refused;
    if (c->is_signed && access_signature(c, body, &refused) != 0) {
        reply_problem(c, &refused, 0);
        return;
    }
    q.role = c->role;
    if (!inflate(c, &body))
        return;
    q.body = body;
    enum api_lane lane = api_lane_of(c->loop->server->api, &q);
    if (lane == API_NOW) {
        answer_now(c, &q);
    } else if (lane == API_EVENTS) {
        append(c, &q);
    } else if (keep_body(c, &q.body)) {
        start_job(c, &q, lane);
    } else {
        struct mq_error err;
        mq_fail(&err, MQ_NO_MEMORY, "body: no memory");
        reply_problem(c, &err, 0);
    }
}
