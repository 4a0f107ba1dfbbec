#include "playback/viewing_write.h"

#include <math.h>
#include <stdio.h>

/* A key and [[from, to], ...]. */
static void viewing_write_spans(struct json *j, const char *key, const struct span *v, uint32_t n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (uint32_t i = 0; i < n; i++) {
        json_array(j);
        json_i64(j, v[i].from);
        json_i64(j, v[i].to);
        json_array_end(j);
    }
    json_array_end(j);
}

static void write_completion(struct json *j, double completion)
{
    char text[32];
    json_key(j, STR("completion"));
    if (isnan(completion)) {
        json_null(j);
        return;
    }
    int n = snprintf(text, sizeof(text), "%.6f", completion);
    while (text[n - 1] == '0' && text[n - 2] != '.')
        n--;
    json_raw(j, (struct str){text, (size_t)n});
}

void viewing_write(struct json *j, const struct viewing *v)
{
    viewing_write_spans(j, "runs", v->runs, v->n_runs);
    viewing_write_spans(j, "watched", v->watched.v, v->watched.n);
    json_kv_i64(j, "played_ms", v->played_ms);
    json_kv_i64(j, "content_ms", viewing_content_ms(v));
    json_kv_i64(j, "rewatched_ms", viewing_rewatched_ms(v));
    json_kv_u64(j, "rewinds", v->rewinds);
    json_kv_i64(j, "rewound_ms", v->rewound_ms);
    json_kv_u64(j, "skips", v->skips);
    json_kv_i64(j, "skipped_ms", v->skipped_ms);
    json_kv_u64(j, "pauses", v->pauses);
    json_kv_i64(j, "paused_ms", v->paused_ms);
    json_kv_i64(j, "buffering_ms", v->buffering_ms);
    json_kv_i64(j, "start_position_ms", v->start_position_ms);
    json_kv_i64(j, "last_position_ms", viewing_last_position_ms(v));
    write_completion(j, viewing_completion(v));
    json_kv_z(j, "ended", viewing_end_name(viewing_ended(v)));
}

void viewings_write(struct json *j, const struct viewings *x)
{
    viewing_write_spans(j, "watched", x->watched.v, x->watched.n);
    json_kv_i64(j, "played_ms", x->played_ms);
    json_kv_i64(j, "content_ms", x->content_ms);
    json_kv_i64(j, "rewatched_ms", x->rewatched_ms);
    write_completion(j, x->completion);
}
