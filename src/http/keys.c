#include "http/keys.h"

#include <math.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/lookup.h"
#include "event/event.h"

enum { SECRET_BYTES = 32, HASH_BYTES = 32, VALUE_VERSION = 2, EXPIRY_SINCE = 2, VALUE_MAX = 1024 };

struct key {
    struct key_facts facts;
    uint8_t hash[HASH_BYTES];
};

struct keys {
    struct mq_engine *engine;
    pthread_mutex_t writing; /* held from the store's change to the table's */
    pthread_rwlock_t lock;
    size_t n;
    struct key key[KEYS_MAX]; /* by time of creation */
};

static void hash_key(struct str key, uint8_t ret[HASH_BYTES])
{
    crypto_generichash(ret, HASH_BYTES, (const unsigned char *)key.p, key.n, NULL, 0);
}

/* ---------------------------------------------------------------- as stored */

static void setting_key(const char *id, struct buf *b)
{
    buf_add_z(b, "key/");
    buf_add_z(b, id);
}

static void encode(const struct key *k, struct buf *b)
{
    buf_add_u8(b, VALUE_VERSION);
    buf_add_u8(b, (uint8_t)k->facts.role);
    buf_add_u64le(b, (uint64_t)k->facts.created_ms);
    buf_add(b, k->hash, HASH_BYTES);
    buf_add_lenstr(b, str_of(k->facts.viewer));
    buf_add_lenstr(b, str_of(k->facts.label));
    buf_add_u64le(b, (uint64_t)k->facts.expires_ms);
}

static bool copy_text(struct str s, char *to, size_t size)
{
    if (s.n >= size || (s.n > 0 && memchr(s.p, 0, s.n)))
        return false;
    if (s.n > 0)
        memcpy(to, s.p, s.n);
    to[s.n] = '\0';
    return true;
}

static bool decode(struct str id, struct str value, struct key *ret)
{
    struct cursor c = cursor_over(value.p, value.n);
    memset(ret, 0, sizeof(*ret));
    uint8_t version = cursor_u8(&c);
    if (version == 0 || version > VALUE_VERSION)
        return false;
    ret->facts.role = (enum api_role)cursor_u8(&c);
    ret->facts.created_ms = (int64_t)cursor_u64le(&c);
    for (size_t i = 0; i < HASH_BYTES; i++)
        ret->hash[i] = cursor_u8(&c);
    struct str viewer = cursor_lenstr(&c);
    struct str label = cursor_lenstr(&c);
    ret->facts.expires_ms = version >= EXPIRY_SINCE ? (int64_t)cursor_u64le(&c) : 0;
    return !c.failed && ret->facts.role >= API_INGEST && ret->facts.role <= API_ADMIN &&
           copy_text(id, ret->facts.id, KEY_ID_BYTES) &&
           copy_text(viewer, ret->facts.viewer, KEY_VIEWER_BYTES) &&
           copy_text(label, ret->facts.label, KEY_LABEL_BYTES);
}

struct loading {
    struct keys *keys;
    struct mq_error *err;
};

/* A key that can't be read ends the start: to pass it over would leave a server open that was closed. */
static int load(void *ctx, struct str key, struct str value)
{
    struct loading *l = ctx;
    struct keys *k = l->keys;
    struct str id = {key.p + 4, key.n - 4};
    if (k->n == KEYS_MAX)
        return mq_fail(l->err, MQ_FULL, "keys: more than %d: revoke some", KEYS_MAX);
    if (!decode(id, value, &k->key[k->n]))
        return mq_fail(l->err, MQ_CORRUPT, "keys: %.*s: cannot be read: restore the folder",
                       STR_ARG(id));
    k->n++;
    return 0;
}

