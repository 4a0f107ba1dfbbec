/* write_tables.c - titles.csv and credits.csv: lists joined by "|", fields quoted where they must be. */
#include "base/clock.h"
#include "sim/sim_inside.h"

static void field(struct buf *out, struct str s)
{
    bool plain = true;
    for (size_t i = 0; i < s.n && plain; i++)
        plain = s.p[i] != ',' && s.p[i] != '"' && s.p[i] != '\n' && s.p[i] != '\r';
    if (plain) {
        buf_add_str(out, s);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, s.p[i]);
    }
    buf_add_char(out, '"');
}

static void list(struct buf *out, const struct str *parts, uint16_t n)
{
    char text[1024];
    struct buf joined;
    buf_over(&joined, text, sizeof(text));
    for (uint16_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(&joined, '|');
        buf_add_str(&joined, parts[i]);
    }
    field(out, buf_str(&joined));
}

static void date(struct buf *out, int32_t day)
{
    if (day == TITLE_NO_DATE)
        return;
    int64_t year;
    unsigned month, of_month;
    time_civil_from_days(day, &year, &month, &of_month);
    buf_printf(out, "%04d-%02u-%02u", (int)year, month, of_month);
}

static void title_row(struct buf *out, const struct title *t)
{
    field(out, t->id);
    buf_add_char(out, ',');
    field(out, t->name);
    buf_printf(out, ",%d,%s,", t->year, title_kind_name((enum title_kind)t->kind));
    list(out, t->genres, t->n_genres);
    buf_printf(out, ",%u,", t->runtime_min);
    list(out, t->countries, t->n_countries);
    buf_add_char(out, ',');
    field(out, t->language);
    buf_add_char(out, ',');
    date(out, t->release_day);
    buf_add_char(out, ',');
    list(out, t->tags, t->n_tags);
    buf_add_char(out, '\n');
}

int write_titles(const struct sim *s, const char *dir, struct mq_error *err)
{
    struct world_file f;
    int rc = world_file_open(&f, dir, "titles.csv", err);
    if (rc)
        return rc;
    buf_add_z(&f.out, "id,title,year,kind,genres,runtime_min,country,language,release_date,tags\n");
    for (uint32_t i = 0; i < sim_titles(s) && rc == 0; i++) {
        title_row(&f.out, sim_title(s, i));
        rc = world_file_flush(&f, false, err);
    }
    int closed = world_file_close(&f, rc == 0, err);
    return rc ? rc : closed;
}

int write_credits(const struct sim *s, const char *dir, struct mq_error *err)
{
    struct world_file f;
    int rc = world_file_open(&f, dir, "credits.csv", err);
    if (rc)
        return rc;
    buf_add_z(&f.out, "id,role,billing,person,person_id\n");
    for (uint32_t i = 0; i < sim_titles(s) && rc == 0; i++) {
        const struct title *t = sim_title(s, i);
        for (uint32_t c = 0; c < t->n_credits; c++) {
            const struct credit *credit = &t->credits[c];
            field(&f.out, t->id);
            buf_printf(&f.out, ",%s,%u,", role_name((enum role)credit->role), credit->billing);
            field(&f.out, credit->person);
            buf_add_char(&f.out, ',');
            field(&f.out, credit->person_key);
            buf_add_char(&f.out, '\n');
        }
        rc = world_file_flush(&f, false, err);
    }
    int closed = world_file_close(&f, rc == 0, err);
    return rc ? rc : closed;
}
