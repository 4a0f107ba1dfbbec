/* store_names.c - the names family: dense id -> external id, one row each; the other direction is in
 * memory only.
 *
 *   key    kind u8, id u32
 *   value  u8 version (1), kind u8, id u32 big-endian, text name, text spelling
 *          text = varint length, bytes
 *
 * The spelling is there for persons whose key is not their name. Kind and id stand in the value as well so that a
 * short name can be looked for in raw files together with them (store_erase.c). */
#include "store/store_inside.h"

void names_encode(enum name_kind kind, uint32_t id, struct str name, struct str spelling,
                  struct buf *out)
{
    char frame[2 + 4];
    frame[0] = NAMES_VERSION;
    frame[1] = (char)kind;
    put_be32(frame + 2, id);
    buf_add(out, frame, sizeof(frame));
    buf_add_lenstr(out, name);
    buf_add_lenstr(out, spelling);
}

int names_decode(struct str key, struct str value, enum name_kind *ret_kind, uint32_t *ret_id,
                 struct str *ret_name, struct str *ret_spelling, struct mq_error *err)
{
    if (key.n != KEY_NAME || value.n < 1 + KEY_NAME || (uint8_t)key.p[0] >= NAME_KINDS)
        return mq_fail(err, MQ_CORRUPT, "names: a row of %zu and %zu bytes: is no name", key.n,
                       value.n);
    if ((uint8_t)value.p[0] > NAMES_VERSION)
        return mq_fail(err, MQ_VERSION, "names: version %u: written by a newer Marquee",
                       (uint8_t)value.p[0]);
    struct cursor c = cursor_over(value.p + 1 + KEY_NAME, value.n - 1 - KEY_NAME);
    struct str name = cursor_lenstr(&c), spelling = cursor_lenstr(&c);
    if (c.failed || cursor_left(&c) != 0 || value.p[0] == 0 ||
        memcmp(key.p, value.p + 1, KEY_NAME) != 0)
        return mq_fail(err, MQ_CORRUPT, "names: kind %u, id %u: the row is no name",
                       (uint8_t)key.p[0], get_be32(key.p + 1));
    *ret_kind = (enum name_kind)key.p[0];
    *ret_id = get_be32(key.p + 1);
    *ret_name = name;
    *ret_spelling = spelling;
    return 0;
}

static int load_row(struct store *s, struct str key, struct str value, struct mq_error *err)
{
    enum name_kind kind = NAME_KINDS;
    uint32_t id = INTERN_NONE;
    struct str name, spelling;
    int rc = names_decode(key, value, &kind, &id, &name, &spelling, err);
    if (rc == 0)
        rc = intern_put(s->names[kind], id, name, err);
    if (rc == 0 && spelling.n > 0)
        rc = spellings_put(s->spellings, id, spelling, err);
    if (rc == MQ_CONFLICT)
        rc = mq_fail(
            err, MQ_CORRUPT,
            "names: kind %d, id %u: two ids have one name: restore the folder from a backup", kind,
            id);
    if (rc == 0)
        atomic_fetch_add(&s->live_names[kind], 1);
    return rc;
}

/* The last ids given may be those of erased viewers, which have no row: they stay used up. */
static int keep_used(struct store *s, enum name_kind kind, struct mq_error *err)
{
    uint64_t given = s->live->counters.given[kind];
    if (intern_count(s->names[kind]) > given || given > INTERN_MAX)
        return mq_fail(err, MQ_CORRUPT, "names: kind %d: %u are there, %llu were given", kind,
                       intern_count(s->names[kind]), (unsigned long long)given);
    if (intern_count(s->names[kind]) == given)
        return 0;
    uint32_t last = (uint32_t)given - 1;
    /* No external id holds a zero byte: text is checked on its way in. */
    int rc = intern_put(s->names[kind], last, STR("\0erased"), err);
    if (rc == 0)
        intern_erase(s->names[kind], last);
    return rc;
}

int names_load(struct store *s, struct mq_error *err)
{
    struct rows r;
    struct str key, value;
    int rc = 0;
    rows_open(s, FAMILY_NAMES, STR_NONE, STR_NONE, ROWS_ALL, &r);
    while (rc == 0 && rows_next(&r, &key, &value))
        rc = load_row(s, key, value, err);
    int closed = rows_close(&r, "names", rc ? NULL : err);
    if (rc == 0)
        rc = closed;
    for (int k = 0; rc == 0 && k < NAME_KINDS; k++)
        rc = keep_used(s, (enum name_kind)k, err);
    return rc;
}

struct str names_person(const struct store *s, struct person_id id)
{
    struct str spelling = spellings_get(s->spellings, id.v);
    return spelling.n > 0 ? spelling : intern_name(s->names[NAME_PERSON], id.v);
}
