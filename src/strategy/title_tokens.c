#include "strategy/title_tokens.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/intern.h"
#include "catalogue/catalogue.h"

enum { WORD_MIN = 3, WORD_MAX = 32, YEAR_STEP = 4, YEAR_FIRST = 1900 };

struct making {
    const struct strategy_title *titles;
    const struct credit_list *credits; /* of each title; NULL: its own */
    const int16_t *year;
    struct str usual_country, usual_language;
    const struct title_tokens *known; /* NULL: every token is new */
    uint32_t n_known;
    struct intern *names; /* of new ones, from n_known on */
    uint8_t *group;       /* per token */
    uint32_t *rows_with, *last_row;
    uint32_t cap_tokens;
    uint32_t *row, *col; /* triples */
    float *value;
    size_t n, cap;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for the words of titles");
}

static int grow_tokens(struct making *m, uint32_t token)
{
    if (token < m->cap_tokens)
        return 0;
    uint32_t cap = m->cap_tokens ? 2 * m->cap_tokens : 4096;
    while (cap <= token)
        cap *= 2;
    uint8_t *group = realloc(m->group, cap);
    if (group)
        m->group = group;
    uint32_t *with = realloc(m->rows_with, cap * sizeof(*with));
    if (with)
        m->rows_with = with;
    uint32_t *last = realloc(m->last_row, cap * sizeof(*last));
    if (last)
        m->last_row = last;
    if (!group || !with || !last)
        return no_memory(m->err);
    memset(with + m->cap_tokens, 0, (cap - m->cap_tokens) * sizeof(*with));
    memset(last + m->cap_tokens, 0xff, (cap - m->cap_tokens) * sizeof(*last));
    m->cap_tokens = cap;
    return 0;
}

static int grow_triples(struct making *m)
{
    if (m->n < m->cap)
        return 0;
    size_t cap = m->cap ? 2 * m->cap : 65536;
    uint32_t *row = realloc(m->row, cap * sizeof(*row));
    if (row)
        m->row = row;
    uint32_t *col = realloc(m->col, cap * sizeof(*col));
    if (col)
        m->col = col;
    float *value = realloc(m->value, cap * sizeof(*value));
    if (value)
        m->value = value;
    if (!row || !col || !value)
        return no_memory(m->err);
    m->cap = cap;
    return 0;
}

static int token_of(struct making *m, struct str key, uint32_t *ret)
{
    *ret = m->known ? intern_find(m->known->names, key) : INTERN_NONE;
    if (*ret != INTERN_NONE)
        return 0;
    int rc = intern_add(m->names, key, ret, NULL, m->err);
    *ret += m->n_known;
    return rc ? rc : grow_tokens(m, *ret);
}

/* A token of `row`; one that is there already counts once. */
static int add(struct making *m, uint32_t row, uint8_t group, struct str text, double value)
{
    char key[TITLE_NAME_MAX + 1];
    uint32_t token;
    if (text.n == 0)
        return 0;
    size_t n = text.n < sizeof(key) - 1 ? text.n : sizeof(key) - 1;
    key[0] = (char)(group + 1);
    memcpy(key + 1, text.p, n);
    int rc = token_of(m, (struct str){key, n + 1}, &token);
    if (rc == 0)
        rc = grow_triples(m);
    if (rc || m->last_row[token] == row)
        return rc;
    m->last_row[token] = row;
    if (!m->known)
        m->rows_with[token]++;
    else if (token >= m->n_known)
        m->rows_with[token] = 1;
    m->group[token] = group;
    m->row[m->n] = row;
    m->col[m->n] = token;
    m->value[m->n++] = (float)value;
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80 ||
           c == '\'';
}

/* The words of a text, in lower case, without the shortest. */
static int add_words(struct making *m, uint32_t row, uint8_t group, struct str text)
{
    char word[WORD_MAX];
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i <= text.n; i++) {
        if (i < text.n && is_letter(text.p[i])) {
            char c = text.p[i];
            if (n < sizeof(word))
                word[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            continue;
        }
        if (n >= WORD_MIN)
            rc = add(m, row, group, (struct str){word, n}, 1);
        n = 0;
    }
    return rc;
}

static int add_genres(struct making *m, uint32_t row, const struct strategy_title *t)
{
    int rc = 0;
    char pair[2 * TITLE_ID_MAX];
    for (uint16_t i = 0; rc == 0 && i < t->n_genres; i++) {
        rc = add(m, row, TOKEN_GENRE, t->genres[i], 1);
        for (uint16_t k = 0; rc == 0 && k < t->n_genres; k++) {
            if (str_cmp(t->genres[i], t->genres[k]) >= 0)
                continue;
            int n = snprintf(pair, sizeof(pair), "%.*s+%.*s", STR_ARG(t->genres[i]),
                             STR_ARG(t->genres[k]));
            if (n > 0 && (size_t)n < sizeof(pair))
                rc = add(m, row, TOKEN_GENRE_PAIR, (struct str){pair, (size_t)n}, 0.7);
        }
    }
    return rc;
}

