/* tag_heap.h - who tagged what with what -> each title's most used tags. Inside wire/ only. */
#ifndef MQ_WIRE_TAG_HEAP_H
#define MQ_WIRE_TAG_HEAP_H

#include "base/error.h"
#include "base/str.h"

struct tag_heap;

int tag_heap_new(size_t rows_max, struct tag_heap **ret, struct mq_error *err);
void tag_heap_free(struct tag_heap *h);
/* Copies. Tags are the same without regard to case; the first spelling is kept. */
int tag_heap_add(struct tag_heap *h, struct str title, struct str tag, struct mq_error *err);
/* After the last add, before reading. */
int tag_heap_sort(struct tag_heap *h, struct mq_error *err);

/* The titles seen, from 0. */
size_t tag_heap_titles(const struct tag_heap *h);
struct str tag_heap_title(const struct tag_heap *h, size_t title);
/* SIZE_MAX when nobody tagged it. */
size_t tag_heap_find(const struct tag_heap *h, struct str title);
/* Up to `max` tags, the most used first, among equals the first seen; how many. Text lives as long as the
 * heap. */
size_t tag_heap_top(const struct tag_heap *h, size_t title, struct str *ret, size_t max);

#endif
