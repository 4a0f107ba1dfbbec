/* titles_table.h - a table of titles: a header, a row per title, lists joined by "|".
 *
 * Columns, in any order, without regard to case, spaces, '_' and '-':
 *   id            `id` of the options, else the first present of itemId, title_id, movieId, id, tconst; required
 *   name          title, name, primary_title; original_title, original_name
 *   year          year, release_year, start_year;  release_date ("1995-11-22", "22-Nov-1995", "11/22/1995")
 *   kind          kind, type, title_type (a word nobody knows leaves it unknown)
 *   lists         genres, country or countries (ISO codes or names, unknown ones left out), plot_keywords, tags
 *                 or keywords; genres and countries may also be joined by commas
 *   numbers       runtime_min, runtime or runtime_minutes; budget; gross or revenue; season; episode
 *   availability  available_from, available_until (times), available_in (countries; an unknown one makes a bad row): a window
 *   text          language, maturity or age_certification, description or overview, series, image
 * Nothing, "\N", "N/A", "null" say nothing. A number that is none, an empty id, or what title_check refuses
 * makes a bad row. */
#ifndef MQ_WIRE_TITLES_TABLE_H
#define MQ_WIRE_TITLES_TABLE_H

#include "catalogue/title.h"
#include "wire/bad_row.h"
#include "wire/table.h"

struct titles_options {
    const char *id;             /* column, NULL = find it */
    struct table_options table; /* 0: find out */
};

/* Return 0 to go on, see bad_row.h. */
struct titles_sink {
    void *ctx;
    /* `t` lives until the function returns. */
    int (*title)(void *ctx, const struct title *t, uint64_t line, struct mq_error *err);
    bad_row_fn *bad;
};

/* 0 at the end, however many rows were bad. MQ_INVALID: empty, no header, no id column. */
int titles_table_read(const char *name, struct str bytes, const struct titles_options *options,
                      const struct titles_sink *sink, struct mq_error *err);

#endif
