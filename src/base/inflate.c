#include "base/inflate.h"

#include <limits.h>

#include <zlib.h>

enum { WINDOW_AUTO = 15 + 32, OUT_STEP = 16 * 1024 };

static int too_large(const struct buf *out, struct mq_error *err)
{
    return mq_fail(err, MQ_TOO_LARGE,
                   "compressed content too large: over %zu bytes: send it in parts", out->max);
}

/* Hand zlib input and room; returns zlib's code. At the maximum one byte of room shows whether more
 * would come: then *ret_over is set. */
static int step(z_stream *z, struct str *in, struct buf *out, bool *ret_over)
{
    Bytef probe = 0;
    bool full = out->n == out->max;
    size_t room = full ? 1 : out->cap - out->n;
    uInt given = in->n > UINT_MAX ? UINT_MAX : (uInt)in->n;
    uInt space = room > UINT_MAX ? UINT_MAX : (uInt)room;
    z->next_in = (z_const Bytef *)(uintptr_t)in->p;
    z->avail_in = given;
    z->next_out = full ? &probe : (Bytef *)out->p + out->n;
    z->avail_out = space;
    int rc = inflate(z, Z_NO_FLUSH);
    *in = (struct str){in->p + (given - z->avail_in), in->n - (given - z->avail_in)};
    *ret_over = full && z->avail_out == 0;
    if (!full)
        out->n += space - z->avail_out;
    return rc;
}

static bool is_gzip(struct str s)
{
    return s.n >= 2 && (uint8_t)s.p[0] == 0x1f && (uint8_t)s.p[1] == 0x8b;
}

static int run(z_stream *z, struct str in, struct buf *out, struct mq_error *err)
{
    bool gzip = is_gzip(in);
    for (;;) {
        bool over;
        if (out->n == out->cap && out->n < out->max) {
            size_t left = out->max - out->n;
            if (!buf_reserve(out, left < OUT_STEP ? left : OUT_STEP))
                return mq_fail(err, MQ_NO_MEMORY, "no memory for decompressed content");
        }
        int rc = step(z, &in, out, &over);
        if (over)
            return too_large(out, err);
        if (rc == Z_STREAM_END) {
            if (in.n == 0)
                return 0;
            if (!gzip || !is_gzip(in))
                return mq_fail(err, MQ_INVALID, "compressed content is followed by %zu other bytes",
                               in.n);
            inflateReset(z);
        } else if (rc == Z_MEM_ERROR) {
            return mq_fail(err, MQ_NO_MEMORY, "no memory to decompress");
        } else if (rc == Z_BUF_ERROR || (rc == Z_OK && in.n == 0 && z->avail_out > 0)) {
            return mq_fail(err, MQ_INVALID, "compressed content is cut off: send all of it");
        } else if (rc != Z_OK) {
            return mq_fail(err, MQ_INVALID, "compressed content is broken: %s: send gzip or zlib",
                           z->msg ? z->msg : "it needs a dictionary");
        }
    }
}

int inflate_gzip(struct str in, struct buf *out, struct mq_error *err)
{
    if (out->failed)
        return mq_fail(err, MQ_NO_MEMORY, "buffer failed before content was decompressed");
    z_stream z = {0};
    if (inflateInit2(&z, WINDOW_AUTO) != Z_OK)
        return mq_fail(err, MQ_NO_MEMORY, "no memory to decompress");
    size_t before = out->n;
    int rc = run(&z, in, out, err);
    inflateEnd(&z);
    if (rc != 0) {
        out->n = before;
        out->failed = false;
    }
    return rc;
}
