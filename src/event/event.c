#include "event/event.h"

#include <math.h>

#include "base/hash.h"
#include "event/attributes.h"

static const struct {
    const char *word;
    bool needs_title;
    bool playback;
} kinds[EVENT_KINDS] = {
#define EVENT_KIND_ROW(code, word, title, playback) [code] = {word, title, playback},
    EVENT_KIND_TABLE(EVENT_KIND_ROW)
#undef EVENT_KIND_ROW
};

void event_init(struct event *e)
{
    *e = (struct event){
        .kind = EVENT_CUSTOM,
        .autoplay = -1,
        .context = {.offset_min = OFFSET_NONE},
        .position_ms = EVENT_ABSENT,
        .from_ms = EVENT_ABSENT,
        .rate_milli = EVENT_NO_RATE,
        .value = NAN,
        .scale = 5,
        .results = -1,
        .viewer_id = {ID_NONE},
        .other_id = {ID_NONE},
        .title_id = {ID_NONE},
    };
}

const char *event_kind_name(enum event_kind k)
{
    return (unsigned)k < EVENT_KINDS ? kinds[k].word : "";
}

enum event_kind event_kind_from(struct str word)
{
    for (int k = 0; k < EVENT_KINDS; k++) {
        if (str_eq(word, str_of(kinds[k].word)))
            return (enum event_kind)k;
    }
    return EVENT_CUSTOM;
}

bool event_kind_is_playback(enum event_kind k)
{
    return (unsigned)k < EVENT_KINDS && kinds[k].playback;
}

/* One text field: present when it must be, short enough, UTF-8, without control characters. */
static int check_text(const char *field, struct str s, bool required, size_t max,
                      struct mq_error *err)
{
    if (s.n == 0)
        return required ? mq_fail(err, MQ_INVALID, "%s: missing: give one", field) : 0;
    if (s.n > max)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %.40s... (%zu bytes): at most %zu are allowed",
                       field, str_is_utf8((struct str){s.p, 40}) ? s.p : "?", s.n, max);
    if (!str_is_utf8(s))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: is not UTF-8", field, STR_ARG(s));
    if (str_has_control(s))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: holds control characters", field, STR_ARG(s));
    return 0;
}

