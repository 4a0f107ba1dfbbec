/* print.h - JSON answers for people to read, and progress. */
#ifndef MQ_CLI_PRINT_H
#define MQ_CLI_PRINT_H

#include "base/buf.h"
#include "marquee.h"
#include "report/answer_fields.h"

/* Each takes an answer's JSON and prints it on stdout: verbatim and on one line with `json`, else as text.
 * Return the exit code. */
int print_page(struct str answer, bool json);
int print_list(struct str answer, bool json);
int print_explanation(struct str answer, bool json);
/* Any object: "name  value" lines, nested ones indented, lists of objects as tables. */
int print_fields(struct str answer, bool json);
int print_overlap(struct str answer, bool json);
int print_audience(struct str answer, bool json);
int print_communities(struct str answer, bool json);
int print_pairs(struct str answer, bool json);
int print_models(struct str answer, bool json);
/* Counts on stdout, the first rows that were refused or matched nothing on stderr. */
int print_import(struct str answer, bool json);

int print_experiment(struct str answer, bool json);
/* One that was made, started or stopped: what it is, without what came of it. */
int print_experiment_change(struct str answer, bool json);
int print_experiments(struct str answer, bool json);
int print_places(struct str answer, bool json);

struct json_object;
/* The answer as it is, with a line's end, or as `say` says it. Returns the exit code. */
int print_answer(struct str answer, bool json, void (*say)(struct json_object *o));
/* A member in milliseconds since 1970 as a time to the minute, in `to` (MINUTE_TEXT); "-" without one. */
enum { MINUTE_TEXT = 40 };
const char *answer_minute(struct json_object *o, const char *key, char *to);
#define ANSWER_MINUTE(o, key) answer_minute((o), (key), (char[MINUTE_TEXT]){0})

/* An mq_progress that draws a bar on stderr when it is a terminal and the work has taken two seconds, with
 * rate and time left. progress_end clears it. */
struct progress {
    int64_t started_ns, drawn_ns;
    bool drawn;
    char what[64];
};
void progress_begin(struct progress *p);
bool progress_show(void *ctx, const char *what, uint64_t done, uint64_t total);
void progress_end(struct progress *p);

#endif
