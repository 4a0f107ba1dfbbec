/* embed.c - Marquee inside another program, by include/marquee.h alone.
 *
 *     cc embed.c $(pkg-config --cflags --libs marquee) -o embed && ./embed some-folder
 *
 * Makes a data folder, describes a few invented films, tells what forty people watched, trains on it,
 * and prints what one of them is shown, and why. Running it again adds nothing: what was told before is recognised. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <marquee.h>

static const char titles[] = "id,title,year,genres,runtime_min\n"
                             "f1,The Long Harbour,2019,Drama|Crime,118\n"
                             "f2,Harbour Lights,2021,Drama|Crime,104\n"
                             "f3,Nightwatch Nine,2018,Crime|Thriller,97\n"
                             "f4,A Quiet Verdict,2022,Drama|Crime,111\n"
                             "f5,Banana Skin Summer,2020,Comedy,92\n"
                             "f6,My Aunt the Astronaut,2021,Comedy|Family,95\n"
                             "f7,Two Left Feet,2017,Comedy|Romance,99\n"
                             "f8,Laughing Matters,2023,Comedy,88\n"
                             "f9,The Cold Case Club,2023,Crime|Comedy,101\n"
                             "f10,Salt and Iron,2016,Drama,126\n"
                             "f11,Custard,2015,Comedy,90\n";

/* Two tastes; everybody has watched all but two films of theirs. */
enum { VIEWERS = 40, FILMS = 6 };
static const char *const tastes[2][FILMS] = {{"f1", "f2", "f3", "f4", "f9", "f10"},
                                             {"f5", "f6", "f7", "f8", "f9", "f11"}};

/* Every call reports the same way: what, which value, what to do. */
static int failed(const char *what, const struct mq_error *err)
{
    fprintf(stderr, "%s: %s (%s)\n", what, err->text, mq_status_name((int)err->status));
    return 1;
}

static int describe_titles(struct mq_engine *engine, const char *dir)
{
    struct mq_error err;
    struct mq_import_report report;
    char path[512];
    snprintf(path, sizeof(path), "%s-titles.csv", dir);
    FILE *f = fopen(path, "w");
    if (!f || fputs(titles, f) < 0 || fclose(f) != 0) {
        perror(path);
        return 1;
    }
    const char *paths[] = {path};
    struct mq_import what = {.format = "titles", .paths = paths, .n_paths = 1};
    int rc = mq_import(engine, &what, &report, &err);
    remove(path);
    if (rc != MQ_OK)
        return failed("titles", &err);
    printf("titles: %llu read, %llu new\n", (unsigned long long)report.read,
           (unsigned long long)report.added);
    return 0;
}

static int tell_events(struct mq_engine *engine)
{
    struct mq_error err;
    struct mq_appended done;
    struct mq_event events[VIEWERS * FILMS];
    char viewers[VIEWERS][16], ids[VIEWERS * FILMS][32];
    size_t n = 0;
    int64_t now = (int64_t)time(NULL) * 1000;
    for (unsigned v = 0; v < VIEWERS; v++) {
        snprintf(viewers[v], sizeof(viewers[v]), "viewer-%u", v);
        for (unsigned k = 0; k < FILMS - 2; k++) {
            const char *title = tastes[v % 2][(v / 2 + k) % FILMS];
            /* With an id an event can be sent again, and is counted once. */
            snprintf(ids[n], sizeof(ids[n]), "%s-%s", viewers[v], title);
            events[n] = (struct mq_event){
                .id = ids[n],
                .viewer = viewers[v],
                .kind = "complete",
                .title = title,
                .at_ms = now - (int64_t)(VIEWERS * FILMS - n) * 600000,
                .position_ms = -1,
                .from_ms = -1,
                .device = "tv",
                .country = "GB",
                .timezone = "Europe/London",
            };
            n++;
        }
    }
    if (mq_append(engine, events, n, &done, &err) != MQ_OK)
        return failed("events", &err);
    printf("events: %llu accepted, %llu known already, %llu refused\n",
           (unsigned long long)done.accepted, (unsigned long long)done.duplicates,
           (unsigned long long)done.rejected);
    return 0;
}

static int train(struct mq_engine *engine)
{
    struct mq_error err;
    struct mq_model_info model;
    struct mq_train_options options = {.seed = 1, .rank = 8};
    if (mq_train(engine, &options, &model, &err) != MQ_OK)
        return failed("training", &err);
    printf("model %llu: %llu viewers, %llu interactions\n", (unsigned long long)model.version,
           (unsigned long long)model.viewers, (unsigned long long)model.interactions);
    return 0;
}

/* A reader belongs to one thread at a time, and an answer to its reader until the next question. */
static int print_home(struct mq_reader *reader, const char *viewer)
{
    struct mq_error err;
    struct mq_page page;
    struct mq_request request = {
        .viewer = viewer, .timezone = "Europe/London", .rows = 4, .columns = 3};
    if (mq_home(reader, &request, &page, &err) != MQ_OK)
        return failed("home page", &err);
    printf("home page of %s:\n", page.viewer);
    for (size_t r = 0; r < page.n_rows; r++) {
        printf("  %s\n", page.rows[r].name);
        for (size_t i = 0; i < page.rows[r].n_items; i++) {
            const struct mq_item *item = &page.rows[r].items[i];
            printf("    %s (%d): %s\n", item->name, item->year, item->reason.text);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    struct mq_error err;
    struct mq_engine *engine;
    if (mq_engine_open(argv[1], NULL, &engine, &err) != MQ_OK)
        return failed("open", &err);
    int rc = describe_titles(engine, argv[1]);
    if (rc == 0)
        rc = tell_events(engine);
    if (rc == 0)
        rc = train(engine);
    struct mq_reader *reader = NULL;
    if (rc == 0 && mq_reader_open(engine, &reader, &err) != MQ_OK)
        rc = failed("reader", &err);
    if (rc == 0)
        rc = print_home(reader, "viewer-0");
    mq_reader_close(reader);
    mq_engine_close(engine);
    return rc;
}
