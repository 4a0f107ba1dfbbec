/* routes_page.c - the page to look at home pages with. */
#include "http/call.h"
#include "http/page_assets.h"

static int send(struct call *c, struct str text)
{
    buf_add_str(&c->ret->body, text);
    return 0;
}

int route_page(struct call *c, struct mq_error *err)
{
    (void)err;
    return send(c, asset_page_html());
}

int route_page_script(struct call *c, struct mq_error *err)
{
    (void)err;
    return send(c, asset_page_js());
}

int route_page_style(struct call *c, struct mq_error *err)
{
    (void)err;
    return send(c, asset_page_css());
}
