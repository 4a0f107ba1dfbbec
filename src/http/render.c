#include "http/render.h"

#include <stdio.h>

#include <math.h>

static const char *const reason_kinds[MQ_REASON_KINDS] = {
    [MQ_REASON_TASTE] = "taste",       [MQ_REASON_SIMILAR] = "similar",
    [MQ_REASON_PERSON] = "person",     [MQ_REASON_GENRE] = "genre",
    [MQ_REASON_POPULAR] = "popular",   [MQ_REASON_NEW] = "new",
    [MQ_REASON_CONTINUE] = "continue", [MQ_REASON_PINNED] = "pinned",
    [MQ_REASON_MOOD] = "mood",         [MQ_REASON_RISING] = "rising",
    [MQ_REASON_CAMPAIGN] = "campaign",
};

static void kv_version(struct json *j, const char *key, uint64_t version)
{
    if (version == 0)
        json_kv_null(j, key);
    else
        json_kv_u64(j, key, version);
}

/* NaN is "not known". */
static void kv_number(struct json *j, const char *key, double v, int digits)
{
    if (isnan(v))
        json_kv_null(j, key);
    else
        json_kv_double(j, key, v, digits);
}

static void kv_text(struct json *j, const char *key, const char *text)
{
    if (text && text[0])
        json_kv_z(j, key, text);
    else
        json_kv_null(j, key);
}

/* Keys of items are written ready: there are hundreds of them on a page. */
static void text_or_null(struct json *j, const char *z)
{
    if (z)
        json_str(j, str_of(z));
    else
        json_null(j);
}

#define KEYED_TEXT(j, key, text) (JSON_KEY(j, key), text_or_null(j, text))
#define KEYED_DOUBLE(j, key, v, digits) (JSON_KEY(j, key), json_double(j, v, digits))

static void evidence(struct json *j, const struct mq_evidence *e, size_t n)
{
    JSON_KEY(j, "evidence");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        KEYED_TEXT(j, "title", e[i].title);
        KEYED_TEXT(j, "name", e[i].name);
        if (!isnan(e[i].share))
            KEYED_DOUBLE(j, "share", e[i].share, 3);
        json_object_end(j);
    }
    json_array_end(j);
}

static void item(struct json *j, const struct mq_item *i)
{
    json_object(j);
    KEYED_TEXT(j, "title", i->title);
    KEYED_TEXT(j, "name", i->name);
    if (i->year) {
        JSON_KEY(j, "year");
        json_i64(j, i->year);
    }
    KEYED_DOUBLE(j, "score", i->score, 5);
    if (!isnan(i->propensity))
        KEYED_DOUBLE(j, "propensity", i->propensity, 6);
    if (i->picture) {
        KEYED_TEXT(j, "picture", i->picture);
        if (!isnan(i->picture_propensity))
            KEYED_DOUBLE(j, "picture_propensity", i->picture_propensity, 6);
    }
    if (i->reason.kind == MQ_REASON_CONTINUE) {
        JSON_KEY(j, "position_ms");
        json_i64(j, i->position_ms);
    }
    JSON_KEY(j, "reason");
    json_object(j);
    KEYED_TEXT(j, "kind", reason_kinds[i->reason.kind]);
    KEYED_TEXT(j, "text", i->reason.text);
    evidence(j, i->reason.evidence, i->reason.n_evidence);
    json_object_end(j);
    json_object_end(j);
}

static void items(struct json *j, const struct mq_item *list, size_t n)
{
    json_key(j, STR("items"));
    json_array(j);
    for (size_t i = 0; i < n; i++)
        item(j, &list[i]);
    json_array_end(j);
}

static void context(struct json *j, const struct mq_context *c)
{
    json_key(j, STR("context"));
    json_object(j);
    kv_text(j, "daypart", c->daypart);
    if (c->has_local_time)
        json_kv_z(j, "day_type", c->weekend ? "weekend" : "weekday");
    else
        json_kv_null(j, "day_type");
    kv_text(j, "device", c->device);
    kv_text(j, "country", c->country);
    kv_text(j, "region", c->region);
    json_object_end(j);
}

