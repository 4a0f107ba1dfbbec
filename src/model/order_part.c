#include "model/order_part.h"

#include <math.h>
#include <stddef.h>

_Static_assert(sizeof(struct order_part) == ORDER_ROOM * 4 + 2 * 4 + 5 * 8,
               "no padding: it lies in files as it is");
_Static_assert((int)ORDER_PARTS <= (int)ORDER_RESUME, "room for all weights");

const char *order_part_name(enum order_of part)
{
    static const char *const names[ORDER_PARTS] = {
#define ORDER_NAME(code, name) name,
        ORDER_TABLE(ORDER_NAME)
#undef ORDER_NAME
    };
    return names[part];
}

const char *order_fault(const struct order_part *p)
{
    const float most = 1e4f;
    for (int i = 0; i < ORDER_ROOM; i++) {
        if (!isfinite(p->weight[i]) || fabsf(p->weight[i]) > most)
            return "of the order: a weight is not finite";
    }
    if (!isfinite(p->ndcg) || !isfinite(p->base_ndcg) || !isfinite(p->low) || !isfinite(p->high))
        return "of the order: a figure is not finite";
    return NULL;
}