/* Between two marks four years apart, so that neighbouring years share what they learn. */
static int add_year(struct making *m, uint32_t row)
{
    char text[16];
    int year = m->year[row] - YEAR_FIRST;
    int mark = year >= 0 ? year / YEAR_STEP : 0;
    double share = year >= 0 ? (double)(year % YEAR_STEP) / YEAR_STEP : 0;
    snprintf(text, sizeof(text), "%d", mark);
    int rc = add(m, row, TOKEN_YEAR, str_of(text), 1 - share);
    snprintf(text, sizeof(text), "%d", mark + 1);
    return rc || share == 0 ? rc : add(m, row, TOKEN_YEAR, str_of(text), share);
}

static int add_people(struct making *m, uint32_t row)
{
    const struct strategy_title *t = &m->titles[row];
    struct credit_list list =
        m->credits ? m->credits[row] : (struct credit_list){t->credits, t->n_credits};
    char text[16];
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < list.n; i++) {
        const struct strategy_credit *c = &list.credit[i];
        if (c->person == ID_NONE)
            continue;
        double w = c->role == ROLE_ACTOR ? 1 / sqrt((double)c->billing) : 1;
        snprintf(text, sizeof(text), "%u", c->person);
        rc = add(m, row, (uint8_t)(TOKEN_ROLE + c->role), str_of(text), w);
        if (rc == 0)
            rc = add(m, row, TOKEN_PERSON, str_of(text), w);
    }
    return rc;
}

/* The series, or what stands before a number, a colon or a Roman numeral at the end of the name. */
static int add_series(struct making *m, uint32_t row, const struct strategy_title *t)
{
    char key[TITLE_NAME_MAX];
    struct str s = t->series.n ? t->series : t->name;
    if (!t->series.n) {
        size_t colon = str_find(s, ':');
        if (colon > 3)
            s.n = colon;
        while (s.n > 1 && (strchr("0123456789 IVX", s.p[s.n - 1]) != NULL) && s.p[s.n - 1])
            s.n--;
    }
    size_t n = name_normalise(s, key, sizeof(key));
    return n < 4 ? 0 : add(m, row, TOKEN_SERIES, (struct str){key, n}, 1);
}

static int add_title(struct making *m, uint32_t row)
{
    const struct strategy_title *t = &m->titles[row];
    struct str country = t->n_countries ? t->countries[0] : m->usual_country;
    int rc = add_genres(m, row, t);
    if (rc == 0)
        rc = add(m, row, TOKEN_COUNTRY, country, 1);
    if (rc == 0)
        rc = add(m, row, TOKEN_LANGUAGE, t->language.n ? t->language : m->usual_language, 1);
    if (rc == 0)
        rc = add(m, row, TOKEN_MATURITY, t->maturity, 1);
    if (rc == 0)
        rc = add(m, row, TOKEN_KIND, str_of(title_kind_name(t->kind)), 1);
    if (rc == 0)
        rc = add_year(m, row);
    for (uint16_t i = 0; rc == 0 && i < t->n_tags; i++) {
        rc = add(m, row, TOKEN_TAG, t->tags[i], 1);
        if (rc == 0)
            rc = add_words(m, row, TOKEN_WORD, t->tags[i]);
    }
    if (rc == 0)
        rc = add_words(m, row, TOKEN_WORD, t->description);
    if (rc == 0 && t->described)
        rc = add_words(m, row, TOKEN_TITLE_WORD, t->name);
    if (rc == 0 && t->described)
        rc = add_series(m, row, t);
    return rc ? rc : add_people(m, row);
}

/* --- what is most usual, where nothing is said --- */

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

static float median_of(float *v, uint32_t n, float otherwise)
{
    if (n == 0)
        return otherwise;
    qsort(v, n, sizeof(*v), by_float);
    return v[n / 2];
}

static struct str said_by(const struct strategy_title *t, bool language)
{
    return language ? t->language : t->n_countries ? t->countries[0] : STR_NONE;
}

/* The text that most titles say; of several, the one said first. */
static int most_usual(const struct strategy_data *d, bool language, struct str *ret,
                      struct mq_error *err)
{
    uint32_t *said = calloc((size_t)d->n_titles + 1, sizeof(*said));
    struct intern *texts = NULL;
    uint32_t best = 0;
    int rc = said ? intern_new(&texts, err) : no_memory(err);
    *ret = STR_NONE;
    for (uint32_t i = 0; i < d->n_titles && rc == 0; i++) {
        struct str s = said_by(&d->titles[i], language);
        uint32_t id = 0;
        if (s.n == 0)
            continue;
        rc = intern_add(texts, s, &id, NULL, err);
        if (rc == 0)
            said[id]++;
    }
    for (uint32_t id = 1; rc == 0 && id < intern_count(texts); id++)
        best = said[id] > said[best] ? id : best;
    for (uint32_t i = 0; i < d->n_titles && rc == 0 && ret->n == 0; i++) {
        struct str s = said_by(&d->titles[i], language);
        if (str_eq(s, intern_name(texts, best)))
            *ret = s; /* the titles' own text outlives the table */
    }
    intern_free(texts);
    free(said);
    return rc;
}