static int by_creation(const void *a, const void *b)
{
    const struct key_facts *x = &((const struct key *)a)->facts;
    const struct key_facts *y = &((const struct key *)b)->facts;
    if (x->created_ms != y->created_ms)
        return x->created_ms < y->created_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

int keys_open(struct mq_engine *engine, struct keys **ret, struct mq_error *err)
{
    if (sodium_init() < 0)
        return mq_fail(err, MQ_IO, "keys: libsodium finds no source of randomness");
    struct keys *k = calloc(1, sizeof(*k));
    if (!k)
        return mq_fail(err, MQ_NO_MEMORY, "keys: no memory");
    k->engine = engine;
    pthread_mutex_init(&k->writing, NULL);
    pthread_rwlock_init(&k->lock, NULL);
    struct loading l = {k, err};
    int rc = engine_scan_settings(engine, STR("key/"), load, &l, err);
    if (rc) {
        keys_close(k);
        return rc;
    }
    qsort(k->key, k->n, sizeof(k->key[0]), by_creation);
    *ret = k;
    return 0;
}

void keys_close(struct keys *k)
{
    if (!k)
        return;
    pthread_rwlock_destroy(&k->lock);
    pthread_mutex_destroy(&k->writing);
    free(k);
}

/* ---------------------------------------------------------------- reading */

size_t keys_count(struct keys *k)
{
    pthread_rwlock_rdlock(&k->lock);
    size_t n = k->n;
    pthread_rwlock_unlock(&k->lock);
    return n;
}

bool keys_find(struct keys *k, struct str text, struct key_facts *ret)
{
    uint8_t hash[HASH_BYTES];
    bool found = false;
    if (text.n != KEY_TEXT_BYTES - 1)
        return false;
    hash_key(text, hash);
    pthread_rwlock_rdlock(&k->lock);
    for (size_t i = 0; i < k->n; i++) {
        if (sodium_memcmp(hash, k->key[i].hash, HASH_BYTES) == 0) {
            *ret = k->key[i].facts;
            found = true;
        }
    }
    pthread_rwlock_unlock(&k->lock);
    return found && (ret->expires_ms == 0 || clock_wall_ms() < ret->expires_ms);
}

size_t keys_list(struct keys *k, struct key_facts *ret, size_t max)
{
    pthread_rwlock_rdlock(&k->lock);
    size_t n = k->n < max ? k->n : max;
    for (size_t i = 0; i < n; i++)
        ret[i] = k->key[i].facts;
    pthread_rwlock_unlock(&k->lock);
    return n;
}

/* ---------------------------------------------------------------- changing */

static int make_key(const struct key_wish *wish, struct key *ret, char ret_text[KEY_TEXT_BYTES],
                    struct mq_error *err)
{
    const double day_ms = 86400000;
    enum api_role role = wish->role;
    struct str viewer = wish->viewer, label = wish->label;
    uint8_t secret[SECRET_BYTES];
    memset(ret, 0, sizeof(*ret));
    if (role < API_INGEST || role > API_ADMIN)
        return mq_fail(err, MQ_INVALID, "role: missing: give ingest, read, analyst or admin");
    if (viewer.n > 0 && role != API_READ)
        return mq_fail(err, MQ_INVALID, "viewer: %.*s: only a read key may be bound to a viewer",
                       STR_ARG(viewer));
    if (!(wish->days >= 0 && wish->days <= KEY_DAYS_MAX))
        return mq_fail(err, MQ_INVALID, "days: %g: give 0, for a key that does not expire, to %.0f",
                       wish->days, KEY_DAYS_MAX);
    if (!str_is_utf8(viewer) || str_has_control(viewer) ||
        !copy_text(viewer, ret->facts.viewer, KEY_VIEWER_BYTES))
        return mq_fail(err, MQ_INVALID, "viewer: give at most %d bytes of UTF-8",
                       KEY_VIEWER_BYTES - 1);
    if (!str_is_utf8(label) || str_has_control(label) ||
        !copy_text(label, ret->facts.label, KEY_LABEL_BYTES))
        return mq_fail(err, MQ_INVALID, "label: give at most %d bytes of UTF-8",
                       KEY_LABEL_BYTES - 1);
    randombytes_buf(secret, sizeof(secret));
    memcpy(ret_text, "mk_", 3);
    sodium_bin2base64(ret_text + 3, KEY_TEXT_BYTES - 3, secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof(secret));
    hash_key((struct str){ret_text, KEY_TEXT_BYTES - 1}, ret->hash);
    uint8_t id[KEY_ID_BYTES / 2];
    randombytes_buf(id, sizeof(id));
    sodium_bin2hex(ret->facts.id, KEY_ID_BYTES, id, sizeof(id));
    ret->facts.role = role;
    ret->facts.created_ms = clock_wall_ms();
    ret->facts.expires_ms =
        wish->days > 0 ? ret->facts.created_ms + (int64_t)ceil(wish->days * day_ms) : 0;
    return 0;
}

static int store_key(struct keys *k, const struct key *key, struct mq_error *err)
{
    char name[64];
    char value[VALUE_MAX];
    struct buf b;
    struct buf v;
    buf_over(&b, name, sizeof(name));
    buf_over(&v, value, sizeof(value));
    setting_key(key->facts.id, &b);
    encode(key, &v);
    return engine_put_setting(k->engine, buf_str(&b), buf_str(&v), err);
}

int keys_create(struct keys *k, const struct key_wish *wish, struct key_facts *ret,
                char ret_key[KEY_TEXT_BYTES], struct mq_error *err)
{
    struct key key;
    char text[KEY_TEXT_BYTES];
    int rc = make_key(wish, &key, text, err);
    if (rc)
        return rc;
    pthread_mutex_lock(&k->writing);
    if (k->n == KEYS_MAX)
        rc = mq_fail(err, MQ_FULL, "keys: %d: no more are allowed: revoke one", KEYS_MAX);
    if (rc == 0)
        rc = store_key(k, &key, err);
    if (rc == 0) {
        pthread_rwlock_wrlock(&k->lock);
        k->key[k->n++] = key;
        pthread_rwlock_unlock(&k->lock);
        *ret = key.facts;
        memcpy(ret_key, text, KEY_TEXT_BYTES);
    }
    pthread_mutex_unlock(&k->writing);
    sodium_memzero(text, sizeof(text));
    return rc;
}

/* The key at `at` goes. `writing` is held. */
static int remove_at(struct keys *k, size_t at, struct mq_error *err)
{
    char name[64];
    struct buf b;
    buf_over(&b, name, sizeof(name));
    setting_key(k->key[at].facts.id, &b);
    int rc = engine_delete_setting(k->engine, buf_str(&b), err);
    if (rc)
        return rc;
    pthread_rwlock_wrlock(&k->lock);
    memmove(&k->key[at], &k->key[at + 1], (k->n - at - 1) * sizeof(k->key[0]));
    k->n--;
    pthread_rwlock_unlock(&k->lock);
    return 0;
}

int keys_revoke(struct keys *k, struct str id, struct mq_error *err)
{
    pthread_mutex_lock(&k->writing);
    size_t at = 0;
    while (at < k->n && !str_eq(id, str_of(k->key[at].facts.id)))
        at++;
    int rc = at < k->n
                 ? remove_at(k, at, err)
                 : mq_fail(err, MQ_NOT_FOUND, "key: %.*s: there is none: list them", STR_ARG(id));
    pthread_mutex_unlock(&k->writing);
    return rc;
}

int keys_revoke_viewer(struct keys *k, struct str viewer, struct mq_error *err)
{
    int rc = 0;
    pthread_mutex_lock(&k->writing);
    for (size_t at = k->n; rc == 0 && at > 0; at--) {
        if (viewer.n > 0 && str_eq(viewer, str_of(k->key[at - 1].facts.viewer)))
            rc = remove_at(k, at - 1, err);
    }
    pthread_mutex_unlock(&k->writing);
    return rc;
}
