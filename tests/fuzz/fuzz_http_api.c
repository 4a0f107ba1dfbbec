/* fuzz_http_api.c - bytes as one request: "METHOD PATH?QUERY\nBODY", through the routes of a tiny engine.
 * Whatever comes: a status that HTTP has, and a whole answer. Trainings, erasures and what waits for the disk
 * long are left out, so that a run is fast; their bodies are read by the same code. */
#include <ftw.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    struct mq_engine *engine;
    struct api *api;
    struct api_worker *worker;
    struct api_response response;
} tiny;

static const char seed_events[] = "[{\"id\":\"1\",\"viewer\":\"v1\",\"kind\":\"rating\",\"value\":"
                                  "5,\"title\":\"t1\",\"at\":\"2026-03-01\"},"
                                  "{\"id\":\"2\",\"viewer\":\"v1\",\"kind\":\"rating\",\"value\":2,"
                                  "\"title\":\"t2\",\"at\":\"2026-03-02\"},"
                                  "{\"id\":\"3\",\"viewer\":\"v2\",\"kind\":\"rating\",\"value\":4,"
                                  "\"title\":\"t2\",\"at\":\"2026-03-03\"}]";

static char folder[] = "/tmp/marquee-fuzz-XXXXXX";

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static void start(void)
{
    struct mq_error err;
    if (!mkdtemp(folder) || mq_engine_open(folder, NULL, &tiny.engine, &err) != 0 ||
        api_new(tiny.engine, &tiny.api, &err) != 0 ||
        api_worker_new(tiny.api, &tiny.worker, &err) != 0)
        abort();
    buf_init(&tiny.response.body, 64 << 20);
    struct api_request q = {.method = API_POST,
                            .path = STR("/v1/events"),
                            .body = {seed_events, sizeof(seed_events) - 1},
                            .role = API_LOCAL};
    api_call(tiny.worker, &q, &tiny.response);
    if (tiny.response.status != 200)
        abort();
}

static void stop(void)
{
    buf_release(&tiny.response.body);
    api_worker_free(tiny.worker);
    api_free(tiny.api);
    mq_engine_close(tiny.engine);
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static enum api_method method_of(struct str word)
{
    static const char *const names[API_METHODS] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
    for (int m = 0; m < API_METHODS; m++) {
        if (str_eq(word, str_of(names[m])))
            return (enum api_method)m;
    }
    return API_GET;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!tiny.engine) {
        start();
        atexit(stop);
    }
    struct str body = {(const char *)data, size};
    struct str path = str_cut(&body, '\n');
    struct str method = str_cut(&path, ' ');
    struct str query = path.p ? path : STR("");
    struct api_request q = {.method = method_of(method), .role = API_ADMIN};
    q.path = str_cut(&query, '?');
    q.query = query.p ? query : STR_NONE;
    q.body = body.p ? body : STR_NONE;
    enum api_lane lane = api_lane_of(tiny.api, &q);
    /* Writes wait for the disk: one in sixteen is enough. */
    if (lane == API_LONG || (q.method != API_GET && lane != API_NOW && size % 16 != 0))
        return 0;
    api_call(tiny.worker, &q, &tiny.response);
    const struct api_response *r = &tiny.response;
    if (r->status < 200 || r->status > 599 || !r->content_type || r->body.failed || r->body.n == 0)
        abort();
    return 0;
}
