/* fuzz_http_message.c - the head of a request and a chunked body: any bytes. A body that is read in one piece
 * and byte by byte is the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "http/http_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is a part of what came, or a constant. */
static void check_part(struct str s, struct str all)
{
    bool constant = s.n <= 1;
    if (!constant && (s.p < all.p || s.n > all.n || s.p + s.n > all.p + all.n))
        abort();
}

static void read_head(struct str all)
{
    struct http_head h;
    struct http_refusal why = {0, NULL};
    size_t end = http_head_end(all);
    if (end > all.n)
        abort();
    if (http_head_read((struct str){all.p, end ? end : all.n}, &h, &why)) {
        check_part(h.method, all);
        check_part(h.path, all);
        check_part(h.query, all);
        check_part(h.host, all);
        check_part(h.authorization, all);
    } else if (why.status < 400 || !why.why) {
        abort();
    }
}

static bool read_chunks(struct str all, size_t step, struct buf *out, bool *ret_done)
{
    struct http_chunks c = {0};
    struct http_refusal why;
    size_t at = 0;
    for (size_t seen = step; c.state != CHUNK_DONE; seen += step) {
        size_t used;
        if (seen > all.n)
            seen = all.n;
        if (!http_chunks_read(&c, (struct str){all.p + at, seen - at}, out, &used, &why))
            return false;
        at += used;
        if (at > all.n)
            abort();
        if (seen == all.n)
            break;
    }
    *ret_done = c.state == CHUNK_DONE;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = {(const char *)data, size};
    struct buf whole;
    struct buf bytes;
    bool done = false;
    bool done_slowly = false;
    read_head(all);
    buf_init(&whole, 4096);
    buf_init(&bytes, 4096);
    bool ok = read_chunks(all, size ? size : 1, &whole, &done);
    bool ok_slowly = read_chunks(all, 1, &bytes, &done_slowly);
    if (ok != ok_slowly ||
        (ok && (done != done_slowly || !str_eq(buf_str(&whole), buf_str(&bytes)))))
        abort();
    buf_release(&whole);
    buf_release(&bytes);
    return 0;
}
