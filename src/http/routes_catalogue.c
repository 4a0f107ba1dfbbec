/* routes_catalogue.c - the catalogue for whoever looks: lists and searches of titles, people and genres. */
#include "engine/catalogue_search.h"
#include "http/call.h"
#include "http/image_hosts.h"

enum { LISTED_USUAL = 50, LISTED_MAX = 1000, PEOPLE_TITLES = 50, SEARCH_MAX = 1024 };

struct page {
    struct str words;
    uint64_t from, limit;
};

static int take_page(const struct call *c, struct page *ret, struct mq_error *err)
{
    const char *words = call_parameter(c, "q");
    *ret =
        (struct page){.words = words ? str_trim(str_of(words)) : STR_NONE, .limit = LISTED_USUAL};
    if (ret->words.n > SEARCH_MAX)
        return mq_fail(err, MQ_INVALID, "q: %zu bytes: at most %d are searched for", ret->words.n,
                       SEARCH_MAX);
    int rc = call_unsigned(c, "limit", LISTED_MAX, &ret->limit, err);
    return rc ? rc : call_unsigned(c, "from", UINT32_MAX, &ret->from, err);
}

static void write_title(struct json *j, const struct catalogue *c, uint32_t row)
{
    const struct title_row *t = &c->titles[row];
    json_object(j);
    json_kv_str(j, "title", t->id);
    json_kv_str(j, "name", t->name);
    if (t->year)
        json_kv_i64(j, "year", t->year);
    if (t->kind != TITLE_UNKNOWN)
        json_kv_z(j, "kind", title_kind_name((enum title_kind)t->kind));
    if (t->runtime_min)
        json_kv_u64(j, "runtime_min", t->runtime_min);
    json_key(j, STR("genres"));
    json_array(j);
    for (uint32_t g = 0; g < c->n_genres; g++) {
        if (t->genres >> g & 1)
            json_str(j, c->genres[g]);
    }
    json_array_end(j);
    json_object_end(j);
}

/* {of, next}: how many there are, and where the next page begins. */
static void write_rest(struct json *j, const struct page *p, size_t n)
{
    json_kv_u64(j, "of", n);
    if (p->from + p->limit < n)
        json_kv_u64(j, "next", p->from + p->limit);
    else
        json_kv_null(j, "next");
}

int route_titles_facts(struct call *c, struct mq_error *err)
{
    struct body_field titles = {.name = "titles", .type = BODY_TEXTS};
    int rc = body_fields_read(c->q->body, c->arena, &titles, 1, err);
    if (rc)
        return rc;
    if (!titles.given || titles.n_texts > LISTED_MAX)
        return mq_fail(err, MQ_INVALID, "titles: %zu: send {\"titles\": [id, ...]}, at most %d",
                       titles.n_texts, LISTED_MAX);
    const struct catalogue *all = engine_catalogue(c->w->reader);
    json_object(&c->j);
    json_key(&c->j, STR("titles"));
    json_array(&c->j);
    for (size_t i = 0; i < titles.n_texts; i++) {
        struct title_id t = engine_find_title(c->engine, all, str_of(titles.texts[i]));
        if (t.v != ID_NONE)
            write_title(&c->j, all, t.v);
    }
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}

/* Pictures of titles, as far as the operator allows their hosts. */
int route_titles_images(struct call *c, struct mq_error *err)
{
    struct body_field titles = {.name = "titles", .type = BODY_TEXTS};
    const struct image_hosts *hosts = c->w->api->images;
    int rc = body_fields_read(c->q->body, c->arena, &titles, 1, err);
    if (rc)
        return rc;
    if (!titles.given || titles.n_texts > LISTED_MAX)
        return mq_fail(err, MQ_INVALID, "titles: %zu: send {\"titles\": [id, ...]}, at most %d",
                       titles.n_texts, LISTED_MAX);
    json_object(&c->j);
    json_key(&c->j, STR("images"));
    json_array(&c->j);
    for (size_t i = 0; hosts && hosts->n > 0 && i < titles.n_texts; i++) {
        struct title t;
        rc = engine_get_title(c->engine, str_of(titles.texts[i]), c->arena, &t, err);
        if (rc == MQ_NOT_FOUND)
            continue;
        if (rc)
            return rc;
        if (!image_hosts_allow(hosts, t.image))
            continue;
        json_object(&c->j);
        json_kv_z(&c->j, "title", titles.texts[i]);
        json_kv_str(&c->j, "image", t.image);
        json_object_end(&c->j);
    }
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}

