#include "service.h"

#include <dirent.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "http/render.h"

static const char *const genres[] = {"Drama",   "Comedy", "Horror", "Western",
                                     "Fantasy", "Crime",  "War",    "Romance"};
static unsigned below(struct rng *rng, unsigned n)
{
    return (unsigned)rng_below(rng, n);
}

enum { GENRES = 8, DAY_MS = 24 * 3600 * 1000 };

int service_setup(void **state)
{
    struct service *s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    snprintf(s->dir, sizeof(s->dir), "%s", test_dir());
    snprintf(s->data, sizeof(s->data), "%s/data", s->dir);
    service_open(s, s->data);
    *state = s;
    return 0;
}

int service_teardown(void **state)
{
    struct service *s = *state;
    service_close(s);
    test_dir_remove(s->dir);
    free(s);
    return 0;
}

void service_open(struct service *s, const char *data)
{
    struct mq_options options = {.threads = 2, .cache_bytes = 8 << 20};
    assert_ok(mq_engine_open(data, &options, &s->engine, &test_err));
    assert_ok(mq_reader_open(s->engine, &s->reader, &test_err));
}

void service_close(struct service *s)
{
    mq_reader_close(s->reader);
    mq_engine_close(s->engine);
    s->reader = NULL;
    s->engine = NULL;
}

void service_reopen(struct service *s)
{
    service_close(s);
    service_open(s, s->data);
}

char *service_path(const struct service *s, const char *name)
{
    static char paths[32][1024];
    static unsigned next;
    char *path = paths[next++ % 32];
    snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
    return path;
}

const char *service_file(const struct service *s, const char *name, const char *text)
{
    const char *path = service_path(s, name);
    assert_ok(file_write(path, str_of(text), 0644, &test_err));
    return path;
}

struct mq_import_report service_import(struct service *s, const char *format, const char *path)
{
    struct mq_import_report report;
    struct mq_import what = {.format = format, .paths = &path, .n_paths = 1};
    assert_ok(mq_import(s->engine, &what, &report, &test_err));
    return report;
}

void service_titles(struct service *s)
{
    struct buf titles, credits;
    buf_init(&titles, 1 << 20);
    buf_init(&credits, 1 << 20);
    buf_add_z(&titles, "id,title,year,genres,runtime_min\n");
    buf_add_z(&credits, "title_id,role,billing,person\n");
    for (unsigned t = 0; t < SERVICE_TITLES; t++) {
        buf_printf(&titles, "t%u,Film Number %u,%u,%s|%s,%u\n", t, t, 1990 + t % 30,
                   genres[t % GENRES], genres[(t / GENRES) % GENRES], 80 + t % 50);
        buf_printf(&credits, "t%u,director,1,Director %c\n", t, 'A' + t % GENRES);
        buf_printf(&credits, "t%u,actor,1,Actor %c\nt%u,actor,2,Actor %c\n", t, 'A' + t % 11, t,
                   'L' + t % 7);
    }
    buf_add_char(&titles, '\0');
    buf_add_char(&credits, '\0');
    service_import(s, "titles", service_file(s, "titles.csv", titles.p));
    service_import(s, "credits", service_file(s, "credits.csv", credits.p));
    buf_release(&titles);
    buf_release(&credits);
}

struct mq_event service_liked(const char *viewer, const char *title, int64_t shown_ms,
                              const char *recommendation_id)
{
    return (struct mq_event){.viewer = viewer,
                             .kind = "rating",
                             .title = title,
                             .at_ms = shown_ms + 1000,
                             .position_ms = -1,
                             .from_ms = -1,
                             .value = 5,
                             .recommendation_id = recommendation_id};
}

/* 2026-11-18T20:15:00Z. */
static const int64_t begin_ms = INT64_C(1795032900000);