static int check_texts(const struct event *e, struct mq_error *err)
{
    const struct {
        const char *field;
        struct str s;
        bool required;
        size_t max;
    } texts[] = {
        {"id", e->id, false, EVENT_ID_MAX},
        {"source", e->source, false, EVENT_ID_MAX},
        {"viewer", e->viewer, true, EVENT_ID_MAX},
        {"title", e->title, kinds[e->kind].needs_title, EVENT_ID_MAX},
        {"session", e->session, false, EVENT_ID_MAX},
        {"kind", e->custom, e->kind == EVENT_CUSTOM, EVENT_ID_MAX},
        {"recommendation_id", e->recommendation, false, EVENT_ID_MAX},
        {"app", e->app, false, EVENT_ID_MAX},
        {"region", e->context.region, false, EVENT_TEXT_MAX},
        {"mood", e->context.mood, false, EVENT_TEXT_MAX},
        {"other", e->other, e->kind == EVENT_UNMERGE, EVENT_ID_MAX},
        {"attributes", e->attributes, false, ATTRIBUTES_TEXT_MAX},
        {"query", e->query, false, EVENT_TEXT_MAX},
        {"chosen", e->chosen, false, EVENT_ID_MAX},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int rc = check_text(texts[i].field, texts[i].s, texts[i].required, texts[i].max, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int check_time(const struct event *e, int64_t now_ms, struct mq_error *err)
{
    char text[64];
    struct buf b;
    buf_over(&b, text, sizeof(text) - 1);
    if (e->at_ms >= EVENT_AT_MIN && e->at_ms <= now_ms + EVENT_FUTURE_MS)
        return 0;
    buf_printf(&b, "%lld ms", (long long)e->at_ms);
    text[b.n] = '\0';
    if (e->at_ms < EVENT_AT_MIN)
        return mq_fail(err, MQ_INVALID, "at: %s: lies before 1900", text);
    return mq_fail(err, MQ_INVALID,
                   "at: %s: lies more than ten minutes in the future: check the sender's clock and "
                   "whether it sends milliseconds",
                   text);
}

static int check_value(const struct event *e, struct mq_error *err)
{
    double v = (double)e->value;
    double scale = (double)e->scale;
    if (e->kind == EVENT_RATING) {
        if (!(scale >= 1 && scale <= 100))
            return mq_fail(err, MQ_INVALID, "scale: %g: must lie between 1 and 100", scale);
        if (!(v > 0 && v <= scale))
            return mq_fail(err, MQ_INVALID, "value: %g: a rating must lie above 0 and up to %g", v,
                           scale);
    }
    if (e->kind == EVENT_THUMB && e->value != -1.0f && e->value != 1.0f && e->value != 2.0f)
        return mq_fail(err, MQ_INVALID, "value: %g: a thumb is -1, 1 or 2", v);
    return 0;
}

static int check_items(const struct event *e, struct mq_error *err)
{
    if (e->n_items > EVENT_ITEMS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "items: %u: at most %d are allowed", e->n_items,
                       EVENT_ITEMS_MAX);
    for (uint32_t i = 0; i < e->n_items; i++) {
        const struct event_item *item = &e->items[i];
        int rc = check_text("items.title", item->title, true, EVENT_ID_MAX, err);
        if (rc)
            return rc;
        if (!isnan(item->propensity) && !(item->propensity > 0 && item->propensity <= 1))
            return mq_fail(err, MQ_INVALID, "items.propensity: %g: must lie above 0 and up to 1",
                           (double)item->propensity);
    }
    return 0;
}

int event_check(const struct event *e, int64_t now_ms, struct mq_error *err)
{
    if ((unsigned)e->kind >= EVENT_KINDS)
        return mq_fail(err, MQ_BUG, "kind: %d: is none", (int)e->kind);
    int rc = check_texts(e, err);
    if (rc == 0)
        rc = check_time(e, now_ms, err);
    if (rc == 0)
        rc = check_value(e, err);
    if (rc == 0)
        rc = check_items(e, err);
    struct attributes attributes;
    if (rc == 0 && !attributes_read(e->attributes, &attributes))
        rc = mq_fail(err, MQ_INVALID, "attributes: %.*s: are none", STR_ARG(e->attributes));
    return rc;
}

struct hash128 event_identity(const struct event *e)
{
    /* Worst case: twelve texts of at most 1,024 bytes, and numbers. Longer content (an impression's items)
     * is hashed in by its own hash. */
    char storage[16384];
    struct buf b;
    buf_over(&b, storage, sizeof(storage));
    buf_add_lenstr(&b, e->source);
    buf_add_lenstr(&b, e->id);
    if (e->id.n > 0)
        return hash128(b.p, b.n);
    buf_add_lenstr(&b, e->viewer);
    buf_add_u8(&b, (uint8_t)e->kind);
    buf_add_lenstr(&b, e->custom);
    buf_add_lenstr(&b, e->title);
    buf_add_lenstr(&b, e->session);
    buf_add_svarint(&b, e->at_ms);
    buf_add_svarint(&b, e->position_ms);
    buf_add_svarint(&b, e->from_ms);
    buf_add_svarint(&b, e->rate_milli);
    buf_add_f32(&b, isnan(e->value) ? 0 : e->value);
    buf_add_f32(&b, e->scale);
    buf_add_lenstr(&b, e->query);
    buf_add_lenstr(&b, e->recommendation);
    if (e->kind == EVENT_IDENTIFY || e->kind == EVENT_UNMERGE) {
        buf_add_lenstr(&b, e->other);
        buf_add_lenstr(&b, e->attributes);
    }
    for (uint32_t i = 0; i < e->n_items; i++) {
        uint64_t h =
            hash_str(e->items[i].title, ((uint64_t)e->items[i].row << 16) | e->items[i].column);
        buf_add_u64le(&b, h);
    }
    return hash128(b.p, b.n);
}

uint8_t event_consent(const struct event *e, uint8_t now)
{
    struct str rest = e->query;
    while (event_order_of(e) == ORDER_SETTINGS && rest.p) {
        struct str word = str_cut(&rest, ' ');
        if (str_eq(word, STR("profiling=off")))
            now |= CONSENT_UNPROFILED;
        else if (str_eq(word, STR("profiling=on")))
            now &= (uint8_t)~CONSENT_UNPROFILED;
        else if (str_eq(word, STR("child=on")))
            now |= CONSENT_CHILD;
        else if (str_eq(word, STR("child=off")))
            now &= (uint8_t)~CONSENT_CHILD;
    }
    return now;
}
