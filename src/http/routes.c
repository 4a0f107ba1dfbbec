#include "http/routes.h"

/* The moment and the shape of an answer. */
#define CONTEXT_PARAMETERS                                                                         \
    {"at", PARAMETER_TIME, "the moment asked about; default now, on an archive its newest event"}, \
        {"device", PARAMETER_TEXT, "tv, phone, tablet, desktop, console, set_top, cast or other"}, \
        {"country", PARAMETER_TEXT, "two letters, as GB"},                                         \
        {"region", PARAMETER_TEXT, "a region within the country"},                                 \
        {"timezone", PARAMETER_TEXT, "a name as Europe/London, for the local hour"},               \
        {"offset_min", PARAMETER_NUMBER,                                                           \
         "local time minus UTC in minutes, when there is no timezone"},                            \
        {"mood", PARAMETER_TEXT,                                                                   \
         "off, or the name or number of one of the page's moods; default the likeliest"},          \
        {"no_context", PARAMETER_FLAG, "leave hour, place and device out"},                        \
        {"no_profiling", PARAMETER_FLAG, "leave the viewer's history out"},                        \
        {"no_ranker", PARAMETER_FLAG, "lists and rankings in the generators' own order"},          \
        {"preview", PARAMETER_FLAG, "only looked at: not noted as shown to the viewer"},           \
        {"as_of", PARAMETER_TIME,                                                                  \
         "answer from what was known then; @N: from the log's first N events"},                    \
    {                                                                                              \
        "model", PARAMETER_NUMBER, "ask this model version; default the live one"                  \
    }

/* What to leave out and to prefer (docs/home-page.md). */
#define FILTER_PARAMETERS                                                                          \
    {"include", PARAMETER_TEXT, "only titles like genre=Drama|Crime & year>=2000; repeatable"},    \
        {"filter", PARAMETER_TEXT, "another name of include"},                                     \
        {"exclude", PARAMETER_TEXT, "no titles like tag=gore; repeatable"},                        \
        {"boost", PARAMETER_TEXT, "scores times a factor, as language=fr*1.5; repeatable"},        \
        {"language", PARAMETER_TEXT, "only these languages, as en,fr"},                            \
        {"max_maturity", PARAMETER_TEXT,                                                           \
         "an age or a certificate: above it, or unknown, is left out"},                            \
        {"seen", PARAMETER_FLAG, "titles already seen too"},                                       \
    {                                                                                              \
        "fatigue", PARAMETER_NUMBER,                                                               \
            "leave out what was shown so often and never played, default 20; 0: nothing"           \
    }
#define PIN_PARAMETER(place)                                                                       \
    {                                                                                              \
        "pin", PARAMETER_TEXT,                                                                     \
            "a title's id, or the best title like genre=Drama, at a place from 0, as " place       \
            "; repeatable"                                                                         \
    }

static const struct parameter page_parameters[] = {
    CONTEXT_PARAMETERS,
    FILTER_PARAMETERS,
    PIN_PARAMETER("t-42@0.2 (row.column)"),
    {"rows", PARAMETER_NUMBER, "at most so many rows, default 8; on a tablet 6, on a phone 5"},
    {"columns", PARAMETER_NUMBER,
     "at most so many titles a row, default 20; on a tablet 15, on a phone 10"},
    {0},
};
static const struct parameter list_parameters[] = {
    CONTEXT_PARAMETERS,
    FILTER_PARAMETERS,
    PIN_PARAMETER("t-42@2"),
    {"n", PARAMETER_NUMBER, "how many, default 20"},
    {0},
};
static const struct parameter context_parameters[] = {CONTEXT_PARAMETERS, {0}};
static const struct parameter rank_parameters[] = {CONTEXT_PARAMETERS, FILTER_PARAMETERS, {0}};
static const struct parameter similar_parameters[] = {
    {"at", PARAMETER_TIME, "the moment asked about; default now, on an archive its newest event"},
    {"country", PARAMETER_TEXT, "two letters, as GB"},
    FILTER_PARAMETERS,
    {"as_of", PARAMETER_TIME, "from what was known then; @N: from the log's first N events"},
    {"model", PARAMETER_NUMBER, "ask this model version; default the live one"},
    {"n", PARAMETER_NUMBER, "how many, default 20"},
    {0},
};
static const struct parameter as_of_parameters[] = {
    {"as_of", PARAMETER_TIME, "from what was known then; @N: from the log's first N events"},
    {0},
};
static const struct parameter retention_parameters[] = {
    {"floor", PARAMETER_NUMBER, "smallest group that is shown, default 50, at least 20"},
    {"research", PARAMETER_FLAG, "public data: exact counts, no floor; needs the role admin"},
    {"as_of", PARAMETER_TIME, "from what was known then; @N: from the log's first N events"},
    {0},
};
static const struct parameter viewers_parameters[] = {
    {"limit", PARAMETER_NUMBER, "how many ids, default 100, at most 1000"},
    {"from", PARAMETER_NUMBER, "skip the viewers first seen before the one of this number"},
    {0},
};