static void filters(struct json *j, const struct mq_filters *f)
{
    if (!f)
        return;
    json_key(j, STR("filters"));
    json_object(j);
    json_kv_u64(j, "titles", f->titles);
    json_kv_u64(j, "left", f->left);
    json_key(j, STR("steps"));
    json_array(j);
    for (size_t i = 0; i < f->n_steps; i++) {
        json_object(j);
        json_kv_z(j, "name", f->steps[i].name);
        json_kv_u64(j, "removed", f->steps[i].removed);
        json_kv_u64(j, "passing", f->steps[i].passing);
        json_object_end(j);
    }
    json_array_end(j);
    kv_text(j, "note", f->note);
    json_object_end(j);
}

static void mood(struct json *j, const struct mq_page *p)
{
    if (!p->mood.name) {
        json_kv_null(j, "mood");
        return;
    }
    json_key(j, STR("mood"));
    json_object(j);
    json_kv_z(j, "name", p->mood.name);
    json_kv_double(j, "probability", p->mood.probability, 4);
    json_kv_z(j, "source", p->mood_source);
    json_key(j, STR("choices"));
    json_array(j);
    for (size_t i = 0; i < p->n_moods; i++) {
        json_object(j);
        json_kv_z(j, "name", p->moods[i].name);
        json_kv_double(j, "probability", p->moods[i].probability, 4);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

void render_page(struct json *j, const struct mq_page *p)
{
    json_object(j);
    json_kv_z(j, "viewer", p->viewer);
    json_kv_bool(j, "known", p->known);
    json_kv_time_or_null(j, "at", p->at_ms);
    context(j, &p->context);
    mood(j, p);
    kv_version(j, "model", p->model);
    json_kv_u64(j, "log_position", p->log_seq);
    json_key(j, STR("rows"));
    json_array(j);
    for (size_t i = 0; i < p->n_rows; i++) {
        const struct mq_row *r = &p->rows[i];
        json_object(j);
        json_kv_z(j, "kind", r->kind);
        json_kv_z(j, "name", r->name);
        json_kv_z(j, "reason", r->reason);
        if (r->propensity > 0)
            json_kv_double(j, "propensity", r->propensity, 6);
        items(j, r->items, r->n_items);
        json_object_end(j);
    }
    json_array_end(j);
    filters(j, p->filters);
    json_kv_z(j, "recommendation_id", p->recommendation_id);
    json_object_end(j);
}

void render_list(struct json *j, const struct mq_list *l)
{
    json_object(j);
    kv_text(j, "viewer", l->viewer);
    json_kv_time_or_null(j, "at", l->at_ms);
    kv_version(j, "model", l->model);
    json_kv_u64(j, "log_position", l->log_seq);
    json_kv_z(j, "recommendation_id", l->recommendation_id);
    items(j, l->items, l->n_items);
    filters(j, l->filters);
    json_object_end(j);
}

static void rating(struct json *j, const struct mq_rating *r)
{
    if (isnan(r->expected)) {
        json_kv_null(j, "rating");
        return;
    }
    json_key(j, STR("rating"));
    json_object(j);
    json_kv_double(j, "expected", r->expected, 3);
    json_kv_double(j, "low", r->low, 3);
    json_kv_double(j, "high", r->high, 3);
    json_object_end(j);
}

void render_explanation(struct json *j, const struct mq_explanation *e)
{
    json_object(j);
    json_kv_z(j, "viewer", e->viewer);
    json_kv_z(j, "title", e->title);
    json_kv_z(j, "name", e->name);
    kv_version(j, "model", e->model);
    kv_number(j, "score", e->score, 6);
    json_kv_u64(j, "place", e->place);
    json_kv_u64(j, "of", e->of);
    json_kv_bool(j, "watched", e->watched);
    json_kv_bool(j, "hidden", e->hidden);
    rating(j, &e->rating);
    json_kv_z(j, "text", e->text);
    kv_text(j, "campaign", e->campaign);
    evidence(j, e->evidence, e->n_evidence);
    json_object_end(j);
}

void render_stats(struct json *j, const struct mq_stats *s)
{
    json_object(j);
    json_kv_u64(j, "events", s->events);
    json_kv_u64(j, "duplicates", s->duplicates);
    json_kv_u64(j, "viewers", s->viewers);
    json_kv_u64(j, "titles", s->titles);
    json_kv_u64(j, "described_titles", s->described_titles);
    json_kv_u64(j, "people", s->people);
    json_kv_u64(j, "credits", s->credits);
    json_kv_u64(j, "ratings", s->ratings);
    json_kv_u64(j, "log_position", s->last_seq);
    json_kv_time_or_null(j, "first", s->first_ms);
    json_kv_time_or_null(j, "last", s->last_ms);
    kv_version(j, "model", s->model);
    json_kv_u64(j, "profiles_in_memory", s->profiles);
    json_kv_u64(j, "profile_bytes", s->profile_bytes);
    json_kv_z(j, "engagement", s->engagement);
    json_kv_u64(j, "shown_written", s->shown_written);
    json_kv_u64(j, "shown_dropped", s->shown_dropped);
    json_kv_u64(j, "bytes_on_disk", s->bytes_on_disk);
    json_kv_u64(j, "schema", s->schema);
    json_object_end(j);
}

void render_check(struct json *j, const struct mq_check *c)
{
    json_object(j);
    json_kv_bool(j, "sound", c->faults == 0);
    json_kv_u64(j, "rows", c->rows);
    json_kv_u64(j, "events", c->events);
    json_kv_u64(j, "faults", c->faults);
    kv_text(j, "first_fault", c->first_fault);
    json_object_end(j);
}

static void examples(struct json *j, const char *key, const char list[MQ_EXAMPLES][256])
{
    json_key(j, str_of(key));
    json_array(j);
    for (int i = 0; i < MQ_EXAMPLES && list[i][0]; i++)
        json_str(j, str_of(list[i]));
    json_array_end(j);
}

void render_import(struct json *j, const struct mq_import_report *r)
{
    json_object(j);
    json_kv_u64(j, "read", r->read);
    json_kv_u64(j, "added", r->added);
    json_kv_u64(j, "duplicates", r->duplicates);
    json_kv_u64(j, "rejected", r->rejected);
    json_kv_u64(j, "unmatched", r->unmatched);
    json_kv_double(j, "seconds", r->seconds, 4);
    examples(j, "first_rejected", r->first_rejected);
    examples(j, "first_unmatched", r->first_unmatched);
    json_object_end(j);
}

/* What the trees' weights take for granted of the places that their choices stood in. */
static const char *places_known(const struct mq_model_info *m)
{
    bool columns = m->ranker_columns_swapped > 0, rows = m->ranker_rows_swapped > 0;
    return columns && rows ? "columns and rows weighted by how often they are looked at, from swaps"
           : columns ? "columns weighted by how often they are looked at, from swaps; rows assumed "
                       "to be looked at alike"
           : rows
               ? "rows weighted by how often they are looked at, from swaps; columns assumed to be "
                 "looked at alike"
               : "assumed to be looked at alike: too few swaps (serve --swaps)";
}

void render_model(struct json *j, const struct mq_model_info *m)
{
    json_object(j);
    json_kv_u64(j, "version", m->version);
    json_kv_bool(j, "live", m->live);
    json_kv_bool(j, "readable", m->readable);
    json_kv_time_or_null(j, "trained", m->trained_ms);
    json_kv_u64(j, "log_position", m->log_seq);
    json_kv_u64(j, "viewers", m->viewers);
    json_kv_u64(j, "titles", m->titles);
    json_kv_u64(j, "interactions", m->interactions);
    json_kv_u64(j, "rank", m->rank);
    json_kv_u64(j, "epochs", m->epochs);
    json_kv_double(j, "seconds", m->seconds, 4);
    json_kv_z(j, "published", m->published);
    if (m->kept_aside) {
        char why[160];
        double score = m->rank > 0 ? m->held_out_ndcg : m->popularity_ndcg;
        if (m->rival == 0 || score >= m->rival_ndcg * 0.98)
            snprintf(why, sizeof(why), "not published: before a canary, or while one ran");
        else
            snprintf(why, sizeof(why),
                     "worse than version %llu on the held-out split: %.4f against %.4f",
                     (unsigned long long)m->rival, score, m->rival_ndcg);
        json_kv_z(j, "kept_aside", why);
    }
    json_key(j, STR("held_out"));
    json_object(j);
    json_kv_u64(j, "viewers", m->held_out_viewers);
    kv_number(j, "ndcg@10", m->held_out_ndcg, 5);
    kv_number(j, "popularity_ndcg@10", m->popularity_ndcg, 5);
    kv_number(j, "gain_low", m->gain_low, 5);
    kv_number(j, "gain_high", m->gain_high, 5);
    json_key(j, STR("models"));
    json_object(j);
    for (size_t i = 0; i < m->n_models; i++)
        kv_number(j, m->model[i].name, m->model[i].ndcg, 5);
    json_object_end(j);
    json_object_end(j);
    if (m->order_questions > 0) {
        json_key(j, STR("order"));
        json_object(j);
        json_kv_u64(j, "questions", m->order_questions);
        kv_number(j, "ndcg@10", m->order_ndcg, 5);
        kv_number(j, "without_weights_ndcg@10", m->order_base_ndcg, 5);
        kv_number(j, "gain_low", m->order_low, 5);
        kv_number(j, "gain_high", m->order_high, 5);
        json_object_end(j);
    }
    if (m->ranker_questions > 0) {
        json_key(j, STR("ranker"));
        json_object(j);
        json_kv_bool(j, "serves", m->ranker_serves);
        json_kv_u64(j, "questions", m->ranker_questions);
        kv_number(j, "ndcg@10", m->ranker_ndcg, 5);
        kv_number(j, "blend_ndcg@10", m->ranker_base_ndcg, 5);
        kv_number(j, "gain_low", m->ranker_low, 5);
        kv_number(j, "gain_high", m->ranker_high, 5);
        kv_number(j, "logged", m->ranker_logged, 3);
        json_kv_double(j, "columns_swapped", m->ranker_columns_swapped, 12);
        json_kv_double(j, "rows_swapped", m->ranker_rows_swapped, 12);
        json_kv_z(j, "places", places_known(m));
        json_object_end(j);
    }
    if (m->note[0])
        json_kv_z(j, "note", m->note);
    json_object_end(j);
}

void render_tuning(struct json *j, const struct mq_tuning *t)
{
    json_object(j);
    json_kv_z(j, "best", t->best);
    json_key(j, STR("validation_ndcg@10"));
    json_object(j);
    for (size_t i = 0; i < t->n_models; i++)
        kv_number(j, t->model[i].name, t->model[i].ndcg, 5);
    json_object_end(j);
    json_kv_u64(j, "questions", t->questions);
    json_kv_u64(j, "tried", t->tried);
    json_kv_bool(j, "complete", t->complete);
    json_kv_double(j, "seconds", t->seconds, 4);
    json_key(j, STR("settings"));
    json_object(j);
    json_kv_u64(j, "rank", t->rank);
    json_kv_u64(j, "epochs", t->epochs);
    json_kv_double(j, "regularisation", t->regularisation, 6);
    json_kv_double(j, "unobserved", t->unobserved, 6);
    json_kv_double(j, "ease_lambda", t->ease_lambda, 6);
    json_kv_u64(j, "neighbours", t->neighbours);
    json_kv_double(j, "shrink", t->shrink, 6);
    json_object_end(j);
    json_object_end(j);
}

void render_receipt(struct json *j, const char *viewer, const struct mq_receipt *r)
{
    json_object(j);
    json_kv_z(j, "viewer", viewer);
    json_kv_time_or_null(j, "at", r->at_ms);
    json_key(j, STR("erased"));
    json_object(j);
    json_kv_u64(j, "events", r->events);
    json_kv_u64(j, "identities", r->seen);
    json_kv_u64(j, "values", r->values);
    json_kv_u64(j, "shown", r->shown);
    json_object_end(j);
    json_key(j, STR("scanned"));
    json_object(j);
    json_kv_u64(j, "rows", r->rows_scanned);
    json_kv_u64(j, "rows_left", r->rows_left);
    json_kv_u64(j, "files", r->files_scanned);
    json_kv_u64(j, "bytes", r->bytes_scanned);
    json_kv_u64(j, "files_with_the_id", r->files_with_name);
    json_object_end(j);
    json_kv_bool(j, "complete", r->rows_left == 0 && r->files_with_name == 0);
    json_object_end(j);
}

void render_problem(struct json *j, const struct mq_error *err, const char *instance)
{
    struct str text = str_of(err->text);
    size_t cut = text.n;
    for (size_t i = text.n; i-- > 1;) {
        if (text.p[i - 1] == ':' && text.p[i] == ' ') {
            cut = i;
            break;
        }
    }
    json_object(j);
    json_kv_z(j, "type", "about:blank");
    json_kv_z(j, "title", mq_status_name(err->status));
    json_kv_i64(j, "status", mq_status_http(err->status));
    json_kv_str(j, "detail", text);
    if (cut < text.n)
        json_kv_str(j, "remedy", (struct str){text.p + cut + 1, text.n - cut - 1});
    else
        json_kv_z(j, "remedy", mq_status_doc(err->status));
    if (instance)
        json_kv_z(j, "instance", instance);
    json_object_end(j);
}
