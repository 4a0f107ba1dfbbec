/* service.h - an invented service on a temporary folder: 80 titles of 8 genres, viewers who like two of them. */
#ifndef MQ_TEST_SERVICE_H
#define MQ_TEST_SERVICE_H

#include "marquee.h"
#include "support/check.h"

enum { SERVICE_TITLES = 80, SERVICE_VIEWERS = 60 };

struct service {
    char dir[512];  /* the test's own folder */
    char data[600]; /* the data folder in it */
    struct mq_engine *engine;
    struct mq_reader *reader;
};

/* cmocka's setup and teardown: *state is a struct service with an open, empty engine. */
int service_setup(void **state);
int service_teardown(void **state);

void service_open(struct service *s, const char *data);
void service_close(struct service *s);
void service_reopen(struct service *s);

/* A file in the test's folder; the path lives for 32 more calls. */
const char *service_file(const struct service *s, const char *name, const char *text);
char *service_path(const struct service *s, const char *name);

/* One file through mq_import; fails the test on an error. */
struct mq_import_report service_import(struct service *s, const char *format, const char *path);

/* The 80 titles and who made them. */
void service_titles(struct service *s);
/* Ratings of the past year by 60 viewers ("v0" ...), as an archive of the last year would have them, and a training. */
void service_ratings(struct service *s);
/* The same from this many viewers. */
void service_ratings_of(struct service *s, unsigned viewers);
void service_train(struct service *s);

/* One event now: a new one, also when the last was of the same millisecond. */
void service_event(struct service *s, const char *viewer, const char *kind, const char *title);
/* Five stars for a title, a second after the page or list `shown` it. Texts stay the caller's. */
struct mq_event service_liked(const char *viewer, const char *title, int64_t shown_ms,
                              const char *recommendation_id);
/* The time, for the engine as for the test: a Wednesday evening, a millisecond later each time somebody asks. Whatever is drawn from times (orders
 * by chance, ids of answers) is thereby the same in every run. $MARQUEE_NOW begins at another instant. */
int64_t service_now(void);
uint64_t service_last_seq(struct service *s);

/* The page as JSON, to be freed. */
char *service_page_json(const struct mq_page *page);
char *service_page(struct mq_reader *r, const struct mq_request *q);
char *service_page_of(struct service *s, const char *viewer);
/* Is the text in any file below the folder, byte for byte? */
bool service_grep(const char *folder, const char *text);

#endif
