/* intern.h - external ids <-> dense numbers, in memory.
 *
 * Dense ids count up from 0 in the order of first sight and are never reused. Look-ups from any
 * thread take no lock and allocate nothing; adding is for one thread at a time. */
#ifndef MQ_BASE_INTERN_H
#define MQ_BASE_INTERN_H

#include "error.h"
#include "str.h"

#define INTERN_NONE UINT32_MAX

/* Ids lie below INTERN_MAX; a name has at most INTERN_NAME_MAX bytes. */
enum { INTERN_MAX = 1 << 28, INTERN_NAME_MAX = UINT16_MAX };

struct intern;

int intern_new(struct intern **ret, struct mq_error *err);
void intern_free(struct intern *t);

/* Any thread. INTERN_NONE when unknown. */
uint32_t intern_find(const struct intern *t, struct str name);
/* Any thread. The name of a dense id; valid until intern_free. Empty for an erased or unknown id. */
struct str intern_name(const struct intern *t, uint32_t id);
/* Any thread: how many ids were given (erased ones included). */
uint32_t intern_count(const struct intern *t);

/* One writer. Gives the id there is, or the next one; *ret_new may be NULL. MQ_NO_MEMORY, also past
 * INTERN_MAX; MQ_TOO_LARGE past INTERN_NAME_MAX. */
int intern_add(struct intern *t, struct str name, uint32_t *ret_id, bool *ret_new,
               struct mq_error *err);
/* One writer. Set the name of exactly this id (loading; ids may come in any order, gaps are erased).
 * Setting what is set already is no error; MQ_CONFLICT when the id has another name or the name
 * another id; else as intern_add. */
int intern_put(struct intern *t, uint32_t id, struct str name, struct mq_error *err);
/* One writer. Forget the name of an id and overwrite its bytes; the id stays used up. The caller makes
 * sure that no reader still holds the name. */
void intern_erase(struct intern *t, uint32_t id);
/* Bytes held. */
size_t intern_memory(const struct intern *t);

#endif