static const struct parameter export_parameters[] = {
    {"skip", PARAMETER_NUMBER, "leave out the first so many events"},
    {"limit", PARAMETER_NUMBER, "at most so many events; default all"},
    {0},
};

static const struct parameter gorse_parameters[] = {
    {"n", PARAMETER_NUMBER, "how many, default 10"},
    {"offset", PARAMETER_NUMBER, "leave out so many"},
    {"category", PARAMETER_TEXT, "only items of this genre"},
    {0},
};
static const struct parameter gorse_cursor_parameters[] = {
    {"n", PARAMETER_NUMBER, "how many, default 10"},
    {"cursor", PARAMETER_TEXT, "the Cursor of the answer before"},
    {0},
};

static const struct parameter gorse_items_parameters[] = {
    {"n", PARAMETER_NUMBER, "how many, default 10"},
    {"cursor", PARAMETER_TEXT, "the Cursor of the answer before"},
    {"q", PARAMETER_TEXT, "only those with this in their names"},
    {0},
};

/* Segment's calls, and RudderStack's: the word, or as browsers say it one letter. */
#define SEGMENT_ROUTE(pattern, id, summary)                                                        \
    {                                                                                              \
        API_POST, pattern, id, API_INGEST, API_EVENTS,                                             \
            ROUTE_SHARED | ROUTE_FORMAT(FORMAT_SEGMENT), route_events, summary, NULL,              \
            "as Segment's and RudderStack's SDKs send it (docs/events.md); any content type, "     \
            "gzip",                                                                                \
            "{success, accepted, duplicates, rejected: [{index, error}]}", NULL                    \
    }

#define AUDIENCE_PARAMETERS                                                                        \
    {"strata", PARAMETER_NUMBER, "strata of activity, default 50"},                                \
        {"floor", PARAMETER_NUMBER, "smallest group that is shown, default 50, at least 20"},      \
        {"research", PARAMETER_FLAG, "public data: exact counts without a floor; admin only"},     \
        {"as_of", PARAMETER_TIME, "from what was known then; @N: from the log's first N events"},  \
    {                                                                                              \
        "n", PARAMETER_NUMBER, "how many of each kind"                                             \
    }

static const struct parameter audience_parameters[] = {
    {"expression", PARAMETER_TEXT, "as liked:director=David Fincher"},
    AUDIENCE_PARAMETERS,
    {0},
};
static const struct parameter title_audience_parameters[] = {
    {"signal", PARAMETER_TEXT, "watched, finished, liked and so on; default liked"},
    AUDIENCE_PARAMETERS,
    {0},
};
static const struct parameter communities_parameters[] = {AUDIENCE_PARAMETERS, {0}};
static const struct parameter pairs_parameters[] = {
    {"role_a", PARAMETER_TEXT, "default director"},
    {"role_b", PARAMETER_TEXT, "default actor"},
    {"seed", PARAMETER_NUMBER, "of the shuffled world, default 1"},
    {"no_shuffle", PARAMETER_FLAG, "leave the shuffled world out"},
    AUDIENCE_PARAMETERS,
    {0},
};

static const struct parameter search_parameters[] = {
    {"q", PARAMETER_TEXT, "what stands in the name"},
    {"limit", PARAMETER_NUMBER, "how many, default 50, at most 1000"},
    {"from", PARAMETER_NUMBER, "leave out so many"},
    {0},
};

static const struct parameter pitch_parameters[] = {
    {"at", PARAMETER_TIME, "when it was pitched, default now"},
    {0},
};
static const struct parameter fit_parameters[] = {
    {"as_of", PARAMETER_TIME, "from what was known by then"},
    {"seed", PARAMETER_NUMBER, "of the forests, 1 by default"},
    {0}};
