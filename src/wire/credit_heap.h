/* credit_heap.h - credits as they come, handed out by title. Inside wire/ only. */
#ifndef MQ_WIRE_CREDIT_HEAP_H
#define MQ_WIRE_CREDIT_HEAP_H

#include "wire/credits_table.h"

struct credit_heap;

/* `stays` are bytes that live as long as the heap: text inside them is not copied. */
int credit_heap_new(struct str stays, struct credit_heap **ret, struct mq_error *err);
void credit_heap_free(struct credit_heap *h);
/* Copies what does not stay. */
int credit_heap_add(struct credit_heap *h, struct str title, const struct credit *c, uint64_t line,
                    struct mq_error *err);
/* Every title to the sink; what title_check refuses is reported as bad. `name` is for messages. */
int credit_heap_hand_out(struct credit_heap *h, const char *name, const struct credits_sink *sink,
                         struct mq_error *err);

#endif
