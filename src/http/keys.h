/* keys.h - who may come in: keys with a role, stored hashed in the engine's settings. Inside http/ only.
 *
 * A key is "mk_" and 32 random bytes in base64url, shown once. Kept of it: its BLAKE2b-256 (the secret has
 * 256 bits of its own, so that no slow hash is needed), under "key/<id>". */
#ifndef MQ_HTTP_KEYS_H
#define MQ_HTTP_KEYS_H

#include "http/api.h"

enum {
    KEYS_MAX = 256,
    KEY_ID_BYTES = 17,   /* 16 hex digits, NUL */
    KEY_TEXT_BYTES = 47, /* "mk_", 43 characters, NUL */
    KEY_VIEWER_BYTES = 257,
    KEY_LABEL_BYTES = 129,
};

struct key_facts {
    char id[KEY_ID_BYTES];
    enum api_role role;
    char viewer[KEY_VIEWER_BYTES]; /* "": not bound */
    char label[KEY_LABEL_BYTES];
    int64_t created_ms, expires_ms; /* expires: 0 = never */
};

struct keys; /* any thread */

int keys_open(struct mq_engine *engine, struct keys **ret, struct mq_error *err);
void keys_close(struct keys *k);

size_t keys_count(struct keys *k);

/* False: no such key, or it is expired. Takes the same time for whichever key it is. */
bool keys_find(struct keys *k, struct str key, struct key_facts *ret);

/* What a key is to be. `viewer` and `label` may be empty; only a read key may be bound. days: it expires after so many, up to
 * KEY_DAYS_MAX; 0 = never. Those that are expired are listed until they are revoked, and keep the server closed. */
struct key_wish {
    enum api_role role;
    struct str viewer, label;
    double days;
};
#define KEY_DAYS_MAX 36500.0
/* Durable when it returns. ret_key gets the one copy of the key. MQ_INVALID, MQ_FULL past KEYS_MAX. */
int keys_create(struct keys *k, const struct key_wish *wish, struct key_facts *ret,
                char ret_key[KEY_TEXT_BYTES], struct mq_error *err);

/* Durable when it returns. MQ_NOT_FOUND. */
int keys_revoke(struct keys *k, struct str id, struct mq_error *err);
/* All that are bound to this viewer: their name must not outlive an erasure. */
int keys_revoke_viewer(struct keys *k, struct str viewer, struct mq_error *err);

/* In the order of creation; up to `max` are copied; returns how many. */
size_t keys_list(struct keys *k, struct key_facts *ret, size_t max);

#endif
