/* connection.h - one client: its requests come in, their answers go out, in order. All on its loop's thread.
 * Inside http/ only. */
#ifndef MQ_HTTP_CONNECTION_H
#define MQ_HTTP_CONNECTION_H

#include "http/http_message.h"
#include "http/keys.h"
#include "http/loop.h"

enum {
    IDLE_S = 75,  /* a connection without a request */
    HEAD_S = 10,  /* a request's head, from its first byte */
    BODY_S = 60,  /* a request's body */
    WRITE_S = 30, /* a client that takes nothing */
    LINGER_S = 2, /* reading on after an early refusal, so that the client sees it */
    REQUEST_ID_MAX = 64,
};

enum connection_state {
    CONNECTION_HEAD,   /* waits for a request's head */
    CONNECTION_BODY,   /* for its body */
    CONNECTION_BUSY,   /* for its answer, which another thread makes */
    CONNECTION_STREAM, /* its answer goes on (stream.c) */
    CONNECTION_CLOSING /* for the answer to leave */
};

struct connection {
    struct connection *prev, *next;
    struct loop *loop;
    struct bufferevent *bev; /* NULL: the client is gone, an answer is still being made */
    enum connection_state state;
    bool local;          /* through DIR/marquee.sock */
    bool head_begun;     /* some bytes of the next request are there */
    bool head_only;      /* HEAD: no body in the answer */
    bool close_after;    /* the answer is the last one */
    bool unread;         /* refused before the body was read */
    bool lingering;      /* shut down for writing, reads on for a moment */
    bool choked;         /* the client takes answers more slowly than it asks */
    int64_t deadline_ns; /* 0: none */
    int64_t started_ns;  /* when the request was whole */
    unsigned char address[16];
    size_t address_n;
    struct buf head_bytes; /* of the request; `head` points into it */
    struct http_head head;
    struct http_chunks chunks;
    struct buf body;       /* where it does not stay in the socket's buffer */
    struct mq_error early; /* decided before the body came; status MQ_OK: nothing */
    int retry_after_s;     /* of it */
    enum api_role role;
    bool is_signed;       /* by AWS: role is none until access_signature */
    struct key_facts key; /* id "": none */
    char request_id[REQUEST_ID_MAX + 1];
};

void connection_open(struct loop *l, int fd, bool local);
void connection_close_all(struct loop *l);
void connection_close_idle(struct loop *l);
void connection_check_deadlines(struct loop *l, int64_t now_ns);

/* --- between connection.c, access.c, exchange.c and reply.c --- */

/* Who asks, and may they at all? Sets role and key; MQ_UNAUTHENTICATED, MQ_DENIED, MQ_BUSY (retry_after_s is
 * set). */
int access_check(struct connection *c, struct mq_error *err);
/* The same by a key that was found in the body. MQ_UNAUTHENTICATED, MQ_DENIED. */
int access_key(struct connection *c, struct str key, struct mq_error *err);

/* The same by a signature over the body as sent; sets role. MQ_INVALID, MQ_DENIED. */
int access_signature(struct connection *c, struct str body, struct mq_error *err);

/* The request is whole: answer it, or have it answered (then the state is CONNECTION_BUSY). */
void exchange(struct connection *c, struct str body);

/* Write the answer, and be ready for the next request. Takes r->body's memory over when it is large and `give`. */
void reply(struct connection *c, struct api_response *r, bool give);
/* An error as the answer. */
void reply_problem(struct connection *c, const struct mq_error *err, int retry_after_s);
/* One that has no code of ours. */
void reply_refusal(struct connection *c, int status, const char *why);
/* Of OPTIONS. */
void reply_options(struct connection *c);

/* The head of an answer that goes on, and its first part. */
void reply_begin(struct connection *c, const struct api_response *r);

/* The route's flag says ROUTE_STREAM: answer, and go on each second until the client is gone or the key no longer counts. */
void stream_start(struct connection *c, const struct api_request *q);
/* Each second: the next part. False: the stream is to end. */
bool stream_goes_on(struct connection *c);

/* After an answer that another thread made: go on reading, or end. May free it. */
void connection_resume(struct connection *c);

#endif
