/* asking.h - what home, recommend and explain share: the options that describe a request, and their path. */
#ifndef MQ_CLI_ASKING_H
#define MQ_CLI_ASKING_H

#include "cli/command.h"
#include "cli/target.h"

/* Rows of option_spec for the moment and the shape of an answer. */
#define ASKING_OPTIONS                                                                             \
    {"viewer", "ID", "whose (one never seen gets a new viewer's page)"},                           \
        {"at", "TIME", "the moment asked about (default now; on an archive its newest event)"},    \
        {"device", "DEVICE", "tv, phone, tablet, desktop, console, set_top, cast, other"},         \
        {"country", "CC", "two letters, as GB"}, {"region", "NAME", "a region within it"},         \
        {"timezone", "ZONE", "as Europe/London, for the local hour"},                              \
        {"mood", "NAME", "off, or the name or number of one of the page's moods"},                 \
        {"no-context", NULL, "leave hour, place and device out"},                                  \
        {"no-profiling", NULL, "leave the viewer's history out"},                                  \
        {"as-of", "TIME", "answer from what was known then; @N: from the log's first N events"},   \
        {"model", "VERSION", "ask this model version (default the live one)"},                     \
    {                                                                                              \
        "requests", "FILE",                                                                        \
            "NDJSON of requests {viewer, at, device, country, n, ...}, - for stdin: one JSON "     \
            "answer a line; options hold for lines that do not say themselves"                     \
    }

/* What to leave out, to prefer and to place. */
#define RULE_OPTIONS                                                                               \
    {"include", "RULE", "only titles like 'genre=Drama|Crime & year>=2000' (repeatable)"},         \
        {"exclude", "RULE", "no titles like 'tag=gore' (repeatable)"},                             \
        {"boost", "RULE", "scores times a factor, as 'language=fr*1.5' (repeatable)"},             \
        {"language", "LIST", "only these languages, as en,fr"},                                    \
        {"max-maturity", "AGE", "an age or a certificate: above it, or unknown, is left out"},     \
        {"seen", NULL, "titles already seen too"},                                                 \
    {                                                                                              \
        "fatigue", "N", "leave out what was shown N times and never played (default 20; 0: none)"  \
    }
#define PIN_OPTION                                                                                 \
    {                                                                                              \
        "pin", "RULE", "a title's id or 'genre=Drama' at a place from 0, as t-42@0.2 (repeatable)" \
    }

/* Add the options of RULE_OPTIONS and PIN_OPTION that were given to a path's query. */
void asking_rules(const struct args *a, struct buf *path);

/* The answer of one request, or of each line of --requests, to `print`. Options hold for every line that does not say itself. */
int asking_run(const struct args *a, const char *leaf, int (*print)(struct str answer, bool json));

#endif
