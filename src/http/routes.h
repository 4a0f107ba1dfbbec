/* routes.h - the one table of routes: it drives dispatch, access, 405, /openapi.json, the labels of metrics
 * and the table in docs/http.md. Inside http/ only. */
#ifndef MQ_HTTP_ROUTES_H
#define MQ_HTTP_ROUTES_H

#include "base/json_writer.h"
#include "http/api.h"

struct call;

enum {
    ROUTE_SEGMENTS = 8, /* of a path */
    ROUTE_VARIABLES = 3,
    ROUTE_NAME_MAX = 4096, /* bytes of one decoded segment; ids have their own limit */
};

enum {
    /* A key bound to one viewer may use it although no {viewer} stands in its path. */
    ROUTE_SHARED = 1,
    /* Its answer takes longer with as_of or model: then it is API_SLOW. */
    ROUTE_PAST = 2,
    /* Its answer, a server-sent event, is made again each second until the client goes (stream.c). */
    ROUTE_STREAM = 4,
    /* A key bound to the viewer in its path may use it, whatever role others need. */
    ROUTE_OWN = 8,
    /* Said at once (API_SLOW) when what forecasts rest on is kept in memory and the query asks for no other. */
    ROUTE_FIT = 16,
};

/* Of routes of the lane API_EVENTS: the format of their bodies (event_formats.c), in the flags' upper bits. */
enum event_format_name {
    FORMAT_NATIVE,
    FORMAT_SEGMENT,
    FORMAT_CLOUDEVENTS,
    FORMAT_JELLYFIN,
    FORMAT_PLEX,
    FORMAT_PERSONALIZE,
    FORMAT_GORSE,
    FORMAT_GORSE_USERS,
    EVENT_FORMATS
};
#define ROUTE_FORMAT(name) ((unsigned)(name) << 8)
#define ROUTE_FORMAT_OF(flags) ((flags) >> 8)

enum parameter_type { PARAMETER_TEXT, PARAMETER_NUMBER, PARAMETER_TIME, PARAMETER_FLAG };

struct parameter {
    const char *name;
    enum parameter_type type;
    const char *about;
};

struct route {
    enum api_method method;
    const char *
        pattern; /* "/v1/viewers/{viewer}/home"; a variable may have text behind it: "{version}:publish" */
    const char *id; /* operationId, label of metrics */
    enum api_role role;
    enum api_lane lane;
    unsigned flags;
    int (*run)(struct call *c, struct mq_error *err);
    const char *summary;
    const struct parameter *parameters; /* until one without a name; NULL: none */
    const char *body;                   /* what the body is, NULL: there is none */
    const char *answer;                 /* what the answer is */
    const char *content_type;           /* of the answer; NULL: application/json */
};

size_t route_count(void);
const struct route *route_at(size_t number);
/* Of a row of the table: its place in it. */
size_t route_number(const struct route *r);
/* The table's second half (service_routes.c), for route_at alone; (*ret_n), for ever. */
const struct route *service_routes(size_t *ret_n);

/* A path taken apart and decoded. */
struct route_path {
    struct {
        char *p; /* n bytes and a NUL */
        size_t n;
    } segment[ROUTE_SEGMENTS];
    size_t n;
};

/* Into `arena`. MQ_INVALID: no path, a percent sign without two digits, no UTF-8, control characters (NUL
 * among them); MQ_NOT_FOUND: too many segments; MQ_TOO_LARGE. */
int route_path_read(struct str path, struct arena *arena, struct route_path *ret,
                    struct mq_error *err);

/* MQ_NOT_FOUND, or MQ_METHOD with *ret_allow set. */
int route_find(enum api_method method, const struct route_path *p, const struct route **ret,
               const char *values[ROUTE_VARIABLES], const char **ret_allow, struct mq_error *err);

/* "GET, PUT" for the bits 1 << method; static text. */
const char *route_allow_text(unsigned methods);

const char *api_method_name(enum api_method m);
const char *api_role_name(enum api_role r);
/* False for what is no role that a key may have. */
bool api_role_from(struct str word, enum api_role *ret);

/* The OpenAPI 3.1 document of the table. */
void openapi_write(struct json *j);

