/* http_message.h - HTTP/1.1 messages (RFC 9112): bytes -> the head of a request, chunks -> a body. Pure.
 *
 * Strict where leniency lets requests be smuggled: lines end in CRLF, no folded lines, no space before a
 * colon, one Content-Length of digits, never together with Transfer-Encoding. Inside http/ only. */
#ifndef MQ_HTTP_HTTP_MESSAGE_H
#define MQ_HTTP_HTTP_MESSAGE_H

#include "base/buf.h"

enum {
    HTTP_HEAD_MAX = 16 * 1024, /* bytes of request line and headers */
    HTTP_HEADERS_MAX = 100,
    HTTP_CHUNK_LINE_MAX = 256,
    HTTP_TRAILER_MAX = 8 * 1024,
};

/* A request's head; all text points into the bytes it was read from. */
struct http_head {
    struct str method;
    struct str path, query; /* as sent; query without "?" */
    bool http10;
    bool keep_alive; /* as the client wants it */
    bool chunked;
    bool has_length;
    bool expects_continue;
    uint64_t length; /* Content-Length */
    struct str host, authorization, content_type, content_encoding, origin, request_id, api_key;
    struct str lines;            /* all of the headers, as sent: http_header_next */
    struct str preflight_method; /* Access-Control-Request-Method */
};

/* An HTTP status and why. */
struct http_refusal {
    int status;
    const char *why; /* "what: remedy", static */
};

/* Where the head ends (behind its empty line), 0 when it is not whole yet. Empty lines before it count. */
size_t http_head_end(struct str bytes);

/* `head`: up to and with the empty line. False: *ret_why says why (400, 417, 431, 501, 505). */
bool http_head_read(struct str head, struct http_head *ret, struct http_refusal *ret_why);

/* The next line of head.lines; false at the end. The value is trimmed. */
bool http_header_next(struct str *lines, struct str *ret_name, struct str *ret_value);

/* A chunked body as it comes in. Starts as {0}. */
struct http_chunks {
    enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER, CHUNK_DONE } state;
    uint64_t left;  /* of the chunk */
    size_t trailer; /* bytes of trailers seen */
};

/* Takes what it can of `in` (*ret_used bytes) and appends data to `out`; c->state is CHUNK_DONE at the end. False:
 * broken (400), or more than fits `out` (413). */
bool http_chunks_read(struct http_chunks *c, struct str in, struct buf *out, size_t *ret_used,
                      struct http_refusal *ret_why);

/* "OK", "Not Found" ...; "Status" for what it does not know. */
const char *http_reason(int status);

#endif
