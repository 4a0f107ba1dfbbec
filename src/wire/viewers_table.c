#include "wire/viewers_table.h"

#include <stdio.h>

#include "base/hash.h"
#include "event/attributes.h"
#include "wire/countries.h"
#include "wire/list_text.h"
#include "wire/table.h"

enum column {
    C_ID,
    C_AGE,
    C_AGE_BAND,
    C_GENDER,
    C_COUNTRY,
    C_REGION,
    C_PLAN,
    C_LANGUAGE,
    C_OCCUPATION,
    C_KIDS,
    C_SIGNUP,
    COLUMNS
};

static const char *const names[COLUMNS][6] = {
    [C_ID] = {"viewer", "viewer_id", "user_id", "user", "id", NULL},
    [C_AGE] = {"age", NULL},
    [C_AGE_BAND] = {"age_band", NULL},
    [C_GENDER] = {"gender", "sex", NULL},
    [C_COUNTRY] = {"country", NULL},
    [C_REGION] = {"region", "state", NULL},
    [C_PLAN] = {"plan", "subscription", NULL},
    [C_LANGUAGE] = {"language", NULL},
    [C_OCCUPATION] = {"occupation", NULL},
    [C_KIDS] = {"kids", NULL},
    [C_SIGNUP] = {"signup", "signup_date", "created", "created_at", NULL},
};

/* Of MovieLens 1M, by number. */
static const char *const occupations[] = {
    "other",       "educator",  "artist", "clerical",  "college student", "service",
    "health care", "executive", "farmer", "homemaker", "K-12 student",    "lawyer",
    "programmer",  "retired",   "sales",  "scientist", "self-employed",   "engineer",
    "tradesman",   "none",      "writer",
};

struct reading {
    struct table *table;
    struct table_row row;
    int column[COLUMNS];
    bool numbered; /* occupations are MovieLens 1M's */
    const struct viewers_options *options;
};

static struct str field(const struct reading *r, enum column c)
{
    int at = r->column[c];
    if (at < 0 || (size_t)at >= r->row.n)
        return STR_NONE;
    struct str s = str_trim(r->row.field[at]);
    return text_is_nothing(s) ? STR_NONE : s;
}

static int take_text(const struct reading *r, enum column c, enum attribute a,
                     struct attributes *ret, struct mq_error *err)
{
    struct str s = field(r, c);
    if (s.n == 0)
        return 0;
    if (!attribute_value_ok(s))
        return mq_fail(err, MQ_INVALID,
                       "%s: \"%.*s\": at most %d bytes, none of them & or =", attribute_name(a),
                       STR_ARG(s), ATTRIBUTE_VALUE_MAX);
    ret->value[a] = s;
    return 0;
}

static int take_age(const struct reading *r, struct attributes *ret, struct mq_error *err)
{
    struct str s = field(r, C_AGE);
    uint64_t years;
    if (s.n == 0)
        return take_text(r, C_AGE_BAND, ATTRIBUTE_AGE_BAND, ret, err);
    if (!str_to_u64(s, &years) || years > 150)
        return mq_fail(err, MQ_INVALID, "age: \"%.*s\": give years from 0 to 150, or nothing",
                       STR_ARG(s));
    ret->value[ATTRIBUTE_AGE_BAND] = str_of(age_band_of((unsigned)years));
    return 0;
}

static int take_country(const struct reading *r, char text[3], struct attributes *ret,
                        struct mq_error *err)
{
    struct str s = field(r, C_COUNTRY);
    country_code code;
    if (s.n == 0)
        return 0;
    if (!country_find(s, &code))
        return mq_fail(err, MQ_INVALID, "country: \"%.*s\": is unknown: give ISO 3166's letters",
                       STR_ARG(s));
    country_text(code, text);
    ret->value[ATTRIBUTE_COUNTRY] = (struct str){text, 2};
    return 0;
}

static void name_occupation(const struct reading *r, struct attributes *ret)
{
    uint64_t n;
    struct str *s = &ret->value[ATTRIBUTE_OCCUPATION];
    if (r->numbered && s->n > 0 && str_to_u64(*s, &n) &&
        n < sizeof(occupations) / sizeof(occupations[0]))
        *s = str_of(occupations[n]);
}

