/* page_assets.h - the files of assets/, turned into C when building (embed.py). Inside http/ only. */
#ifndef MQ_HTTP_PAGE_ASSETS_H
#define MQ_HTTP_PAGE_ASSETS_H

#include "base/str.h"

struct str asset_page_html(void);
struct str asset_page_js(void);
struct str asset_page_css(void);

#endif
