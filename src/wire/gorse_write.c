#include "wire/gorse_write.h"

static struct str type_of(const struct event *e)
{
    if (e->custom.n > 0)
        return e->custom;
    if (e->kind == EVENT_THUMB)
        return e->value < 0 ? STR("dislike") : e->value > 1 ? STR("love") : STR("like");
    return str_of(event_kind_name(e->kind));
}

void gorse_write_feedback(struct json *j, const struct event *e, struct str type)
{
    json_object(j);
    json_kv_str(j, "FeedbackType", type.n > 0 ? type : type_of(e));
    json_kv_str(j, "UserId", e->viewer);
    json_kv_str(j, "ItemId", e->title);
    double value = 0;
    if (e->kind == EVENT_RATING)
        value = (double)e->value;
    else if (event_kind_is_playback(e->kind) && e->position_ms != EVENT_ABSENT)
        value = (double)e->position_ms / 1000;
    json_kv_double(j, "Value", value, 9);
    json_kv_time(j, "Timestamp", e->at_ms);
    json_kv_z(j, "Comment", "");
    json_object_end(j);
}

static void write_texts(struct json *j, const char *key, const struct str *v, size_t n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_str(j, v[i]);
    json_array_end(j);
}

void gorse_write_item(struct json *j, struct str id, const struct title *t)
{
    json_object(j);
    json_kv_str(j, "ItemId", id);
    json_kv_bool(j, "IsHidden", false);
    write_texts(j, "Categories", t->genres, t->n_genres);
    json_kv_time(j, "Timestamp", t->added_ms);
    write_texts(j, "Labels", t->tags, t->n_tags);
    json_kv_str(j, "Comment", t->name);
    json_object_end(j);
}

void gorse_write_cursor(struct json *j, uint64_t passed)
{
    char text[24];
    struct buf b;
    buf_over(&b, text, sizeof(text));
    if (passed > 0)
        buf_add_u64(&b, passed);
    json_kv_str(j, "Cursor", buf_str(&b));
}
