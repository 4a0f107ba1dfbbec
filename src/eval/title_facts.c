#include "eval/title_facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "wire/credits_table.h"
#include "wire/titles_table.h"

enum { YEARS = 5, PEOPLE_FIRST = 6 }; /* billed later: hardly seen */

struct reading {
    struct title_facts *facts;
    const struct id_book *book;
};

int title_facts_init(struct title_facts *f, struct mq_error *err)
{
    *f = (struct title_facts){0};
    int rc = 0;
    for (int k = 0; rc == 0 && k < TITLE_FACTS; k++)
        rc = intern_new(&f->names[k], err);
    if (rc)
        title_facts_release(f);
    return rc;
}

void title_facts_release(struct title_facts *f)
{
    for (int k = 0; k < TITLE_FACTS; k++) {
        intern_free(f->names[k]);
        triples_release(&f->has[k]);
    }
    *f = (struct title_facts){0};
}

static int add(struct title_facts *f, enum title_fact kind, uint32_t title, struct str name,
               struct mq_error *err)
{
    uint32_t feature;
    if (name.n == 0)
        return 0;
    int rc = intern_add(f->names[kind], name, &feature, NULL, err);
    return rc ? rc : triples_add(&f->has[kind], title, feature, 1, 0, err);
}

static int add_list(struct title_facts *f, enum title_fact kind, uint32_t title,
                    const struct str *list, size_t n, struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add(f, kind, title, list[i], err);
    return rc;
}

static int take_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    struct reading *r = ctx;
    struct title_facts *f = r->facts;
    uint32_t title = intern_find(r->book->titles, t->id);
    (void)line;
    if (title == INTERN_NONE)
        return 0;
    f->matched++;
    int rc = add_list(f, FACT_GENRES, title, t->genres, t->n_genres, err);
    if (rc == 0)
        rc = add_list(f, FACT_TAGS, title, t->tags, t->n_tags, err);
    if (rc == 0)
        rc = add_list(f, FACT_PLACE, title, t->countries, t->n_countries, err);
    if (rc == 0)
        rc = add(f, FACT_PLACE, title, t->language, err);
    if (rc == 0 && t->year != 0) {
        char year[16];
        snprintf(year, sizeof(year), "%d", t->year / YEARS * YEARS);
        rc = add(f, FACT_YEAR, title, str_of(year), err);
    }
    return rc;
}

static int take_credits(void *ctx, const struct title *t, uint64_t rows, uint64_t line,
                        struct mq_error *err)
{
    struct reading *r = ctx;
    uint32_t title = intern_find(r->book->titles, t->id);
    (void)rows;
    (void)line;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && title != INTERN_NONE && i < t->n_credits; i++) {
        const struct credit *c = &t->credits[i];
        char key[TITLE_NAME_MAX + 16];
        struct str who = c->person_key.n > 0 ? c->person_key : c->person;
        if (c->role == ROLE_PRODUCER || c->billing > PEOPLE_FIRST)
            continue;
        int n = snprintf(key, sizeof(key), "%s:%.*s", role_name((enum role)c->role), STR_ARG(who));
        if (n > 0 && (size_t)n < sizeof(key))
            rc = add(r->facts, FACT_PEOPLE, title, (struct str){key, (size_t)n}, err);
    }
    return rc;
}

static int refuse(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    (void)ctx;
    return bad_row_fail(bad, err);
}

static int open_bytes(const char *path, struct file_map *map, struct mq_error *err)
{
    if (file_is_dir(path))
        return mq_fail(err, MQ_INVALID, "%s: is a folder: give the file itself", path);
    return file_map_open(path, map, err);
}

int title_facts_read_titles(struct title_facts *f, const char *path, const char *id,
                            const struct id_book *book, struct mq_error *err)
{
    struct reading r = {f, book};
    struct titles_sink sink = {.ctx = &r, .title = take_title, .bad = refuse};
    struct titles_options o = {.id = id};
    struct file_map map = {0};
    int rc = open_bytes(path, &map, err);
    if (rc == 0)
        rc = titles_table_read(path, (struct str){map.p, map.n}, &o, &sink, err);
    file_map_close(&map);
    return rc;
}

int title_facts_read_credits(struct title_facts *f, const char *path, const char *id,
                             const struct id_book *book, struct mq_error *err)
{
    struct reading r = {f, book};
    struct credits_sink sink = {.ctx = &r, .credits = take_credits, .bad = refuse};
    struct credits_options o = {.id = id};
    struct file_map map = {0};
    int rc = open_bytes(path, &map, err);
    if (rc == 0)
        rc = credits_read(path, (struct str){map.p, map.n}, &o, &sink, err);
    file_map_close(&map);
    return rc;
}

int title_facts_matrix(const struct title_facts *f, enum title_fact kind, uint32_t n_titles,
                       struct csr *ret, struct mq_error *err)
{
    const struct triples *t = &f->has[kind];
    uint32_t n = intern_count(f->names[kind]);
    uint32_t *titles = calloc((size_t)n + 1, sizeof(*titles));
    struct triples kept = {0};
    uint32_t n_kept = 0;
    int rc = titles ? 0 : mq_fail(err, MQ_NO_MEMORY, "titles: no memory");
    for (size_t i = 0; rc == 0 && i < t->n; i++)
        titles[t->title[i]]++;
    for (uint32_t k = 0; rc == 0 && k < n; k++)
        titles[k] = titles[k] > 1 ? ++n_kept : 0;
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        uint32_t k = titles[t->title[i]];
        if (k > 0)
            rc = triples_add(&kept, t->viewer[i], k - 1, 1, 0, err);
    }
    if (rc == 0)
        rc = triples_to_csr(&kept, n_titles, n_kept, INT64_MIN, INT64_MAX, ret, err);
    triples_release(&kept);
    free(titles);
    return rc;
}
