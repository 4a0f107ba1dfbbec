/* ids.h - dense numbers as one-field structs, so that a viewer can't be passed for a title. They count
 * up from 0 in order of first sight and are never reused; ID_NONE is no id. */
#ifndef MQ_EVENT_IDS_H
#define MQ_EVENT_IDS_H

#include <stdint.h>

#define ID_NONE UINT32_MAX

struct viewer_id {
    uint32_t v;
};
struct title_id {
    uint32_t v;
};
struct person_id {
    uint32_t v;
};

#endif