static const struct parameter forecast_parameters[] = {
    {"as_of", PARAMETER_TIME, "from what was known by then"},
    {"seed", PARAMETER_NUMBER, "of the forests, 1 by default"},
    {"exact", PARAMETER_FLAG, "of the log as it is now, however long that takes"},
    {0}};
static const struct parameter ledger_parameters[] = {
    {"floor", PARAMETER_NUMBER, "smallest audience that is shown, default 50, at least 20"},
    {"research", PARAMETER_FLAG, "public data: exact counts without a floor; admin only"},
    {"as_of", PARAMETER_TIME, "from what was known then"},
    {0},
};

static const struct route routes[] = {
    {API_POST, "/v1/events", "events", API_INGEST, API_EVENTS, ROUTE_SHARED, route_events,
     "Append events", NULL,
     "one native event, an array of them, or one a line (docs/events.md); gzip is accepted",
     "{accepted, duplicates, rejected: [{index, error}]}, once they are durable", NULL},
    {API_POST, "/v1/cloudevents", "cloudevents", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_CLOUDEVENTS), route_events, "Append CloudEvents", NULL,
     "CloudEvents 1.0, structured, batched or binary, whose data is a native event "
     "(docs/events.md)",
     "{accepted, duplicates, rejected: [{index, error}]}", NULL},
    SEGMENT_ROUTE("/v1/batch", "segment_batch", "Segment, RudderStack: many calls"),
    SEGMENT_ROUTE("/v1/track", "segment_track", "Segment: what somebody did"),
    SEGMENT_ROUTE("/v1/identify", "segment_identify", "Segment: who somebody is"),
    SEGMENT_ROUTE("/v1/alias", "segment_alias", "Segment: two ids are one person"),
    SEGMENT_ROUTE("/v1/page", "segment_page", "Segment: a page was seen"),
    SEGMENT_ROUTE("/v1/screen", "segment_screen", "Segment: a screen was seen"),
    SEGMENT_ROUTE("/v1/group", "segment_group", "Segment: somebody belongs to a group"),
    SEGMENT_ROUTE("/v1/b", "segment_b", "Segment: batch, from browsers"),
    SEGMENT_ROUTE("/v1/t", "segment_t", "Segment: track, from browsers"),
    SEGMENT_ROUTE("/v1/i", "segment_i", "Segment: identify, from browsers"),
    SEGMENT_ROUTE("/v1/a", "segment_a", "Segment: alias, from browsers"),
    SEGMENT_ROUTE("/v1/p", "segment_p", "Segment: page, from browsers"),
    SEGMENT_ROUTE("/v1/s", "segment_s", "Segment: screen, from browsers"),
    SEGMENT_ROUTE("/v1/g", "segment_g", "Segment: group, from browsers"),

    {API_POST, "/webhooks/jellyfin", "webhook_jellyfin", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_JELLYFIN), route_events,
     "Jellyfin's webhook plugin, generic destination; the key may stand in the query as key", NULL,
     "one notification with all properties, as JSON; any content type",
     "{accepted, duplicates, rejected: [{index, error}]}", NULL},
    {API_POST, "/webhooks/plex", "webhook_plex", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_PLEX), route_events,
     "Plex's webhooks; the key may stand in the query as key", NULL,
     "multipart/form-data with a part payload, or that JSON alone",
     "{accepted, duplicates, rejected: [{index, error}]}", NULL},

    {API_POST, "/events", "personalize_events", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_PERSONALIZE), route_events, "Amazon Personalize: PutEvents",
     NULL, "as the AWS SDKs send it", "{}", NULL},
    {API_POST, "/recommendations", "personalize_recommendations", API_READ, API_NOW, 0,
     route_personalize_recommendations,
     "Amazon Personalize: GetRecommendations; the recipe by the ARN", NULL,
     "{recommenderArn or campaignArn, userId, itemId, numResults, context}",
     "{itemList: [{itemId, score}], recommendationId}", NULL},
    {API_POST, "/personalize-ranking", "personalize_ranking", API_READ, API_NOW, 0,
     route_personalize_ranking, "Amazon Personalize: GetPersonalizedRanking", NULL,
     "{campaignArn, userId, inputList, context}",
     "{personalizedRanking: [{itemId, score}], recommendationId}", NULL},
    {API_POST, "/api/feedback", "gorse_feedback_post", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_GORSE), route_events, "Gorse: feedback", NULL,
     "one Feedback or an array of them", "{RowAffected}", NULL},
    {API_PUT, "/api/feedback", "gorse_feedback_put", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_GORSE), route_events, "Gorse: feedback", NULL,
     "one Feedback or an array of them", "{RowAffected}", NULL},
    {API_GET, "/api/feedback", "gorse_all_feedback", API_ANALYST, API_SLOW, 0,
     route_gorse_all_feedback, "Gorse: everybody's feedback", gorse_cursor_parameters, NULL,
     "{Feedback, Cursor}", NULL},
    {API_GET, "/api/feedback/{type}", "gorse_typed_feedback", API_ANALYST, API_SLOW, 0,
     route_gorse_all_feedback, "Gorse: everybody's feedback of a type", gorse_cursor_parameters,
     NULL, "{Feedback, Cursor}", NULL},
    {API_GET, "/api/feedback/{viewer}/{title}", "gorse_pair_feedback", API_READ, API_SLOW, 0,
     route_gorse_pair_feedback, "Gorse: feedback of a user about an item", NULL, NULL,
     "an array of Feedback", NULL},
    {API_GET, "/api/feedback/{type}/{viewer}/{title}", "gorse_feedback", API_READ, API_SLOW, 0,
     route_gorse_feedback, "Gorse: the newest feedback of a type, user and item", NULL, NULL,
     "a Feedback", NULL},
    {API_DELETE, "/api/feedback/{viewer}/{title}", "gorse_feedback_delete", API_ADMIN, API_SLOW, 0,
     route_gorse_feedback_delete, "Gorse: take an item out of a user's history", NULL, NULL,
     "{RowAffected}", NULL},
    {API_POST, "/api/user", "gorse_user_post", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_GORSE_USERS), route_events, "Gorse: a user", NULL, "a User",
     "{RowAffected}", NULL},
    {API_POST, "/api/users", "gorse_users_post", API_INGEST, API_EVENTS,
     ROUTE_SHARED | ROUTE_FORMAT(FORMAT_GORSE_USERS), route_events, "Gorse: users", NULL,
     "an array of User", "{RowAffected}", NULL},
    {API_GET, "/api/user/{viewer}", "gorse_user", API_READ, API_SLOW, 0, route_gorse_user,
     "Gorse: a user", NULL, NULL, "a User", NULL},
    {API_GET, "/api/user/{viewer}/feedback", "gorse_user_feedback", API_READ, API_SLOW, 0,
     route_gorse_user_feedback, "Gorse: a user's feedback", NULL, NULL, "an array of Feedback",
     NULL},
    {API_GET, "/api/user/{viewer}/feedback/{type}", "gorse_user_feedback_type", API_READ, API_SLOW,
     0, route_gorse_user_feedback, "Gorse: a user's feedback of a type", NULL, NULL,
     "an array of Feedback", NULL},
    {API_GET, "/api/users", "gorse_users", API_ANALYST, API_NOW, 0, route_gorse_users,
     "Gorse: users, as first seen", gorse_cursor_parameters, NULL, "{Cursor, Users}", NULL},
    {API_PATCH, "/api/user/{viewer}", "gorse_user_patch", API_INGEST, API_SLOW, 0,
     route_gorse_user_patch, "Gorse: change a user; labels and comments are not kept", NULL,
     "a User", "{RowAffected}", NULL},
    {API_DELETE, "/api/user/{viewer}", "gorse_user_delete", API_ADMIN, API_LONG, 0,
     route_gorse_user_delete, "Gorse: forget a user for good", NULL, NULL, "{RowAffected}", NULL},
    {API_POST, "/api/item", "gorse_item_post", API_ADMIN, API_SLOW, 0, route_gorse_items_put,
     "Gorse: add or update items", NULL, "an Item or an array of them", "{RowAffected}", NULL},
    {API_POST, "/api/items", "gorse_items_post", API_ADMIN, API_SLOW, 0, route_gorse_items_put,
     "Gorse: add or update items", NULL, "an Item or an array of them", "{RowAffected}", NULL},
    {API_GET, "/api/items", "gorse_items", API_READ, API_SLOW, ROUTE_SHARED, route_gorse_items,
     "Gorse: items", gorse_items_parameters, NULL, "{Cursor, Items}", NULL},
    {API_GET, "/api/item/{title}", "gorse_item", API_READ, API_SLOW, ROUTE_SHARED, route_gorse_item,
     "Gorse: an item", NULL, NULL, "an Item", NULL},
    {API_PATCH, "/api/item/{title}", "gorse_item_patch", API_ADMIN, API_SLOW, 0,
     route_gorse_item_patch, "Gorse: change an item; what the body does not name stays", NULL,
     "an Item", "{RowAffected}", NULL},
    {API_DELETE, "/api/item/{title}", "gorse_item_delete", API_ADMIN, API_SLOW, 0,
     route_gorse_item_delete, "Gorse: remove an item's record", NULL, NULL, "{RowAffected}", NULL},
    {API_GET, "/api/item/{title}/neighbors", "gorse_neighbors", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_neighbors, "Gorse: what is like an item", gorse_parameters, NULL, "[{Id, Score}]",
     NULL},
    {API_GET, "/api/item/{title}/neighbors/", "gorse_neighbors_slash", API_READ, API_SLOW,
     ROUTE_SHARED, route_gorse_neighbors, "Gorse: what is like an item", gorse_parameters, NULL,
     "[{Id, Score}]", NULL},
    {API_GET, "/api/item-to-item/{name}/{title}", "gorse_item_to_item", API_READ, API_SLOW,
     ROUTE_SHARED, route_gorse_item_to_item, "Gorse: what is like an item, whatever the name",
     gorse_parameters, NULL, "[{Id, Score}]", NULL},
    {API_GET, "/api/recommend/{viewer}", "gorse_recommend", API_READ, API_SLOW, 0,
     route_gorse_recommend, "Gorse: recommendations for a user", gorse_parameters, NULL, "[id]",
     NULL},
    {API_GET, "/api/recommend/{viewer}/", "gorse_recommend_slash", API_READ, API_SLOW, 0,
     route_gorse_recommend, "Gorse: recommendations for a user", gorse_parameters, NULL, "[id]",
     NULL},
    {API_GET, "/api/latest", "gorse_latest", API_READ, API_SLOW, ROUTE_SHARED, route_gorse_latest,
     "Gorse: new items", gorse_parameters, NULL, "[{Id, Score}]", NULL},
    {API_GET, "/api/popular", "gorse_popular", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_popular, "Gorse: popular items", gorse_parameters, NULL, "[{Id, Score}]", NULL},
    {API_POST, "/api/session/recommend", "gorse_session", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_session, "Gorse: what is like the items of a session", gorse_parameters,
     "an array of Feedback", "[{Id, Score}]", NULL},
    {API_GET, "/api/item/{title}/neighbors/{category}", "gorse_neighbors_category", API_READ,
     API_SLOW, ROUTE_SHARED, route_gorse_neighbors, "Gorse: what is like an item, of a category",
     gorse_parameters, NULL, "[{Id, Score}]", NULL},
    {API_GET, "/api/recommend/{viewer}/{category}", "gorse_recommend_category", API_READ, API_SLOW,
     0, route_gorse_recommend, "Gorse: recommendations of a category", gorse_parameters, NULL,
     "[id]", NULL},
    {API_GET, "/api/latest/", "gorse_latest_slash", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_latest, "Gorse: new items", gorse_parameters, NULL, "[{Id, Score}]", NULL},
    {API_GET, "/api/latest/{category}", "gorse_latest_category", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_latest, "Gorse: new items of a category", gorse_parameters, NULL, "[{Id, Score}]",
     NULL},
    {API_GET, "/api/popular/", "gorse_popular_slash", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_popular, "Gorse: popular items", gorse_parameters, NULL, "[{Id, Score}]", NULL},
    {API_GET, "/api/popular/{category}", "gorse_popular_category", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_popular, "Gorse: popular items of a category", gorse_parameters, NULL,
     "[{Id, Score}]", NULL},
    {API_POST, "/api/session/recommend/", "gorse_session_slash", API_READ, API_SLOW, ROUTE_SHARED,
     route_gorse_session, "Gorse: what is like the items of a session", gorse_parameters,
     "an array of Feedback", "[{Id, Score}]", NULL},
    {API_POST, "/api/session/recommend/{category}", "gorse_session_category", API_READ, API_SLOW,
     ROUTE_SHARED, route_gorse_session, "Gorse: what of a category is like the items of a session",
     gorse_parameters, "an array of Feedback", "[{Id, Score}]", NULL},
    {API_GET, "/api/health/live", "gorse_health_live", API_NOBODY, API_NOW, ROUTE_SHARED,
     route_gorse_health, "Gorse: it takes requests", NULL, NULL, "{Ready}", NULL},
    {API_GET, "/api/health/ready", "gorse_health_ready", API_NOBODY, API_NOW, ROUTE_SHARED,
     route_gorse_health, "Gorse: it takes requests", NULL, NULL, "{Ready}", NULL},

    {API_GET, "/v1/titles", "titles", API_READ, API_SLOW, ROUTE_SHARED, route_titles,
     "Titles, by what stands in their names", search_parameters, NULL,
     "{titles: [{title, name, year, kind, runtime_min, genres}], of, next}", NULL},
    {API_POST, "/v1/titles:facts", "titles_facts", API_READ, API_SLOW, ROUTE_SHARED,
     route_titles_facts, "Many titles in short", NULL, "{titles: [id]}, at most 1,000",
     "{titles: [{title, name, year, kind, runtime_min, genres}]}", NULL},
    {API_POST, "/v1/titles:images", "titles_images", API_READ, API_SLOW, ROUTE_SHARED,
     route_titles_images, "Pictures of titles, from the hosts that --image-hosts allows", NULL,
     "{titles: [id]}, at most 1,000", "{images: [{title, image}]}", NULL},
    {API_GET, "/v1/people", "people", API_READ, API_SLOW, ROUTE_SHARED, route_people,
     "People of the credits, by their names", search_parameters, NULL,
     "{people: [{name, roles, of, titles: [{title, name, ...}]}], of, next}", NULL},
    {API_GET, "/v1/genres", "genres", API_READ, API_SLOW, ROUTE_SHARED, route_genres,
     "Genres, with their titles counted", NULL, NULL, "{genres: [{name, titles}]}", NULL},
    {API_GET, "/v1/titles/{title}", "title_get", API_READ, API_SLOW, ROUTE_SHARED, route_title_get,
     "A title as stored", NULL, NULL, "the title with its credits", NULL},
    {API_PUT, "/v1/titles/{title}", "title_put", API_ADMIN, API_SLOW, 0, route_title_put,
     "Add or update a title", NULL,
     "the title; what is missing stays as it was; credits replace those there are",
     "the title as stored now", NULL},
    {API_DELETE, "/v1/titles/{title}", "title_delete", API_ADMIN, API_SLOW, 0, route_title_delete,
     "Remove a title's record", NULL, NULL, "{title, deleted}", NULL},
    {API_POST, "/v1/titles:batch", "titles_batch", API_ADMIN, API_SLOW, 0, route_titles_batch,
     "Add or update many titles", NULL, "an array of titles, or one a line",
     "{read, changed, rejected: [{index, error}]}", NULL},
    {API_GET, "/v1/titles/{title}/similar", "similar", API_READ, API_NOW, ROUTE_SHARED,
     route_similar, "Titles whose viewers are the same", similar_parameters, NULL,
     "a list of titles", NULL},

    {API_GET, "/v1/titles/{title}/choices", "title_choices", API_ANALYST, API_NOW, 0,
     route_title_choices, "How often a title was chosen, by week, daypart and device", NULL, NULL,
     "{title, older, weeks: [{from, choices}], dayparts: [{daypart, choices}], devices}", NULL},
    {API_GET, "/v1/titles/{title}/retention", "retention", API_ANALYST, API_LONG, 0,
     route_retention, "How long the title holds its viewers", retention_parameters, NULL,
     "{viewers, finished, left, open, minutes: [{minute, still, left, watched, rewatched, "
     "rewatch_ratio, skipped, skip_ratio}], devices: [...], withheld, research}",
     NULL},
    {API_GET, "/v1/viewers", "viewers", API_ANALYST, API_NOW, 0, route_viewers,
     "Ids of viewers, as first seen", viewers_parameters, NULL, "{viewers: [id], next}", NULL},
    {API_GET, "/v1/viewers/{viewer}", "viewer", API_READ, API_SLOW, 0, route_viewer,
     "A viewer's history in numbers", NULL, NULL,
     "{viewer, events, by_kind, first, last, recent: [{title, name, kind, at}]}", NULL},
    {API_DELETE, "/v1/viewers/{viewer}", "erase", API_ADMIN, API_LONG, 0, route_erase,
     "Forget a viewer for good", NULL, NULL,
     "the receipt: what was erased, and what a scan found afterwards", NULL},
    {API_GET, "/v1/viewers/{viewer}/identities", "identities", API_READ, API_SLOW, 0,
     route_identities, "All ids of a viewer, and what is said of them", NULL, NULL,
     "{viewer, identities: [id], attributes}: the id that the others are merged into first", NULL},
    {API_PUT, "/v1/viewers/{viewer}/identities/{other}", "merge", API_ADMIN, API_SLOW, 0,
     route_merge, "Another id is the same viewer", NULL, NULL, "as identities", NULL},
    {API_DELETE, "/v1/viewers/{viewer}/identities/{other}", "unmerge", API_ADMIN, API_SLOW, 0,
     route_unmerge, "Take a merge back", NULL, NULL, "as identities", NULL},
    {API_GET, "/v1/viewers/{viewer}/export", "export", API_READ, API_SLOW, 0, route_export,
     "Everything stored about a viewer", export_parameters, NULL,
     "native events, one a line; at most 256 MiB", "application/x-ndjson"},
    {API_GET, "/v1/viewers/{viewer}/settings", "settings_get", API_READ, API_SLOW, 0,
     route_settings_get, "What the viewer allows", NULL, NULL, "{viewer, profiling, child}", NULL},
    {API_PUT, "/v1/viewers/{viewer}/settings", "settings_put", API_ADMIN, API_SLOW, ROUTE_OWN,
     route_settings_put, "Allow or stop profiling; say that it is a child's profile", NULL,
     "{profiling: on or off, child: on or off}, either or both; in force at the next request",
     "{viewer, profiling, child}", NULL},
    {API_DELETE, "/v1/viewers/{viewer}/history/{title}", "history_remove", API_ADMIN, API_SLOW,
     ROUTE_OWN, route_history_remove, "Take a title out of the viewer's history", NULL, NULL,
     "{viewer, title, removed}", NULL},
    {API_GET, "/v1/viewers/{viewer}/viewings", "viewings", API_READ, API_SLOW, 0, route_viewings,
     "What the viewer really watched", as_of_parameters, NULL,
     "a title a line: {title, name, runtime_ms, finished, watched, ..., attention, sessions: "
     "[...]}",
     "application/x-ndjson"},
    {API_GET, "/v1/viewers/{viewer}/home", "home", API_READ, API_NOW, ROUTE_PAST, route_home,
     "A home page", page_parameters, NULL,
     "{viewer, context, model, rows: [{kind, name, reason, items: [{title, name, score, picture, "
     "reason}]}], recommendation_id}",
     NULL},
    {API_GET, "/v1/viewers/{viewer}/recommendations", "recommendations", API_READ, API_NOW,
     ROUTE_PAST, route_recommendations, "A flat list", list_parameters, NULL,
     "{viewer, at, model, recommendation_id, items}", NULL},
    {API_POST, "/v1/viewers/{viewer}/rank", "rank", API_READ, API_NOW, ROUTE_PAST, route_rank,
     "Given titles in the viewer's order", rank_parameters, "{titles: [id]}, at most 10,000",
     "a list of titles", NULL},
    {API_GET, "/v1/viewers/{viewer}/explain/{title}", "explain", API_READ, API_NOW, ROUTE_PAST,
     route_explain, "Why a viewer is shown a title, or not", context_parameters, NULL,
     "{score, place, of, rating: {expected, low, high} or null, text, evidence}", NULL},

    {API_GET, "/v1/audiences/show", "audience", API_ANALYST, API_LONG, 0, route_audience,
     "What sets an audience apart", audience_parameters, NULL,
     "{audience, viewers, size, titles, people, genres, countries, devices, dayparts}", NULL},
    {API_GET, "/v1/titles/{title}/audience", "title_audience", API_ANALYST, API_LONG, 0,
     route_title_audience, "What a title's viewers also like", title_audience_parameters, NULL,
     "as /v1/audiences/show", NULL},
    {API_GET, "/v1/audiences/communities", "communities", API_ANALYST, API_LONG, 0,
     route_communities, "Taste communities", communities_parameters, NULL,
     "{communities: [{id, name, size, share, titles, people, genres}], stability, likelihood}",
     NULL},
    {API_GET, "/v1/audiences/pairs", "pairs", API_ANALYST, API_LONG, 0, route_pairs,
     "All pairs of people whose audiences go together", pairs_parameters, NULL,
     "{tested, passed, shuffled_passed, pairs}", NULL},
    {API_POST, "/v1/strategy/forecast", "forecast", API_ANALYST, API_LONG, ROUTE_FIT,
     route_forecast, "The audience of a title that does not exist yet", forecast_parameters,
     "a concept: {title, kind, genres, tags, country, language, runtime_min, release_date, "
     "description, credits: [{role, billing, person}], comparables, cost, value_per_hour, "
     "launch: {promotion}}",
     "{viewers_28d: {p10, p50, p90}, viewers_90d, hours_28d, communities, countries, comparables: "
     "[{title, ways}], attribution, support: {titles, refused}, break_even, launch, log_seq, "
     "behind, "
     "due}",
     NULL},
    {API_POST, "/v1/strategy/fit", "fit", API_ANALYST, API_LONG, 0, route_fit,
     "Fits what forecasts rest on, unless what is kept is new enough", fit_parameters, NULL,
     "{log_seq, behind, made, seconds, titles, bytes}; titles 0: too few to learn from", NULL},
    {API_POST, "/v1/strategy/opportunities", "opportunities", API_ANALYST, API_LONG, 0,
     route_opportunities, "What nobody has made yet and many would watch", NULL,
     "{n, supply, shuffles, seed, no_forecast, store, strata, floor, research, as_of}: all "
     "optional",
     "{tested, strong, shuffled_strong, strongest_shuffled, threshold, winners_curse: {kept, "
     "finds}, "
     "opportunities: [{maker: {role, name, titles, viewers}, lead, theme, edges, weakest, "
     "without_one, chance, "
     "viewers, expected, excess, supply: {all, two}, searched, people, triangle, forecast, "
     "concept}], searches: [{text, viewers}]}",
     NULL},
    {API_POST, "/v1/strategy/pitch", "pitch", API_ANALYST, API_SLOW, 0, route_pitch,
     "The dossiers that speak of a concept and existed before it was pitched", pitch_parameters,
     "a concept, as of /v1/strategy/forecast",
     "{pitched, dossiers, found, matches: [{matched, replayed, dossier, as_of, made, rank, maker, "
     "lead, theme, weakest, viewers, expected, excess, forecast, words, concept}]}",
     NULL},
    {API_POST, "/v1/strategy/slate", "slate", API_ANALYST, API_LONG, 0, route_slate,
     "Which concepts, under a budget, reach the most distinct viewers", NULL,
     "{budget, concepts: [a concept with cost], at_least: [{genre or language, n}], at_most}",
     "{budget, spent, viewers: {p10, p50, p90}, mean, exact, bound, draws, concepts: [{title, "
     "cost, "
     "chosen, adds, cost_per_added, forecast}]}",
     NULL},
    {API_GET, "/v1/strategy/ledger", "ledger", API_ANALYST, API_LONG, 0, route_ledger,
     "Past promises held against what came", ledger_parameters, NULL,
     "{dossiers, scored, coverage, within_2x, rmsle, outcomes: [{dossier, as_of, title, name, "
     "viewers_28d, actual_28d}]}",
     NULL},
    {API_POST, "/v1/audiences/overlap", "overlap", API_ANALYST, API_LONG, 0, route_overlap,
     "What two or three audiences have in common", NULL,
     "{expressions: [two or three], strata, floor, research, as_of}",
     "{viewers, a, b, both, lift, odds_ratio, odds_ratio_low, odds_ratio_high, g2, p, "
     "shared_titles, "
     "without_one: {odds_ratio, title}, risk_set, words, withheld}",
     NULL},

};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

size_t route_count(void)
{
    size_t n;
    (void)service_routes(&n);
    return ROUTES + n;
}

const struct route *route_at(size_t number)
{
    size_t n;
    return number < ROUTES ? &routes[number] : &service_routes(&n)[number - ROUTES];
}

size_t route_number(const struct route *r)
{
    size_t i = 0;
    while (route_at(i) != r)
        i++;
    return i;
}

static const char *const method_names[API_METHODS] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
static const char *const role_names[API_ROLES] = {"nobody",  "ingest", "read",
                                                  "analyst", "admin",  "local"};

const char *api_method_name(enum api_method m)
{
    return method_names[m];
}

const char *api_role_name(enum api_role r)
{
    return role_names[r];
}

bool api_role_from(struct str word, enum api_role *ret)
{
    for (int r = API_INGEST; r <= API_ADMIN; r++) {
        if (str_eq(word, str_of(role_names[r]))) {
            *ret = (enum api_role)r;
            return true;
        }
    }
    return false;
}