/* In place of the machine's (--wrap). Two threads may start it: both take the same instant. */
int64_t __wrap_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void)
{
    static _Atomic(int64_t) now;
    if (atomic_load(&now) == 0) {
        const char *given = getenv("MARQUEE_NOW");
        int64_t at = begin_ms, none = 0;
        if (given && !time_parse(str_of(given), &at, NULL))
            fail_msg("MARQUEE_NOW: %s: is no time", given);
        atomic_compare_exchange_strong(&now, &none, at);
    }
    return atomic_fetch_add(&now, 1);
}

int64_t service_now(void)
{
    return clock_wall_ms();
}

void service_ratings(struct service *s)
{
    service_ratings_of(s, SERVICE_VIEWERS);
}

void service_ratings_of(struct service *s, unsigned viewers)
{
    struct buf b;
    struct rng rng;
    int64_t now = service_now();
    rng_seed(&rng, 7);
    buf_init(&b, 4 << 20);
    buf_add_z(&b, "viewer,title,value,at\n");
    for (unsigned v = 0; v < viewers; v++) {
        for (unsigned k = 0; k < 24; k++) {
            unsigned taste = below(&rng, 10) < 8 ? v % GENRES : below(&rng, GENRES);
            unsigned t = below(&rng, SERVICE_TITLES / GENRES) * GENRES + taste;
            unsigned stars = taste == v % GENRES ? 4 + below(&rng, 2) : 1 + below(&rng, 4);
            int64_t at = now / 1000 - (int64_t)(1 + below(&rng, 300)) * (DAY_MS / 1000);
            buf_printf(&b, "v%u,t%u,%u,%lld\n", v, t, stars, (long long)at);
        }
    }
    buf_add_char(&b, '\0');
    service_import(s, "table", service_file(s, "ratings.csv", b.p));
    buf_release(&b);
}

void service_train(struct service *s)
{
    struct mq_train_options o = {.seed = 3, .rank = 8, .epochs = 4};
    struct mq_model_info info;
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
}

void service_event(struct service *s, const char *viewer, const char *kind, const char *title)
{
    /* Two of one millisecond would be one event that came twice. */
    static int64_t last_ms;
    int64_t now = service_now();
    last_ms = now > last_ms ? now : last_ms + 1;
    struct mq_event e = {.viewer = viewer,
                         .kind = kind,
                         .title = title,
                         .at_ms = last_ms,
                         .position_ms = -1,
                         .from_ms = -1,
                         .country = "GB",
                         .device = "tv"};
    struct mq_appended done;
    if (strcmp(kind, "rating") == 0)
        e.value = 5;
    assert_ok(mq_append(s->engine, &e, 1, &done, &test_err));
    if (done.rejected > 0)
        fail_msg("refused: %s", done.rejection.text);
    assert_int_equal(done.duplicates, 0);
}

uint64_t service_last_seq(struct service *s)
{
    struct mq_stats stats;
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    return stats.last_seq;
}

char *service_page_json(const struct mq_page *page)
{
    struct buf b;
    struct json j;
    buf_init(&b, 8 << 20);
    json_init(&j, &b);
    render_page(&j, page);
    buf_add_char(&b, '\0');
    assert_false(b.failed);
    return b.p;
}

char *service_page(struct mq_reader *r, const struct mq_request *q)
{
    struct mq_page page;
    assert_ok(mq_home(r, q, &page, &test_err));
    return service_page_json(&page);
}

char *service_page_of(struct service *s, const char *viewer)
{
    return service_page(s->reader, &(struct mq_request){.viewer = viewer});
}

static bool file_has(const char *path, const char *text)
{
    struct buf b;
    buf_init(&b, 1 << 30);
    assert_ok(file_read(path, &b, &test_err));
    bool found = b.n > 0 && memmem(b.p, b.n, text, strlen(text)) != NULL;
    buf_release(&b);
    return found;
}

bool service_grep(const char *folder, const char *text)
{
    bool found = false;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *entry = readdir(d); entry && !found; entry = readdir(d)) {
        char path[2048];
        struct stat st;
        if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (stat(path, &st) != 0)
            continue; /* the store removed it meanwhile */
        found = S_ISDIR(st.st_mode) ? service_grep(path, text) : file_has(path, text);
    }
    closedir(d);
    return found;
}
