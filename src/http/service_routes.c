/* service_routes.c - the second half of the table: models, experiments, campaigns, keys, probes, the dashboard. */
#include "http/campaign_words.h"
#include "http/routes.h"

static const struct parameter refused_parameters[] = {
    {"bytes", PARAMETER_NUMBER, "the last so many, default 262144, at most 4 MiB"},
    {0},
};
static const struct parameter audit_parameters[] = {
    {"limit", PARAMETER_NUMBER, "how many, default 100, at most 10000"},
    {0},
};
static const struct parameter campaign_parameters[] = {
    {"name", PARAMETER_TEXT, "its name, in place of the body's"},
    {0},
};

static const struct parameter as_of_parameters[] = {
    {"as_of", PARAMETER_TIME, "from what was known then"},
    {0},
};

#define CANARY_ANSWER "{version, control, share, state, why, answers, failures, arms (of a check)}"
static const struct route routes[] = {
    {API_GET, "/v1/now", "now", API_READ, API_NOW, ROUTE_SHARED, route_now,
     "The moment that answers are for", NULL, NULL, "{now, archive, image_hosts}", NULL},
    {API_GET, "/v1/stats", "stats", API_ANALYST, API_SLOW, 0, route_stats, "What the folder holds",
     NULL, NULL, "{events, viewers, titles, ...}", NULL},
    {API_POST, "/v1/tune", "tune", API_ADMIN, API_LONG, 0, route_tune,
     "Search settings for the trainings to come", NULL, "{seed, seconds}: both optional",
     "{best, validation_ndcg@10, questions, tried, complete, seconds, settings}", NULL},
    {API_GET, "/v1/live", "live", API_ANALYST, API_NOW, ROUTE_STREAM, route_live,
     "The state now, and each second from then on", NULL, NULL,
     "server-sent events {at, log_position, newest, waiting, model, training, profiles, events: "
     "{accepted, duplicates, rejected}, connections, requests, failures, latency}",
     "text/event-stream"},
    {API_GET, "/v1/refused", "refused", API_ANALYST, API_SLOW, 0, route_refused,
     "Events that were refused, and why", refused_parameters, NULL,
     "{at, source, reason, raw} a line, the newest last", "application/x-ndjson"},
    {API_GET, "/v1/audit", "audit", API_ADMIN, API_SLOW, 0, route_audit,
     "Who asked about groups of viewers", audit_parameters, NULL,
     "{entries: [text], of}, newest first", NULL},
    {API_GET, "/v1/doctor", "doctor", API_ANALYST, API_SLOW, 0, route_doctor,
     "Are the sources of events well?", NULL, NULL,
     "{now, alarms: [{source, app, alarm, kind, since, detail}], sources: [{source, app, events, "
     "first, last, per_minute, mix}], well}",
     NULL},
    {API_POST, "/v1/train", "train", API_ADMIN, API_LONG, 0, route_train,
     "Train on the log and publish", NULL,
     "{seed, rank, epochs, regularisation, unobserved, only, popularity_only, no_ranker, canary}, "
     "all optional",
     "the model that is live now", NULL},
    {API_GET, "/v1/models", "models", API_ANALYST, API_SLOW, 0, route_models,
     "The model versions there are", NULL, NULL, "{models: [...]}, newest first", NULL},
    {API_GET, "/v1/models/features", "model_features", API_ANALYST, API_SLOW, 0,
     route_model_features, "What the live model's second stage asks, and how much it moves", NULL,
     NULL, "{version, trees, features: [{name, score, splits, share}]}", NULL},
    {API_POST, "/v1/models:check-ratings", "check_ratings", API_ANALYST, API_LONG, 0,
     route_check_ratings, "Predict a tenth of the ratings from the rest: are they what came?", NULL,
     "{seed}, optional",
     "{ratings, asked, viewers, rmse, title_mean_rmse, inside, bins: [{predicted, actual, low, "
     "high, ratings}]}",
     NULL},
    {API_GET, "/v1/signals", "signals", API_ANALYST, API_SLOW, 0, route_signals,
     "What each thing that viewers do says of a later rating", NULL, NULL,
     "{judged_by, signals: [{name, weight, low, high, viewings}], pairs_right}", NULL},
    {API_POST, "/v1/models/{version}:publish", "publish", API_ADMIN, API_LONG, 0, route_publish,
     "Make a version live", NULL, NULL, "{version}", NULL},
    {API_POST, "/v1/models:rollback", "rollback", API_ADMIN, API_LONG, 0, route_rollback,
     "Make the previous version live", NULL, NULL, "{version}", NULL},
    {API_GET, "/v1/canary", "canary", API_ANALYST, API_SLOW, 0, route_canary,
     "The canary that runs, or the last one", NULL, NULL, CANARY_ANSWER, NULL},
    {API_POST, "/v1/canary", "canary_start", API_ADMIN, API_LONG, 0, route_canary_start,
     "A version before a share of the viewers first", NULL,
     "{version, share (0.05), days (7), margin (0.02)}", CANARY_ANSWER, NULL},
    {API_POST, "/v1/canary:check", "canary_check", API_ADMIN, API_LONG, 0, route_canary_check,
     "Read what came of it: back, on to all, or wait", NULL, NULL, CANARY_ANSWER, NULL},
    {API_POST, "/v1/canary:stop", "canary_stop", API_ADMIN, API_SLOW, 0, route_canary_stop,
     "Serve everybody from the live version again", NULL, NULL, CANARY_ANSWER, NULL},
    {API_GET, "/v1/places", "places", API_ANALYST, API_LONG, 0, route_places,
     "How often each row and column is looked at, from swaps", NULL, NULL,
     "{assumes, columns: {pages, choices, viewers, weights}, rows, places: [{device, along, place, "
     "choices, ratio, low, high, used}]}",
     NULL},
    {API_GET, "/v1/experiments", "experiments", API_ANALYST, API_SLOW, 0, route_experiment_list,
     "The experiments there are", NULL, NULL,
     "{experiments: [{name, state, traffic, created_ms, started_ms, stopped_ms, arms}]}", NULL},
    {API_POST, "/v1/experiments", "experiment_create", API_ADMIN, API_SLOW, 0,
     route_experiment_create, "Define an experiment", NULL,
     "{name, traffic, interleave, arms: [\"control\", \"plain:ranker=off,draw=2\"]}: arm 0 is the "
     "control",
     "the experiment", NULL},
    {API_GET, "/v1/experiments/{name}", "experiment_read", API_ANALYST, API_LONG, 0,
     route_experiment_read, "What came of an experiment", as_of_parameters, NULL,
     "{name, state, sample_ratio_p, broken, arms: [{arm, viewers, pages, chosen, valued, "
     "chosen_per_page, valued_per_page}]}",
     NULL},
    {API_POST, "/v1/experiments/{name}:start", "experiment_start", API_ADMIN, API_SLOW, 0,
     route_experiment_start, "Begin to serve its arms", NULL, NULL, "the experiment", NULL},
    {API_POST, "/v1/experiments/{name}:stop", "experiment_stop", API_ADMIN, API_SLOW, 0,
     route_experiment_stop, "Serve everybody alike again", NULL, NULL, "the experiment", NULL},
    {API_POST, "/v1/campaigns:plan", "campaign_plan", API_ANALYST, API_LONG, 0, route_campaign_plan,
     "Whom to put a title before, with what, and whom not", as_of_parameters, CAMPAIGN_BODY,
     CAMPAIGN_PLAN, NULL},
    {API_POST, "/v1/strategy/campaign", "strategy_campaign", API_ANALYST, API_LONG, 0,
     route_campaign_plan, "The same as /v1/campaigns:plan", as_of_parameters, CAMPAIGN_BODY,
     CAMPAIGN_PLAN, NULL},
    {API_GET, "/v1/campaigns", "campaigns", API_ANALYST, API_SLOW, 0, route_campaign_list,
     "The campaigns there are", NULL, NULL, CAMPAIGN_LIST, NULL},
    {API_POST, "/v1/campaigns", "campaign_launch", API_ADMIN, API_LONG, 0, route_campaign_launch,
     "Find the segments' viewers, hold some out, and lead with the title before the others",
     campaign_parameters, CAMPAIGN_BODY, "the campaign", NULL},
    {API_GET, "/v1/campaigns/{name}", "campaign_read", API_ANALYST, API_LONG, 0,
     route_campaign_read, "What came of a campaign, by intention to treat", as_of_parameters, NULL,
     CAMPAIGN_READING, NULL},
    {API_POST, "/v1/campaigns/{name}:stop", "campaign_stop", API_ADMIN, API_SLOW, 0,
     route_campaign_stop, "Lead with it no longer", NULL, NULL, "the campaign", NULL},
    {API_POST, "/v1/import", "import", API_LOCAL, API_LONG, 0, route_import,
     "Import files of this machine (socket only)", NULL,
     "{format, paths: [...], map, id, rejects, strict}",
     "{read, added, duplicates, rejected, unmatched}", NULL},
    {API_POST, "/v1/backup", "backup", API_ADMIN, API_LONG, 0, route_backup,
     "Copy the folder while serving goes on", NULL,
     "{to}: a folder of the server's machine that does not exist or is empty", "{to, seconds}",
     NULL},
    {API_POST, "/v1/check", "check", API_ADMIN, API_LONG, 0, route_check,
     "Read everything and look for faults", NULL, NULL,
     "{sound, rows, events, faults, first_fault}", NULL},

    {API_POST, "/v1/keys", "key_create", API_ADMIN, API_SLOW, 0, route_key_create, "Make a key",
     NULL,
     "{role, viewer, label, days}: role is ingest, read, analyst or admin; a read key may be bound "
     "to a viewer; it expires after so many days, default never",
     "{id, key, role, viewer, label, created, expires}; the key is shown this once", NULL},
    {API_GET, "/v1/keys", "keys", API_ADMIN, API_NOW, 0, route_keys,
     "The keys there are, without their secrets", NULL, NULL,
     "{keys: [{id, role, viewer, label, created, expires}]}", NULL},
    {API_DELETE, "/v1/keys/{key}", "key_revoke", API_ADMIN, API_SLOW, 0, route_key_revoke,
     "Revoke a key", NULL, NULL, "{id, revoked}", NULL},

    {API_GET, "/healthz", "healthz", API_NOBODY, API_NOW, ROUTE_SHARED, route_healthz,
     "The process is alive", NULL, NULL, "{status}", NULL},
    {API_GET, "/readyz", "readyz", API_NOBODY, API_NOW, ROUTE_SHARED, route_readyz,
     "It takes requests", NULL, NULL, "{status}; 503 while it shuts down", NULL},
    {API_GET, "/metrics", "metrics", API_ANALYST, API_SLOW, 0, route_metrics,
     "Counters for Prometheus", NULL, NULL, "text exposition format 0.0.4",
     "text/plain; version=0.0.4; charset=utf-8"},
    {API_GET, "/openapi.json", "openapi", API_NOBODY, API_NOW, ROUTE_SHARED, route_openapi,
     "This table as OpenAPI 3.1", NULL, NULL, "an OpenAPI document", NULL},
    {API_GET, "/", "page", API_NOBODY, API_NOW, ROUTE_SHARED, route_page, "The dashboard", NULL,
     NULL, "HTML", "text/html; charset=utf-8"},
    {API_GET, "/assets/{file}", "asset", API_NOBODY, API_NOW, ROUTE_SHARED, route_asset,
     "The dashboard's scripts and styles, by their hash", NULL, NULL, "the file", "*/*"},
};

const struct route *service_routes(size_t *ret_n)
{
    *ret_n = sizeof(routes) / sizeof(routes[0]);
    return routes;
}