static int fill_usual(const struct strategy_data *d, struct title_tokens *out, struct mq_error *err)
{
    uint32_t rows = d->n_titles;
    out->year = calloc(rows + 1, sizeof(*out->year));
    out->runtime = calloc(rows + 1, sizeof(*out->runtime));
    float *v = calloc(rows + 1, sizeof(*v));
    if (!out->year || !out->runtime || !v) {
        free(v);
        return no_memory(err);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < rows; i++)
        if (d->titles[i].runtime_min)
            v[n++] = d->titles[i].runtime_min;
    out->usual_runtime = median_of(v, n, 100);
    n = 0;
    for (uint32_t i = 0; i < rows; i++)
        if (d->titles[i].year)
            v[n++] = d->titles[i].year;
    out->usual_year = (int16_t)median_of(v, n, 2000);
    for (uint32_t i = 0; i < rows; i++) {
        const struct strategy_title *t = &d->titles[i];
        out->year[i] = t->year ? t->year : out->usual_year;
        out->runtime[i] = t->runtime_min ? (float)t->runtime_min : out->usual_runtime;
    }
    free(v);
    int rc = most_usual(d, false, &out->usual_country, err);
    return rc ? rc : most_usual(d, true, &out->usual_language, err);
}

/* --- blocks of length 1 --- */

static bool is_block(uint8_t group)
{
    return group >= TOKEN_WORD && group != TOKEN_SERIES;
}

float token_likeness(uint8_t group)
{
    switch (group) {
    case TOKEN_GENRE_PAIR:
    case TOKEN_COUNTRY:
    case TOKEN_LANGUAGE:
    case TOKEN_MATURITY:
        return 0.5F;
    case TOKEN_YEAR:
        return 0.7F;
    case TOKEN_WORD:
    case TOKEN_TITLE_WORD:
        return 0.15F; /* rarity is in the value already */
    default:
        return group >= TOKEN_ROLE ? 0.7F : 1.0F;
    }
}

static float rarity(uint32_t rows, uint32_t with)
{
    return (float)log((double)(rows + 1) / (with + 1));
}

/* Rare tokens go (nothing is to be learnt from them), words count by rarity among `rows` titles, and each block has length 1. What
 * is new beside known tokens goes as well; unknown (NULL without): how long it was. */
static void weigh(struct making *m, uint32_t rows, float *unknown)
{
    double length[TOKEN_GROUPS];
    size_t kept = 0;
    for (size_t from = 0; from < m->n;) {
        size_t to = from;
        memset(length, 0, sizeof(length));
        for (; to < m->n && m->row[to] == m->row[from]; to++) {
            uint32_t token = m->col[to];
            uint8_t g = m->group[token];
            if (g == TOKEN_WORD || g == TOKEN_TAG || g == TOKEN_TITLE_WORD)
                m->value[to] *= rarity(rows, m->rows_with[token]);
            length[g] += (double)m->value[to] * (double)m->value[to];
        }
        for (; from < to; from++) {
            uint32_t token = m->col[from];
            uint8_t g = m->group[token];
            bool rare = m->rows_with[token] < 2 && g >= TOKEN_WORD;
            if (rare || m->value[from] == 0)
                continue;
            double by = is_block(g) && length[g] > 0 ? sqrt(length[g]) : 1;
            float value = (float)((double)m->value[from] / by);
            if (m->known && token >= m->n_known) {
                float v = value * rarity(rows, m->rows_with[token]) * token_likeness(g);
                unknown[m->row[from]] += v * v;
                continue;
            }
            m->row[kept] = m->row[from];
            m->col[kept] = token;
            m->value[kept++] = value;
        }
    }
    m->n = kept;
}

static void making_release(struct making *m)
{
    intern_free(m->names);
    free(m->group);
    free(m->rows_with);
    free(m->last_row);
    free(m->row);
    free(m->col);
    free(m->value);
}

