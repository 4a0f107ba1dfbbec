/* model_layout.h - where things stand in a model file. All little-endian.
 *
 *   0    "MQMODEL\n", u32 format, u32 header bytes (256), u64 file bytes
 *   24   u32 n_titles, rank, stride, n_neighbours, n_active, 0
 *   48   settings, facts, u32 of ratings: titles, rank, snapshots; the blend's shape (blend_part.h); u32 trees
 *        and nodes of the ranker, u32 bytes of moods, of the order, u8 1 when the
 *        blend knows how new titles are; zeros up to 256
 *   256  factors, gram, popularity, neighbours, similarity, ratings' titles and values, the blend's sections, the
 *        ranker's, moods (mood.h), the order (order_part.h), each from a multiple of 64 on
 *   end  XXH3-128 (low, high) of all bytes before it, from a multiple of 64 on
 *
 * Format 1 has no ratings, 2 no blend, 3 no ranker, 4 no moods, 5 no order, 6 not how new titles are; a model without them is still written so.
 * Moods of 5 to 7 go by a smaller field of titles: such models are read without their moods, which the next training finds again.
 * Where sections stand follows from the dimensions alone, so that a file can't point anywhere. */
#ifndef MQ_MODEL_LAYOUT_H
#define MQ_MODEL_LAYOUT_H

#include "model/model.h"

#define MODEL_MAGIC "MQMODEL\n"
enum { MODEL_HEADER = 256, MODEL_CHECKSUM = 16, MODEL_PREFIX = 24 };

struct model_layout {
    uint64_t factors, gram, popularity, neighbours, similarity, rated, ratings; /* offsets */
    uint64_t blend[BLEND_SECTIONS];
    uint64_t ranker[RANKER_SECTIONS];
    uint64_t moods, order;
    uint64_t checksum;
    uint64_t total; /* bytes of the file */
};

/* Bytes of parts that are there or not: 0, or what they take. */
struct model_extras {
    uint32_t moods, order;
};
struct model_extras model_extras_of(const struct model *m);

/* False when a dimension passes its maximum, they contradict each other, or the file would not fit the
 * address space. */
bool model_layout(const struct model *m, const struct blend_shape *blend,
                  const struct model_extras *extras, struct model_layout *ret);
/* Append the MODEL_HEADER bytes. */
void model_put_header(const struct model *m, uint64_t total, struct buf *out);
/* The reverse, from behind MODEL_PREFIX on. Sets dimensions, settings and facts, unchecked. */
void model_get_header(struct cursor c, struct model *ret, struct blend_shape *ret_blend,
                      struct model_extras *ret_extras);

#endif