/* Handlers, by concern (routes_<concern>.c). */
int route_events(struct call *c, struct mq_error *err);
int route_identities(struct call *c, struct mq_error *err);
int route_merge(struct call *c, struct mq_error *err);
int route_unmerge(struct call *c, struct mq_error *err);
int route_title_put(struct call *c, struct mq_error *err);
int route_title_get(struct call *c, struct mq_error *err);
int route_title_delete(struct call *c, struct mq_error *err);
int route_titles_batch(struct call *c, struct mq_error *err);
int route_titles(struct call *c, struct mq_error *err);
int route_titles_facts(struct call *c, struct mq_error *err);
int route_titles_images(struct call *c, struct mq_error *err);
int route_title_choices(struct call *c, struct mq_error *err);
int route_people(struct call *c, struct mq_error *err);
int route_genres(struct call *c, struct mq_error *err);
int route_live(struct call *c, struct mq_error *err);
int route_refused(struct call *c, struct mq_error *err);
int route_audit(struct call *c, struct mq_error *err);
int route_similar(struct call *c, struct mq_error *err);
int route_viewers(struct call *c, struct mq_error *err);
int route_viewer(struct call *c, struct mq_error *err);
int route_erase(struct call *c, struct mq_error *err);
int route_viewings(struct call *c, struct mq_error *err);
int route_settings_get(struct call *c, struct mq_error *err);
int route_settings_put(struct call *c, struct mq_error *err);
int route_history_remove(struct call *c, struct mq_error *err);
int route_export(struct call *c, struct mq_error *err);
int route_home(struct call *c, struct mq_error *err);
int route_recommendations(struct call *c, struct mq_error *err);
int route_rank(struct call *c, struct mq_error *err);
int route_explain(struct call *c, struct mq_error *err);
int route_audience(struct call *c, struct mq_error *err);
int route_title_audience(struct call *c, struct mq_error *err);
int route_communities(struct call *c, struct mq_error *err);
int route_pairs(struct call *c, struct mq_error *err);
int route_retention(struct call *c, struct mq_error *err);
int route_overlap(struct call *c, struct mq_error *err);
int route_forecast(struct call *c, struct mq_error *err);
int route_fit(struct call *c, struct mq_error *err);
int route_opportunities(struct call *c, struct mq_error *err);
int route_pitch(struct call *c, struct mq_error *err);
int route_slate(struct call *c, struct mq_error *err);
int route_ledger(struct call *c, struct mq_error *err);
int route_now(struct call *c, struct mq_error *err);
int route_stats(struct call *c, struct mq_error *err);
int route_train(struct call *c, struct mq_error *err);
int route_tune(struct call *c, struct mq_error *err);
int route_models(struct call *c, struct mq_error *err);
int route_publish(struct call *c, struct mq_error *err);
int route_canary(struct call *c, struct mq_error *err);
int route_canary_start(struct call *c, struct mq_error *err);
int route_canary_check(struct call *c, struct mq_error *err);
int route_canary_stop(struct call *c, struct mq_error *err);
int route_experiment_create(struct call *c, struct mq_error *err);
int route_experiment_list(struct call *c, struct mq_error *err);
int route_experiment_read(struct call *c, struct mq_error *err);
int route_places(struct call *c, struct mq_error *err);
int route_experiment_start(struct call *c, struct mq_error *err);
int route_experiment_stop(struct call *c, struct mq_error *err);
int route_campaign_plan(struct call *c, struct mq_error *err);
int route_campaign_launch(struct call *c, struct mq_error *err);
int route_campaign_list(struct call *c, struct mq_error *err);
int route_campaign_read(struct call *c, struct mq_error *err);
int route_campaign_stop(struct call *c, struct mq_error *err);
int route_rollback(struct call *c, struct mq_error *err);
int route_model_features(struct call *c, struct mq_error *err);
int route_check_ratings(struct call *c, struct mq_error *err);
int route_signals(struct call *c, struct mq_error *err);
int route_import(struct call *c, struct mq_error *err);
int route_backup(struct call *c, struct mq_error *err);
int route_check(struct call *c, struct mq_error *err);
int route_key_create(struct call *c, struct mq_error *err);
int route_keys(struct call *c, struct mq_error *err);
int route_key_revoke(struct call *c, struct mq_error *err);
int route_personalize_recommendations(struct call *c, struct mq_error *err);
int route_personalize_ranking(struct call *c, struct mq_error *err);
int route_gorse_user(struct call *c, struct mq_error *err);
int route_gorse_users(struct call *c, struct mq_error *err);
int route_gorse_user_delete(struct call *c, struct mq_error *err);
int route_gorse_items_put(struct call *c, struct mq_error *err);
int route_gorse_item_patch(struct call *c, struct mq_error *err);
int route_gorse_user_patch(struct call *c, struct mq_error *err);
int route_gorse_item(struct call *c, struct mq_error *err);
int route_gorse_item_delete(struct call *c, struct mq_error *err);
int route_gorse_items(struct call *c, struct mq_error *err);
int route_gorse_user_feedback(struct call *c, struct mq_error *err);
int route_gorse_feedback(struct call *c, struct mq_error *err);
int route_gorse_pair_feedback(struct call *c, struct mq_error *err);
int route_gorse_all_feedback(struct call *c, struct mq_error *err);
int route_gorse_feedback_delete(struct call *c, struct mq_error *err);
int route_gorse_recommend(struct call *c, struct mq_error *err);
int route_gorse_neighbors(struct call *c, struct mq_error *err);
int route_gorse_item_to_item(struct call *c, struct mq_error *err);
int route_gorse_latest(struct call *c, struct mq_error *err);
int route_gorse_popular(struct call *c, struct mq_error *err);
int route_gorse_session(struct call *c, struct mq_error *err);
int route_gorse_health(struct call *c, struct mq_error *err);
int route_doctor(struct call *c, struct mq_error *err);
int route_healthz(struct call *c, struct mq_error *err);
int route_readyz(struct call *c, struct mq_error *err);
int route_metrics(struct call *c, struct mq_error *err);
int route_openapi(struct call *c, struct mq_error *err);
int route_page(struct call *c, struct mq_error *err);
int route_asset(struct call *c, struct mq_error *err);

#endif