static int take(struct making *m, uint32_t rows, struct title_tokens *out)
{
    uint32_t tokens = intern_count(m->names);
    weigh(m, rows, NULL);
    int rc = csr_from_triples(rows, tokens, m->row, m->col, m->value, m->n, &out->x, m->err);
    if (rc == 0)
        rc = csr_transpose(&out->x, &out->by_column, m->err);
    if (rc)
        return rc;
    out->idf = calloc((size_t)tokens + 1, sizeof(float));
    if (!out->idf)
        return no_memory(m->err);
    for (uint32_t t = 0; t < tokens; t++)
        out->idf[t] = rarity(rows, m->rows_with[t]);
    out->names = m->names;
    out->group = m->group;
    out->rows_with = m->rows_with;
    m->names = NULL;
    m->group = NULL;
    m->rows_with = NULL;
    return 0;
}

int title_tokens_make(const struct strategy_data *d, const struct credit_source *credits,
                      struct title_tokens *ret, struct mq_error *err)
{
    uint32_t rows = d->n_titles;
    *ret = (struct title_tokens){0};
    struct credit_list *lists = calloc((size_t)rows + 1, sizeof(*lists));
    struct making m = {.titles = d->titles, .credits = lists, .err = err};
    int rc = lists ? fill_usual(d, ret, err) : no_memory(err);
    if (rc == 0)
        rc = intern_new(&m.names, err);
    m.year = ret->year;
    m.usual_country = ret->usual_country;
    m.usual_language = ret->usual_language;
    for (uint32_t row = 0; rc == 0 && row < rows; row++) {
        lists[row] = credits_of(d, credits, row);
        if (d->titles[row].id.n)
            rc = add_title(&m, row);
    }
    if (rc == 0)
        rc = take(&m, rows, ret);
    making_release(&m);
    free(lists);
    if (rc)
        title_tokens_release(ret);
    return rc;
}

void title_tokens_release(struct title_tokens *t)
{
    csr_release(&t->x);
    csr_release(&t->by_column);
    intern_free(t->names);
    free(t->group);
    free(t->rows_with);
    free(t->idf);
    free(t->year);
    free(t->runtime);
    *t = (struct title_tokens){0};
}

struct seen_title title_seen(const struct strategy_data *d, const struct title_tokens *t,
                             const struct credit_source *credits, uint32_t row)
{
    return (struct seen_title){.title = &d->titles[row],
                               .tokens = csr_row(&t->x, row),
                               .credits = credits_of(d, credits, row),
                               .year = t->year[row],
                               .runtime = t->runtime[row],
                               .row = row};
}

/* --- titles that do not exist yet --- */

static int begin(struct making *m, const struct title_tokens *known)
{
    m->known = known;
    m->n_known = known->x.cols;
    int rc = grow_tokens(m, m->n_known);
    if (rc)
        return rc;
    memcpy(m->group, known->group, m->n_known * sizeof(*m->group));
    memcpy(m->rows_with, known->rows_with, m->n_known * sizeof(*m->rows_with));
    return intern_new(&m->names, m->err);
}

int concept_tokens_make(const struct title_tokens *known, const struct title *concepts, uint32_t n,
                        struct arena *arena, struct concept_tokens *ret, struct mq_error *err)
{
    struct concept_tokens c = {.titles = ARENA_ARRAY(arena, (size_t)n + 1, struct strategy_title),
                               .year = calloc((size_t)n + 1, sizeof(*c.year)),
                               .runtime = calloc(2 * (size_t)n + 1, sizeof(*c.runtime)),
                               .n = n};
    struct making m = {.titles = c.titles,
                       .year = c.year,
                       .usual_country = known->usual_country,
                       .usual_language = known->usual_language,
                       .err = err};
    int rc = c.titles && c.year && c.runtime ? begin(&m, known) : no_memory(err);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct strategy_title *t = &c.titles[i];
        rc = strategy_title_of(&concepts[i], arena, t, err);
        c.year[i] = t->year ? t->year : known->usual_year;
        c.runtime[i] = t->runtime_min ? (float)t->runtime_min : known->usual_runtime;
        if (rc == 0)
            rc = add_title(&m, i);
    }
    c.unknown = c.runtime + n;
    if (rc == 0) {
        weigh(&m, known->x.rows, c.unknown);
        rc = csr_from_triples(n, m.n_known, m.row, m.col, m.value, m.n, &c.x, err);
    }
    making_release(&m);
    if (rc)
        concept_tokens_release(&c);
    else
        *ret = c;
    return rc;
}

void concept_tokens_release(struct concept_tokens *c)
{
    csr_release(&c->x);
    free(c->year);
    free(c->runtime);
    *c = (struct concept_tokens){0};
}

struct seen_title concept_seen(const struct concept_tokens *c, uint32_t i)
{
    const struct strategy_title *t = &c->titles[i];
    return (struct seen_title){.title = t,
                               .tokens = csr_row(&c->x, i),
                               .credits = {t->credits, t->n_credits},
                               .year = c->year[i],
                               .runtime = c->runtime[i],
                               .unknown = c->unknown[i],
                               .row = ID_NONE};
}
