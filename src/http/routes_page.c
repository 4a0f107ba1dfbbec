/* routes_page.c - the dashboard: its page, and the files that the page names by their content's hash. */
#include "http/call.h"
#include "http/http_message.h"
#include "http/page_assets.h"

/* Does Accept-Encoding name this coding, and not with a weight of 0? */
static bool accepts(struct str headers, struct str coding)
{
    struct str name;
    struct str value;
    while (http_header_next(&headers, &name, &value)) {
        if (!str_eq_nocase(name, STR("accept-encoding")))
            continue;
        while (value.p) {
            struct str weight = str_cut(&value, ',');
            struct str word = str_trim(str_cut(&weight, ';'));
            struct str w = weight.p ? str_trim(weight) : STR_NONE;
            if (str_eq_nocase(word, coding))
                return !str_eq(w, STR("q=0")) && !str_starts(w, STR("q=0.0"));
        }
    }
    return false;
}

static int send(struct call *c, const struct asset *a)
{
    struct str body = a->plain;
    if (a->brotli.n > 0 && accepts(c->q->headers, STR("br"))) {
        body = a->brotli;
        c->ret->content_encoding = "br";
    } else if (a->gzip.n > 0 && accepts(c->q->headers, STR("gzip"))) {
        body = a->gzip;
        c->ret->content_encoding = "gzip";
    }
    c->ret->content_type = a->type;
    buf_add_str(&c->ret->body, body);
    return 0;
}

int route_page(struct call *c, struct mq_error *err)
{
    (void)err;
    return send(c, asset_at(0));
}

int route_asset(struct call *c, struct mq_error *err)
{
    const struct asset *a;
    for (size_t i = 1; (a = asset_at(i)) != NULL; i++) {
        if (str_eq(a->name, str_of(c->value[0]))) {
            c->ret->cache_control = "public, max-age=31536000, immutable";
            return send(c, a);
        }
    }
    return mq_fail(err, MQ_NOT_FOUND, "asset: %.80s: is of another version: load the page again",
                   c->value[0]);
}
