/* community_file.c - the stored form: u8 version, then numbers, names and members (ascending, as differences). */
#include <stdlib.h>

#include "audience/communities.h"

enum { COMMUNITY_FORMAT = 2 };

static void add_double(struct buf *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    buf_add_u64le(out, bits);
}

static double take_double(struct cursor *c)
{
    uint64_t bits = cursor_u64le(c);
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

int communities_encode(const struct communities *c, struct buf *out, struct mq_error *err)
{
    buf_add_u8(out, COMMUNITY_FORMAT);
    buf_add_varint(out, c->n);
    buf_add_varint(out, c->next_id);
    buf_add_varint(out, c->model_version);
    add_double(out, c->stability);
    add_double(out, c->likelihood);
    add_double(out, c->likelihood_cells);
    add_double(out, c->likelihood_random);
    add_double(out, c->name_found);
    buf_add_varint(out, c->name_trials);
    buf_add_varint(out, c->names_among);
    buf_add_varint(out, c->names_decoys);
    for (uint32_t i = 0; i < c->n; i++) {
        buf_add_varint(out, c->v[i].id);
        buf_add_lenstr(out, str_of(c->v[i].name));
        int rc = viewer_set_encode(c->v[i].members, out, err);
        if (rc)
            return rc;
    }
    return out->failed ? mq_fail(err, MQ_NO_MEMORY, "communities: no memory") : 0;
}

static bool take_all(struct cursor *c, struct communities *ret)
{
    uint64_t n = cursor_varint(c);
    ret->next_id = (uint32_t)cursor_varint(c);
    ret->model_version = cursor_varint(c);
    ret->stability = take_double(c);
    ret->likelihood = take_double(c);
    ret->likelihood_cells = take_double(c);
    ret->likelihood_random = take_double(c);
    ret->name_found = take_double(c);
    ret->name_trials = (unsigned)cursor_varint(c);
    ret->names_among = (unsigned)cursor_varint(c);
    ret->names_decoys = (unsigned)cursor_varint(c);
    if (c->failed || n > COMMUNITIES_MAX)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct community *v = &ret->v[i];
        v->id = (uint32_t)cursor_varint(c);
        struct str name = cursor_lenstr(c);
        v->members = roaring_bitmap_create();
        ret->n++;
        if (c->failed || name.n >= COMMUNITY_NAME_MAX || !str_is_utf8(name) || !v->members)
            return false;
        if (name.n > 0)
            memcpy(v->name, name.p, name.n);
        if (!viewer_set_decode(c, v->members))
            return false;
    }
    return cursor_left(c) == 0;
}

int communities_decode(struct str bytes, struct communities **ret, struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    struct communities *out = calloc(1, sizeof(*out));
    if (!out)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory");
    if (cursor_u8(&c) != COMMUNITY_FORMAT || !take_all(&c, out)) {
        communities_free(out);
        return mq_fail(err, MQ_CORRUPT, "communities: damaged: they are found anew");
    }
    *ret = out;
    return 0;
}
