/* answers.c - what a home page and a ranking of 100 titles cost the processor, from the request to its JSON, without a network.
 *
 *     build/bench/bench_answers FOLDER [ANSWERS [ROUNDS]]       2,000 of each and 3 rounds by default
 *
 * Viewers of the folder in turn (equally far apart), in memory after the first round; requests as bench/load.c sends them, at the moment
 * of the folder's newest event, and as a preview: nothing is noted, so that every round asks the same of the same. Prints processor time
 * of this thread per answer, the mean of each answer's least so far (what others do beside it makes the rest), and the hash of all answers
 * of the round: where it is the same for two builds, so are their answers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "http/api.h"
#include "processor.h"

enum { ASKED_MAX = 100000, GIVEN = 100, PATH = 1024 };

static void must(int rc, const struct mq_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "answers: %s\n", err->text);
    exit(1);
}

struct asking {
    const struct intern *viewers, *titles;
    struct api_worker *worker;
    struct api_response answer;
    struct buf body;
    struct rng rng;
    char at[40];
    uint32_t n_titles, n;
};

static struct api_request request(struct asking *x, uint32_t i, bool rank, char path[PATH],
                                  char query[PATH])
{
    static const char *const devices[] = {"tv", "phone", "tablet", "desktop"};
    static const char *const countries[] = {"GB", "US", "DE", "FR", "JP"};
    uint32_t viewer = (uint32_t)((uint64_t)i * intern_count(x->viewers) / x->n);
    struct str name = intern_name(x->viewers, viewer);
    snprintf(path, PATH, "/v1/viewers/%.*s/%s", STR_ARG(name), rank ? "rank" : "home");
    snprintf(query, PATH, "device=%s&country=%s&offset_min=60&preview=1&at=%s",
             devices[rank ? 0 : i % 4], countries[rank ? 0 : i % 5], x->at);
    buf_reset(&x->body);
    buf_add_z(&x->body, rank ? "{\"titles\":[" : "");
    for (int k = 0; rank && k < GIVEN; k++) {
        struct str title = intern_name(x->titles, (uint32_t)rng_below(&x->rng, x->n_titles));
        buf_printf(&x->body, "%s\"%.*s\"", k ? "," : "", STR_ARG(title));
    }
    buf_add_z(&x->body, rank ? "]}" : "");
    return (struct api_request){.method = rank ? API_POST : API_GET,
                                .path = str_of(path),
                                .query = str_of(query),
                                .body = buf_str(&x->body),
                                .content_type = STR("application/json"),
                                .role = API_ADMIN};
}

static void time_answers(struct asking *x, bool rank)
{
    static double us[ASKED_MAX], least[2][ASKED_MAX];
    char path[PATH], query[PATH];
    uint64_t hash = 0;
    double sum = 0, least_sum = 0;
    rng_seed_stream(&x->rng, 1, 0);
    for (uint32_t i = 0; i < x->n; i++) {
        struct api_request q = request(x, i, rank, path, query);
        double began = processor_us(CLOCK_THREAD_CPUTIME_ID);
        api_call(x->worker, &q, &x->answer);
        us[i] = processor_us(CLOCK_THREAD_CPUTIME_ID) - began;
        sum += us[i];
        least[rank][i] = least[rank][i] > 0 ? fmin(least[rank][i], us[i]) : us[i];
        least_sum += least[rank][i];
        if (x->answer.status != 200) {
            fprintf(stderr, "answers: %s: %.*s\n", path, STR_ARG(buf_str(&x->answer.body)));
            exit(1);
        }
        hash = hash_str(buf_str(&x->answer.body), hash);
    }
    qsort(us, x->n, sizeof(*us), by_size);
    printf("%-8s mean %6.0f us  p50 %6.0f us  p99 %6.0f us  least %6.1f us  all answers %016llx\n",
           rank ? "rankings" : "pages", sum / x->n, us[x->n / 2], us[(size_t)x->n * 99 / 100],
           least_sum / x->n, (unsigned long long)hash);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct mq_error err;
    struct mq_engine *engine;
    struct api *api;
    struct buf time;
    uint64_t asked[2] = {2000, 3};
    for (int i = 2; i < argc && i <= 3; i++) {
        if (!str_to_u64(str_of(argv[i]), &asked[i - 2]) || asked[i - 2] == 0 ||
            asked[i - 2] > ASKED_MAX) {
            fprintf(stderr, "answers: %s: give a number up to %d\n", argv[i], ASKED_MAX);
            return 2;
        }
    }
    if (argc < 2) {
        fprintf(stderr, "usage: answers FOLDER [ANSWERS [ROUNDS]]\n");
        return 2;
    }
    must(mq_engine_open(argv[1], &(struct mq_options){.must_exist = true}, &engine, &err), &err);
    struct asking x = {.viewers = store_names(engine->store, NAME_VIEWER),
                       .titles = store_names(engine->store, NAME_TITLE),
                       .n_titles = atomic_load(&engine->catalogue)->n_titles,
                       .n = (uint32_t)asked[0]};
    buf_over(&time, x.at, sizeof(x.at) - 1);
    time_format(&time, atomic_load(&engine->newest_ms));
    must(api_new(engine, &api, &err), &err);
    must(api_worker_new(api, &x.worker, &err), &err);
    buf_init(&x.answer.body, 8 << 20);
    buf_init(&x.body, 1 << 20);
    for (uint64_t round = 0; round < asked[1]; round++) {
        time_answers(&x, false);
        time_answers(&x, true);
    }
    buf_release(&x.answer.body);
    buf_release(&x.body);
    api_worker_free(x.worker);
    api_free(api);
    mq_engine_close(engine);
    return 0;
}
