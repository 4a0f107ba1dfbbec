/* time_zone.c - offsets of tz database zones, read from the system's TZif files (RFC 8536).
 *
 * File: a header and a block with 32-bit times; from version 2 on a second header and block with 64-bit
 * times, then "\n<POSIX TZ>\n", the rule for all instants after the last transition.
 *
 *   header  "TZif" version 15x0 isutcnt isstdcnt leapcnt timecnt typecnt charcnt  (big-endian u32)
 *   block   timecnt times, timecnt type numbers (u8), typecnt {i32 offset, u8 dst, u8 name},
 *           charcnt bytes, leapcnt {time, i32}, isstdcnt bytes, isutcnt bytes
 *
 * The cache below is the one piece of state in this room that no caller owns: zones are the system's,
 * the same for all, and never change while the process lives. Look-ups take no lock; a zone is
 * loaded under one and never freed. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/tz_rule.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

enum {
    ZONE_NAME_MAX = 64,
    ZONE_FILE_MAX = 64 * 1024,
    ZONE_SLOTS = 2048, /* a power of two */
    ZONES_MAX = 1024,  /* more than the database has names; past it zones are unknown */
    HEADER = 44,
};

struct zone {
    size_t n;        /* transitions */
    int64_t *at;     /* (n) seconds, ascending */
    int32_t *offset; /* (n) seconds east of UTC from at[i] on */
    int32_t before;  /* offset before at[0] */
    bool has_rule;   /* for instants from at[n - 1] on */
    struct tz_rule rule;
    size_t name_n;
    char name[ZONE_NAME_MAX];
};

