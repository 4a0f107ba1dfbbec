/* catalogue_json.h - a title as JSON, both ways: PUT and GET /v1/titles/{id}, POST /v1/titles:batch, files.
 *
 * {"id": "t-42", "name": "...", "original_name": "...", "year": 1995, "kind": "film", "runtime_min": 106,
 *  "language": "...", "maturity": "R", "description": "...", "series": "...", "image": "https://...", "season": 1,
 *  "episode": 2, "budget": 6e6, "gross": 2.3e7, "release_date": "1995-08-16", "added": "2026-01-01T00:00:00Z",
 *  "genres": ["Crime"], "tags": ["heist"], "countries": ["US"],
 *  "credits": [{"role": "director", "billing": 1, "person": "...", "person_id": "..."}],
 *  "availability": [{"from": "2026-01-01T00:00:00Z", "until": "2026-07-01T00:00:00Z", "countries": ["GB", "IE"]}]}
 *
 * Read: id is required (in a PUT the path's; one in the body must be equal); all else may be missing or null
 * and then leaves what is stored as it was. `title` is read as `name`, `country` as `countries`, and either may
 * be one text instead of a list. Countries: ISO codes or names. "credits": [] says that there are none, "availability": [] that
 * it may be watched always and everywhere (an open side is left out). Unknown
 * fields are ignored. Refused: what native.h says of JSON, an unknown kind, role or country, wrong types, and what
 * title_check refuses. */
#ifndef MQ_WIRE_CATALOGUE_JSON_H
#define MQ_WIRE_CATALOGUE_JSON_H

#include "base/arena.h"
#include "catalogue/title.h"
#include "wire/native.h"

struct json; /* base/json_writer.h, which can't stand beside json-c's headers */

enum {
    CATALOGUE_JSON_DEPTH = 16,
    CATALOGUE_JSON_MAX = 1 << 20, /* bytes of one title */
    CATALOGUE_BATCH_MAX = 10000,  /* titles of one body */
};

/* Return 0 to go on; anything else ends the reading with it. */
struct catalogue_json_sink {
    void *ctx;
    /* `t` lives as long as the arena given. */
    int (*title)(void *ctx, size_t index, const struct title *t, struct mq_error *err);
    int (*refused)(void *ctx, const struct event_place *place, const struct mq_error *why,
                   struct mq_error *err);
};

/* One title. `id`: the path's, or empty. Text and lists lie in `arena`. MQ_INVALID, MQ_TOO_LARGE, MQ_NO_MEMORY. */
int catalogue_json_parse(struct str body, struct str id, struct arena *arena, struct title *ret,
                         struct mq_error *err);

/* An array of titles, one a line, or one. Statuses as native_parse. */
int catalogue_json_parse_batch(struct str body, struct arena *arena,
                               const struct catalogue_json_sink *sink, struct mq_error *err);

/* One object; absent fields are left out. Credits whose person has no name are written with their id only. */
void catalogue_json_write(struct json *j, const struct title *t);

#endif
