/* page_assets.h - the dashboard's files, turned into C when building (embed.py). Inside http/ only. */
#ifndef MQ_HTTP_PAGE_ASSETS_H
#define MQ_HTTP_PAGE_ASSETS_H

#include "base/str.h"

/* `name` holds a hash of the content, but for the page itself, which is the first. Bodies may be empty where there is no such form;
 * `plain` never is. */
struct asset {
    struct str name;
    const char *type;
    struct str plain, gzip, brotli;
};

/* NULL behind the last one. */
const struct asset *asset_at(size_t i);

#endif
