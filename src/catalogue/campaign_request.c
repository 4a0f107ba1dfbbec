#include "catalogue/campaign_request.h"

static const char *const names[LEAD_KINDS] = {"none",    "director", "actor", "producer", "writer",
                                              "creator", "genre",    "tag",   "title"};

const char *lead_kind_name(enum lead_kind k)
{
    return names[k < LEAD_KINDS ? k : LEAD_NONE];
}

bool lead_kind_from(struct str word, enum lead_kind *ret)
{
    for (int k = 0; k < LEAD_KINDS; k++) {
        if (str_eq_nocase(word, str_of(names[k]))) {
            *ret = (enum lead_kind)k;
            return true;
        }
    }
    return false;
}
