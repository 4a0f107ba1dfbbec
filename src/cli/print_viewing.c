#include "cli/print_viewing.h"

void print_spans(struct json *j, const char *key, const struct span *v, size_t n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_array(j);
        json_i64(j, v[i].from);
        json_i64(j, v[i].to);
        json_array_end(j);
    }
    json_array_end(j);
}

void print_viewing(struct json *j, const struct viewing *v)
{
    if (v->keep_runs)
        print_spans(j, "runs", v->runs, v->n_runs);
    print_spans(j, "watched", v->watched.v, v->watched.n);
    json_kv_i64(j, "played_ms", v->played_ms);
    json_kv_i64(j, "content_ms", viewing_content_ms(v));
    json_kv_i64(j, "rewatched_ms", viewing_rewatched_ms(v));
    json_kv_u64(j, "rewinds", v->rewinds);
    json_kv_u64(j, "skips", v->skips);
    json_kv_i64(j, "rewound_ms", v->rewound_ms);
    json_kv_i64(j, "skipped_ms", v->skipped_ms);
    json_kv_u64(j, "pauses", v->pauses);
    json_kv_i64(j, "paused_ms", v->paused_ms);
    json_kv_i64(j, "buffering_ms", v->buffering_ms);
    json_kv_i64(j, "start_position_ms", v->start_position_ms);
    json_kv_i64(j, "last_position_ms", viewing_last_position_ms(v));
    json_kv_double(j, "completion", viewing_completion(v), 9);
    json_kv_z(j, "ended", viewing_end_name(viewing_ended(v)));
}
