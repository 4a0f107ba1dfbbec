/* dossier.h - a dated answer: what was known of a title before anybody pitched it. Its stored form, and whether a pitch or a
 * title is what it spoke of.
 *
 * Stored: a version byte, then fields as buf.h writes them; numbers as 64-bit floats. It names no viewer. */
#ifndef MQ_STRATEGY_DOSSIER_H
#define MQ_STRATEGY_DOSSIER_H

#include "base/buf.h"
#include "catalogue/concept.h"
#include "marquee.h"

enum { DOSSIER_BYTES_MAX = 64 * 1024, DOSSIER_TEXT_MAX = 16 * 1024 };

void dossier_encode(const struct mq_dossier *d, struct buf *out);
/* Text in the arena. `id` is the caller's. MQ_CORRUPT, MQ_NO_MEMORY. */
int dossier_decode(struct str bytes, struct arena *arena, struct mq_dossier *ret,
                   struct mq_error *err);

/* Bit per part (maker, lead, theme) that the concept has: people by name in any role, the theme among tags and genres; one
 * that is a title as the concept's own name or among its comparables. */
unsigned dossier_matches(const struct mq_dossier *d, const struct concept *c);

#endif