static void write_person(struct json *j, const struct catalogue *c, uint32_t row)
{
    const struct person_row *p = &c->people[row];
    unsigned roles = 0;
    for (uint32_t i = 0; i < p->n_titles; i++)
        roles |= c->person_roles[p->first_title + i];
    json_object(j);
    json_kv_str(j, "name", p->name);
    json_key(j, STR("roles"));
    json_array(j);
    for (unsigned r = 0; r < ROLES; r++) {
        if (roles >> r & 1)
            json_str(j, str_of(role_name((enum role)r)));
    }
    json_array_end(j);
    json_kv_u64(j, "of", p->n_titles);
    json_key(j, STR("titles"));
    json_array(j);
    for (uint32_t i = 0; i < p->n_titles && i < PEOPLE_TITLES; i++)
        write_title(j, c, c->person_titles[p->first_title + i].v);
    json_array_end(j);
    json_object_end(j);
}

/* One kind of what is listed. */
struct listed {
    const char *key;
    int (*search)(const struct catalogue *c, struct str words, struct arena *arena, uint32_t **ret,
                  size_t *ret_n, struct mq_error *err);
    void (*write)(struct json *j, const struct catalogue *c, uint32_t row);
};

static int list_found(struct call *c, const struct listed *l, struct mq_error *err)
{
    struct page p;
    uint32_t *rows;
    size_t n;
    int rc = take_page(c, &p, err);
    if (rc)
        return rc;
    const struct catalogue *all = engine_catalogue(c->w->reader);
    rc = l->search(all, p.words, c->arena, &rows, &n, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, str_of(l->key));
    json_array(&c->j);
    for (uint64_t i = p.from; i < n && i < p.from + p.limit; i++)
        l->write(&c->j, all, rows[i]);
    json_array_end(&c->j);
    write_rest(&c->j, &p, n);
    json_object_end(&c->j);
    return 0;
}

int route_titles(struct call *c, struct mq_error *err)
{
    return list_found(c, &(struct listed){"titles", catalogue_search_titles, write_title}, err);
}

int route_people(struct call *c, struct mq_error *err)
{
    return list_found(c, &(struct listed){"people", catalogue_search_people, write_person}, err);
}

int route_genres(struct call *c, struct mq_error *err)
{
    uint64_t titles[CATALOGUE_GENRES_MAX] = {0};
    (void)err;
    const struct catalogue *all = engine_catalogue(c->w->reader);
    for (uint32_t i = 0; i < all->n_titles; i++) {
        for (uint32_t g = 0; g < all->n_genres; g++)
            titles[g] += all->titles[i].genres >> g & 1;
    }
    json_object(&c->j);
    json_key(&c->j, STR("genres"));
    json_array(&c->j);
    for (uint32_t g = 0; g < all->n_genres; g++) {
        json_object(&c->j);
        json_kv_str(&c->j, "name", all->genres[g]);
        json_kv_u64(&c->j, "titles", titles[g]);
        json_object_end(&c->j);
    }
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}

/* Fewer would tell of single viewers. */
enum { CHOICES_LEAST = 5 };

static void write_part(struct json *j, const char *key, const char *name, uint64_t choices)
{
    if (choices < CHOICES_LEAST)
        return;
    json_object(j);
    json_kv_z(j, key, name);
    json_kv_u64(j, "choices", choices);
    json_object_end(j);
}

int route_title_choices(struct call *c, struct mq_error *err)
{
    struct trend_history h;
    int rc = engine_title_choices(c->w->reader, str_of(c->value[0]), &h, err);
    if (rc)
        return rc;
    struct json *j = &c->j;
    json_object(j);
    json_kv_z(j, "title", c->value[0]);
    json_kv_u64(j, "older", h.older);
    json_key(j, STR("weeks"));
    json_array(j);
    for (int age = TREND_HISTORY_WEEKS - 1; age >= 0 && h.newest_ms != 0; age--) {
        json_object(j);
        json_kv_time(j, "from", h.newest_ms - age * INT64_C(604800000));
        json_kv_u64(j, "choices", h.weeks[age]);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, STR("dayparts"));
    json_array(j);
    for (int i = DAYPART_NONE + 1; i < DAYPARTS; i++)
        write_part(j, "daypart", daypart_name((enum daypart)i), h.dayparts[i]);
    json_array_end(j);
    json_key(j, STR("devices"));
    json_array(j);
    for (int i = DEVICE_NONE + 1; i < DEVICES; i++)
        write_part(j, "device", device_name((enum device)i), h.devices[i]);
    json_array_end(j);
    json_object_end(j);
    return 0;
}