static int read_attributes(const struct reading *r, struct buf *out, struct mq_error *err)
{
    static const struct {
        enum column c;
        enum attribute a;
    } texts[] = {
        {C_GENDER, ATTRIBUTE_GENDER},
        {C_REGION, ATTRIBUTE_REGION},
        {C_PLAN, ATTRIBUTE_PLAN},
        {C_LANGUAGE, ATTRIBUTE_LANGUAGE},
        {C_OCCUPATION, ATTRIBUTE_OCCUPATION},
        {C_KIDS, ATTRIBUTE_KIDS},
        {C_SIGNUP, ATTRIBUTE_SIGNUP},
    };
    struct attributes a = {0};
    char country[3];
    int rc = take_age(r, &a, err);
    if (rc == 0)
        rc = take_country(r, country, &a, err);
    for (size_t i = 0; rc == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
        rc = take_text(r, texts[i].c, texts[i].a, &a, err);
    if (rc)
        return rc;
    name_occupation(r, &a);
    attributes_write(&a, out);
    return 0;
}

static int read_row(const struct reading *r, const struct viewers_sink *sink, bool *ret_taken,
                    struct mq_error *why, struct mq_error *err)
{
    char text[ATTRIBUTES_TEXT_MAX], id[48];
    struct buf b;
    struct event e;
    event_init(&e);
    buf_over(&b, text, sizeof(text));
    e.kind = EVENT_IDENTIFY;
    e.source = STR("import");
    e.archived = true;
    e.at_ms = r->options->at_ms;
    if (r->column[C_ID] >= 0 && (size_t)r->column[C_ID] < r->row.n)
        e.viewer = r->row.field[r->column[C_ID]];
    int rc = read_attributes(r, &b, why);
    e.attributes = buf_str(&b);
    if (rc == 0)
        rc = event_check(&e, e.at_ms, why);
    *ret_taken = rc == 0;
    if (rc)
        return 0;
    uint64_t seed = hash_str(e.viewer, 0);
    int n = snprintf(id, sizeof(id), "attributes-%016llx",
                     (unsigned long long)hash_str(e.attributes, seed));
    e.id = (struct str){id, (size_t)n};
    return sink->event(sink->ctx, &e, r->row.line, err);
}

static int read_rows(struct reading *r, const struct viewers_sink *sink, struct mq_error *err)
{
    struct mq_error why;
    int rc;
    while ((rc = table_next(r->table, &r->row, &why)) != 0) {
        bool taken = false;
        if (rc != 1 && rc != MQ_INVALID)
            return mq_fail(err, why.status, "%s", why.text);
        if (rc == 1 && (rc = read_row(r, sink, &taken, &why, err)) != 0)
            return rc;
        struct bad_row bad = {table_name(r->table), r->row.line, r->row.raw, &why};
        if (!taken && (rc = sink->bad(sink->ctx, &bad, err)) != 0)
            return rc;
    }
    return 0;
}

static int find_columns(struct reading *r, struct mq_error *err)
{
    const char *separator = table_separator(r->table);
    bool big = strcmp(separator, "::") == 0;
    for (int c = 0; c < COLUMNS; c++)
        r->column[c] = table_column_of(r->table, names[c]);
    if (r->options->id)
        r->column[C_ID] = table_column(r->table, r->options->id);
    if (table_header(r->table).n == 0 && table_width(r->table) == 5 &&
        (big || strcmp(separator, "|") == 0)) {
        r->column[C_ID] = 0;
        r->column[C_AGE] = big ? 2 : 1;
        r->column[C_GENDER] = big ? 1 : 2;
        r->column[C_OCCUPATION] = 3;
        r->numbered = big;
    }
    if (r->column[C_ID] >= 0)
        return 0;
    return mq_fail(err, MQ_INVALID, "%s: no id column: name it with --id, or viewer, user_id or id",
                   table_name(r->table));
}

int viewers_table_read(const char *name, struct str bytes, const struct viewers_options *options,
                       const struct viewers_sink *sink, struct mq_error *err)
{
    struct reading r = {.options = options};
    int rc = table_over(&r.table, name, bytes, NULL, err);
    if (rc)
        return rc;
    rc = find_columns(&r, err);
    if (rc == 0)
        rc = read_rows(&r, sink, err);
    table_free(r.table);
    return rc;
}
