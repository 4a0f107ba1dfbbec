/* sample.h - a store in a fresh folder, and invented events and titles. */
#ifndef MQ_TEST_STORE_SAMPLE_H
#define MQ_TEST_STORE_SAMPLE_H

#include "base/rng.h"
#include "store/store.h"
#include "support/check.h"

enum { SAMPLE_TEXT = 32, SAMPLE_ITEMS = 3 };

/* An event and the memory its text lies in. */
struct sample {
    struct event e;
    char id[SAMPLE_TEXT], viewer[SAMPLE_TEXT], title[SAMPLE_TEXT], session[SAMPLE_TEXT];
    char item_titles[SAMPLE_ITEMS][SAMPLE_TEXT];
    struct event_item items[SAMPLE_ITEMS];
};

#define SAMPLE_DAY INT64_C(1772323200000) /* 2026-03-01 */

/* A "play" of title t<title> by viewer viewer-<viewer>; the id is derived from `number`. */
void sample_play(struct sample *s, unsigned viewer, unsigned title, unsigned number, int64_t at_ms);
/* Any kind of event, by few viewers and titles, at any time of a week. */
void sample_random(struct sample *s, struct rng *r, unsigned number);
/* Appends one event; its outcome. */
enum append_outcome sample_append(struct store *s, struct sample *one);

/* Options that make RocksDB flush and compact early. */
extern const struct store_options sample_small;

struct store *sample_open(const char *dir);
/* The folder of this test, removed and made anew by setup, removed by teardown. */
struct sample_folder {
    char dir[512], other[560], db[560];
};
int sample_setup(void **state);
int sample_teardown(void **state);

/* Counts what a scan visits. */
int sample_count(void *ctx, const struct event *e);
size_t sample_events(const struct store *s);
void sample_check(const struct store *s);

#endif