static struct {
    pthread_mutex_t lock; /* guards n and the filling of slots */
    size_t n;
    _Atomic(struct zone *) slots[ZONE_SLOTS];
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The counts of one header. */
struct block {
    uint8_t version;
    size_t isut, isstd, leap, time, type, chars;
    size_t width; /* bytes of a time */
};

static uint64_t big_endian(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static bool read_header(struct str file, size_t at, size_t width, struct block *ret)
{
    if (file.n < at || file.n - at < HEADER || memcmp(file.p + at, "TZif", 4) != 0)
        return false;
    const uint8_t *p = (const uint8_t *)file.p + at;
    size_t count[6];
    for (size_t i = 0; i < 6; i++)
        count[i] = (size_t)big_endian(p + 20 + 4 * i, 4);
    *ret = (struct block){p[4], count[0], count[1], count[2], count[3], count[4], count[5], width};
    return true;
}

/* Bytes of the block behind its header: below 2^32 * 40, no overflow. */
static size_t block_size(const struct block *b)
{
    return b->time * (b->width + 1) + b->type * 6 + b->chars + b->leap * (b->width + 4) + b->isstd +
           b->isut;
}

static void free_zone(struct zone *z)
{
    if (z) {
        free(z->at);
        free(z->offset);
    }
    free(z);
}

static int64_t read_time(const uint8_t *p, size_t width)
{
    return width == 4 ? (int32_t)big_endian(p, 4) : (int64_t)big_endian(p, 8);
}

/* The transitions of a block that was found to lie within the file. False when it breaks the format. */
static bool read_block(const uint8_t *p, const struct block *b, struct zone *z)
{
    const uint8_t *type_of = p + b->time * b->width;
    const uint8_t *types = type_of + b->time;
    z->at = malloc((b->time + 1) * sizeof(*z->at));
    z->offset = malloc((b->time + 1) * sizeof(*z->offset));
    if (!z->at || !z->offset)
        return false;
    for (size_t i = 0; i < b->time; i++) {
        z->at[i] = read_time(p + i * b->width, b->width);
        if (type_of[i] >= b->type || (i > 0 && z->at[i] <= z->at[i - 1]))
            return false;
        z->offset[i] = (int32_t)big_endian(types + 6 * (size_t)type_of[i], 4);
    }
    z->n = b->time;
    z->before = (int32_t)big_endian(types, 4);
    return true;
}

/* Zones with leap seconds ("right/...") count another time than ours: they are refused. */
static bool parse_zone(struct str file, struct zone *z)
{
    struct block b;
    size_t at = 0;
    if (!read_header(file, 0, 4, &b))
        return false;
    bool footer = b.version >= '2';
    if (footer) {
        at = HEADER + block_size(&b);
        if (!read_header(file, at, 8, &b))
            return false;
    }
    at += HEADER;
    size_t size = block_size(&b);
    if (size > file.n - at || b.type == 0 || b.leap != 0)
        return false;
    if (!read_block((const uint8_t *)file.p + at, &b, z))
        return false;
    struct str rest = {file.p + at + size, file.n - at - size};
    if (footer && rest.n > 0 && rest.p[0] == '\n') {
        str_cut(&rest, '\n');
        struct str rule = str_cut(&rest, '\n');
        z->has_rule = rule.n > 0;
        return rule.n == 0 || tz_rule_parse(rule, &z->rule);
    }
    return true;
}

static int32_t offset_at(const struct zone *z, int64_t t)
{
    if (z->has_rule && (z->n == 0 || t >= z->at[z->n - 1]))
        return tz_rule_offset(&z->rule, t);
    size_t low = 0, high = z->n; /* how many transitions are at or before t */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->at[middle] <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? z->before : z->offset[low - 1];
}

/* No dots are allowed, so no name leads out of the folder. */
static bool is_zone_name(struct str name)
{
    if (name.n == 0 || name.n > ZONE_NAME_MAX || name.p[0] == '/')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '+' || c == '-' || c == '/';
        if (!ok)
            return false;
    }
    return true;
}

static struct zone *load_zone(struct str name)
{
    char path[sizeof(ZONE_FOLDER) + ZONE_NAME_MAX];
    snprintf(path, sizeof(path), ZONE_FOLDER "%.*s", STR_ARG(name));
    struct buf file;
    buf_init(&file, ZONE_FILE_MAX);
    struct zone *z = calloc(1, sizeof(*z));
    if (!z || file_read(path, &file, NULL) != 0 || !parse_zone(buf_str(&file), z)) {
        free_zone(z);
        z = NULL;
    } else {
        memcpy(z->name, name.p, name.n);
        z->name_n = name.n;
    }
    buf_release(&file);
    return z;
}

/* The slot that holds the zone, or the empty one where it belongs: there always is one. */
static _Atomic(struct zone *) *find_slot(struct str name)
{
    size_t i = hash_str(name, 0) % ZONE_SLOTS;
    for (;; i = (i + 1) % ZONE_SLOTS) {
        struct zone *z = atomic_load_explicit(&cache.slots[i], memory_order_acquire);
        if (!z || str_eq((struct str){z->name, z->name_n}, name))
            return &cache.slots[i];
    }
}

static struct zone *find_zone(struct str name)
{
    struct zone *z = atomic_load_explicit(find_slot(name), memory_order_acquire);
    if (z)
        return z;
    pthread_mutex_lock(&cache.lock);
    _Atomic(struct zone *) *slot = find_slot(name);
    z = atomic_load_explicit(slot, memory_order_relaxed);
    if (!z && cache.n < ZONES_MAX) {
        z = load_zone(name);
        cache.n += z != NULL;
        atomic_store_explicit(slot, z, memory_order_release);
    }
    pthread_mutex_unlock(&cache.lock);
    return z;
}

bool time_zone_offset(struct str name, int64_t at_ms, int *ret_offset_min)
{
    if (!is_zone_name(name))
        return false;
    const struct zone *z = find_zone(name);
    if (!z) {
        /* A machine without the database still knows this one. */
        if (!str_eq(name, STR("UTC")) && !str_eq(name, STR("Etc/UTC")))
            return false;
        *ret_offset_min = 0;
        return true;
    }
    int64_t seconds = at_ms / 1000 - (at_ms % 1000 < 0);
    *ret_offset_min = offset_at(z, seconds) / 60;
    return true;
}
