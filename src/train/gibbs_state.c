#include "train/gibbs_state.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"

static const char magic[] = "MQGIBBS1";

/* What a chain is made of, piece by piece. */
static size_t pieces(const struct gibbs_chain *c, struct str *ret)
{
    const struct gibbs_plan *p = c->plan;
    size_t levels = p->rank + 1;
    size_t priors = levels * p->data->n_blocks * (GIBBS_SETS + 1) * sizeof(double);
    size_t cases = p->data->cases * sizeof(double);
    size_t n = 0;
    ret[n++] = (struct str){(const char *)&c->rng, sizeof(c->rng)};
    ret[n++] = (struct str){(const char *)&c->sweeps, sizeof(c->sweeps)};
    ret[n++] = (struct str){(const char *)&c->kept, sizeof(c->kept)};
    ret[n++] = (struct str){(const char *)&c->w, 4 * sizeof(double)};
    ret[n++] = (struct str){(const char *)c->mean, priors};
    ret[n++] = (struct str){(const char *)c->lambda, priors};
    ret[n++] = (struct str){(const char *)c->theta, levels * p->level_size * sizeof(float)};
    ret[n++] = (struct str){(const char *)c->case_sum, cases};
    ret[n++] = (struct str){(const char *)c->case_square, cases};
    return n;
}
enum { PIECES = 9, THETA = 6, CHECKSUM = 16 };

static uint64_t mix(uint64_t a, const void *p, size_t n)
{
    struct hash128 h = hash128(p, n);
    return (a ^ h.lo) * UINT64_C(0x9e3779b97f4a7c15) + h.hi;
}

/* How many samples are asked for may change: a finished sampling can be made longer, not its burn-in. */
static uint64_t fingerprint(const struct gibbs_settings *s, const struct gibbs_plan *p)
{
    const struct gibbs_data *d = p->data;
    const uint64_t numbers[] = {s->rank, s->burn_in, s->chains, s->seed, d->rows, d->cases};
    uint64_t f = mix(0, numbers, sizeof(numbers));
    f = mix(f, d->target, d->rows * sizeof(float));
    for (size_t b = 0; b < d->n_blocks; b++) {
        f = mix(f, d->block[b].of_row, d->rows * sizeof(uint32_t));
        f = mix(f, d->block[b].of_case, d->cases * sizeof(uint32_t));
        for (size_t k = 0; k < d->block[b].n_sets; k++) {
            const struct csr *m = d->block[b].sets[k];
            f = mix(f, m->start, ((size_t)m->rows + 1) * sizeof(*m->start));
            f = mix(f, m->col, csr_nnz(m) * sizeof(*m->col));
        }
    }
    return f;
}

static size_t file_size(const struct gibbs_settings *s, const struct gibbs_chain *chains)
{
    struct str piece[PIECES];
    size_t n = sizeof(magic) - 1 + 8 + CHECKSUM;
    for (uint32_t k = 0; k < s->chains; k++) {
        size_t count = pieces(&chains[k], piece);
        for (size_t i = 0; i < count; i++)
            n += piece[i].n;
    }
    return n;
}

int gibbs_state_save(const char *path, const struct gibbs_settings *s,
                     const struct gibbs_chain *chains, struct mq_error *err)
{
    struct str piece[PIECES];
    struct buf b;
    buf_init(&b, file_size(s, chains));
    buf_reserve(&b, b.max);
    buf_add(&b, magic, sizeof(magic) - 1);
    buf_add_u64le(&b, fingerprint(s, chains[0].plan));
    for (uint32_t k = 0; k < s->chains; k++) {
        size_t count = pieces(&chains[k], piece);
        for (size_t i = 0; i < count; i++)
            buf_add(&b, piece[i].p, piece[i].n);
    }
    struct hash128 h = hash128(b.p, b.n);
    buf_add_u64le(&b, h.lo);
    buf_add_u64le(&b, h.hi);
    int rc = b.failed ? mq_fail(err, MQ_NO_MEMORY, "%s: no memory to save %zu bytes", path, b.max)
                      : file_write(path, buf_str(&b), 0600, err);
    buf_release(&b);
    return rc;
}

static int check(const char *path, const struct file_map *map, size_t size, uint64_t expected,
                 struct mq_error *err)
{
    const char *p = map->p;
    size_t head = sizeof(magic) - 1;
    if (map->n < head + 8 + CHECKSUM || memcmp(p, magic, head) != 0)
        return mq_fail(err, MQ_CORRUPT, "%s: is no sampling state: delete it to start again", path);
    struct cursor c = cursor_over(p + map->n - CHECKSUM, CHECKSUM);
    struct hash128 h = hash128(p, map->n - CHECKSUM);
    if (cursor_u64le(&c) != h.lo || cursor_u64le(&c) != h.hi)
        return mq_fail(err, MQ_CORRUPT, "%s: is damaged: delete it to start again", path);
    c = cursor_over(p + head, 8);
    if (cursor_u64le(&c) != expected || map->n != size)
        return mq_fail(err, MQ_INVALID,
                       "%s: belongs to other ratings or settings: delete it to start again", path);
    return 0;
}

static bool finite_doubles(const char *p, size_t bytes)
{
    double v;
    for (; bytes > 0; p += sizeof(v), bytes -= sizeof(v)) {
        memcpy(&v, p, sizeof(v));
        if (!isfinite(v))
            return false;
    }
    return true;
}

static bool finite_floats(const char *p, size_t bytes)
{
    float v;
    for (; bytes > 0; p += sizeof(v), bytes -= sizeof(v)) {
        memcpy(&v, p, sizeof(v));
        if (!isfinite(v))
            return false;
    }
    return true;
}

/* Could a sampling have left this? A generator of zeros draws nothing else for ever, and a sampler that rejects would never
 * end; what is not finite spreads into every prediction. The order is that of pieces(). */
static bool sound(const struct str *piece, const char *from)
{
    struct rng rng;
    uint32_t sweeps, kept;
    memcpy(&rng, from, sizeof(rng));
    from += piece[0].n;
    memcpy(&sweeps, from, sizeof(sweeps));
    from += piece[1].n;
    memcpy(&kept, from, sizeof(kept));
    from += piece[2].n;
    bool ok = (rng.s[0] | rng.s[1] | rng.s[2] | rng.s[3]) != 0 && kept <= sweeps;
    for (size_t i = 3; ok && i < PIECES; i++) {
        ok = i == THETA ? finite_floats(from, piece[i].n) : finite_doubles(from, piece[i].n);
        from += piece[i].n;
    }
    return ok;
}

int gibbs_state_load(const char *path, const struct gibbs_settings *s, struct gibbs_chain *chains,
                     struct mq_error *err)
{
    struct file_map map;
    struct str piece[PIECES];
    if (!file_exists(path))
        return 0;
    int rc = file_map_open(path, &map, err);
    if (rc)
        return rc;
    rc = check(path, &map, file_size(s, chains), fingerprint(s, chains[0].plan), err);
    const char *from = rc == 0 ? (const char *)map.p + sizeof(magic) - 1 + 8 : NULL;
    for (uint32_t k = 0; rc == 0 && k < s->chains; k++) {
        size_t count = pieces(&chains[k], piece);
        if (!sound(piece, from))
            rc = mq_fail(err, MQ_CORRUPT, "%s: is no state of a sampling: delete it to start again",
                         path);
        for (size_t i = 0; rc == 0 && i < count; i++) {
            memcpy((char *)(uintptr_t)piece[i].p, from, piece[i].n);
            from += piece[i].n;
        }
    }
    file_map_close(&map);
    return rc;
}
