/* library.h - the folder of models: which version is live?
 *
 * DIR/models/000001.model ..., and DIR/models/LIVE, a line of text with the live version, replaced by
 * rename. The last MODELS_KEPT are kept, the live one, what a rollback would take, and those that are pinned. DIR/models/PROMOTED: versions that were kept
 * aside and made live later, a line of text each. */
#ifndef MQ_MODEL_LIBRARY_H
#define MQ_MODEL_LIBRARY_H

#include "model/model.h"

enum { MODELS_KEPT = 8 };

struct model_entry {
    uint64_t version;
    bool live;
    bool readable;            /* passes its checksum */
    struct model_facts facts; /* when readable */
    struct ials_settings settings;
    uint32_t n_titles;
    bool blended; /* it has a blend, with these facts */
    struct blend_facts blend;
};

/* Open the live one; when it is damaged, the newest readable older one, and *ret_refused tells which
 * version was passed over (0 = none). MQ_NO_MODEL when there is none. */
int library_open_live(const char *dir, struct model **ret, uint64_t *ret_refused,
                      struct mq_error *err);
int library_open_version(const char *dir, uint64_t version, struct model **ret,
                         struct mq_error *err);
/* The newest version whose training was done by `known_ms`. */
int library_open_as_of(const char *dir, int64_t known_ms, struct model **ret, struct mq_error *err);
/* The newest version that was trained on no more than the log's first known_seq. */
int library_open_from_prefix(const char *dir, uint64_t known_seq, struct model **ret,
                             struct mq_error *err);
/* Versions that are served beside the live one (by arms, a canary): their files stay however old. */
struct model_pins {
    const uint64_t *v; /* (n) */
    size_t n;
};
/* Give the next version number, write the file, make it live, drop the oldest. Sets m->facts.version. pins: NULL for none. */
int library_publish(const char *dir, struct model *m, const struct model_pins *pins,
                    struct mq_error *err);
/* The same without making it live: a version kept aside. Rollback and "as of" pass over those until they are made live. */
int library_keep(const char *dir, struct model *m, const struct model_pins *pins,
                 struct mq_error *err);
/* Make an existing version live (MQ_NOT_FOUND, MQ_CORRUPT when it is damaged). at_ms: now; "as of" an earlier moment, one that
 * was kept aside is passed over. */
int library_set_live(const char *dir, uint64_t version, int64_t at_ms, struct mq_error *err);
/* Make live the newest readable version before the live one. */
int library_rollback(const char *dir, uint64_t *ret_version, struct mq_error *err);
/* Newest first, at most `max`; returns how many in *ret_n. */
int library_list(const char *dir, struct model_entry *ret, size_t max, size_t *ret_n,
                 struct mq_error *err);

#endif
