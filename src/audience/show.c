#include "audience/show.h"

#include <math.h>
#include <stdlib.h>

#include "audience/floor.h"
#include "audience/overlap.h"
#include "math/bits.h"

/* Items have one number each: titles, then people by role, genres, countries, devices, dayparts. */
struct ranges {
    uint32_t people, genres, countries, devices, dayparts, end;
};

enum { COUNTRIES = 26 * 26 };

struct item {
    struct association_sums sums;
    uint32_t both, viewers;
};

struct job {
    const struct audience_world *world;
    const struct strata *strata;
    const struct show_question *question;
    struct ranges at;
    struct item *items;        /* (at.end) */
    uint32_t *in, *out, *seen; /* (at.end) of one stratum; seen: the last viewer, plus one */
    uint32_t *touched;         /* (at.end) */
    uint32_t n_touched;
    uint8_t *person_titles; /* (people x roles) liked by somebody; stops at 255 */
    uint64_t *own;          /* bit per title: the audience's */
    uint64_t *bits;         /* by rank */
    uint32_t size;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
}

static void job_release(struct job *j)
{
    free(j->items);
    free(j->in);
    free(j->out);
    free(j->seen);
    free(j->touched);
    free(j->person_titles);
    free(j->own);
    free(j->bits);
}

static int job_init(struct job *j)
{
    const struct catalogue *c = j->world->catalogue;
    uint32_t titles =
        c->n_titles > j->world->sets->n_titles ? c->n_titles : j->world->sets->n_titles;
    uint64_t end = (uint64_t)titles + (uint64_t)c->n_people * ROLES + CATALOGUE_GENRES_MAX +
                   COUNTRIES + DEVICES + DAYPARTS;
    if (end > UINT32_MAX / 2)
        return mq_fail(j->err, MQ_TOO_LARGE, "audience: %llu items: the catalogue is too large",
                       (unsigned long long)end);
    j->at.people = titles;
    j->at.genres = titles + c->n_people * ROLES;
    j->at.countries = j->at.genres + CATALOGUE_GENRES_MAX;
    j->at.devices = j->at.countries + COUNTRIES;
    j->at.dayparts = j->at.devices + DEVICES;
    j->at.end = (uint32_t)end;
    j->items = calloc(end, sizeof(*j->items));
    j->in = calloc(end, sizeof(*j->in));
    j->out = calloc(end, sizeof(*j->out));
    j->seen = calloc(end, sizeof(*j->seen));
    j->touched = calloc(end, sizeof(*j->touched));
    j->person_titles = calloc((size_t)c->n_people * ROLES + 1, 1);
    j->own = calloc(bits_words(titles) + 1, sizeof(*j->own));
    j->bits = calloc(bits_words(j->strata->n) + 1, sizeof(*j->bits));
    bool ok = j->items && j->in && j->out && j->seen && j->touched && j->person_titles && j->own &&
              j->bits;
    return ok ? 0 : no_memory(j->err);
}

/* ---------------------------------------------------------------- counting */

static void touch(struct job *j, uint32_t item, uint32_t rank, bool inside)
{
    if (j->seen[item] == rank + 1)
        return;
    j->seen[item] = rank + 1;
    if (j->in[item] == 0 && j->out[item] == 0)
        j->touched[j->n_touched++] = item;
    *(inside ? &j->in[item] : &j->out[item]) += 1;
}

static void count_title(struct job *j, uint32_t title, uint32_t rank, bool inside)
{
    const struct catalogue *c = j->world->catalogue;
    if (bits_get(j->own, title))
        return;
    touch(j, title, rank, inside);
    if (title >= c->n_titles)
        return;
    const struct title_row *t = &c->titles[title];
    for (uint32_t i = 0; i < t->n_credits; i++) {
        const struct credit_row *k = &c->credits[t->first_credit + i];
        touch(j, j->at.people + k->person.v * ROLES + k->role, rank, inside);
    }
    for (uint64_t g = t->genres; g; g &= g - 1)
        touch(j, j->at.genres + (uint32_t)__builtin_ctzll(g), rank, inside);
}

static void count_viewer(struct job *j, uint32_t rank)
{
    const struct set_viewer *p = j->world->sets->viewers[j->strata->viewer[rank]];
    bool inside = bits_get(j->bits, rank);
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->entries[i].signals >> AUDIENCE_LIKED & 1)
            count_title(j, p->entries[i].title, rank, inside);
    }
    int high = p->country >> 8;
    int low = p->country & 0xff;
    if (high >= 'A' && high <= 'Z' && low >= 'A' && low <= 'Z')
        touch(j, j->at.countries + (uint32_t)((high - 'A') * 26 + low - 'A'), rank, inside);
    for (uint32_t d = DEVICE_NONE + 1; d < DEVICES; d++) {
        if (p->devices >> (d - 1) & 1)
            touch(j, j->at.devices + d, rank, inside);
    }
    for (uint32_t d = DAYPART_NONE + 1; d < DAYPARTS; d++) {
        if (p->dayparts >> d & 1)
            touch(j, j->at.dayparts + d, rank, inside);
    }
}

static void count_stratum(struct job *j, uint32_t k)
{
    uint32_t from = j->strata->first[k];
    uint32_t to = j->strata->first[k + 1];
    uint32_t size = bits_count(j->bits, from, to);
    for (uint32_t r = from; r < to; r++)
        count_viewer(j, r);
    for (uint32_t i = 0; i < j->n_touched; i++) {
        uint32_t at = j->touched[i];
        struct stratum t = {
            .both = j->in[at], .a = size, .b = j->in[at] + j->out[at], .n = to - from};
        association_add(&j->items[at].sums, &t);
        j->items[at].both += t.both;
        j->items[at].viewers += t.b;
        j->in[at] = j->out[at] = 0;
    }
    j->n_touched = 0;
}

static void count_person_titles(struct job *j)
{
    const struct catalogue *c = j->world->catalogue;
    for (uint32_t t = 0; t < c->n_titles; t++) {
        if (j->items[t].viewers == 0)
            continue;
        for (uint32_t i = 0; i < c->titles[t].n_credits; i++) {
            const struct credit_row *k = &c->credits[c->titles[t].first_credit + i];
            uint8_t *n = &j->person_titles[k->person.v * ROLES + k->role];
            *n = *n < UINT8_MAX ? (uint8_t)(*n + 1) : *n;
        }
    }
}

/* ---------------------------------------------------------------- choosing */

static void finish(const struct job *j, uint32_t item, struct association *ret)
{
    const struct item *x = &j->items[item];
    *ret = (struct association){.both = x->both, .a = j->size, .b = x->viewers, .n = j->strata->n};
    association_finish(&x->sums, ret);
}

static bool may_show(const struct job *j, const struct association *x)
{
    unsigned k = j->question->floor;
    return x->both >= k && x->a - x->both >= k && x->b - x->both >= k &&
           x->n - x->a - x->b + x->both >= k;
}

struct choice {
    double low;
    uint32_t item;
};

static int by_low(const void *x, const void *y)
{
    const struct choice *a = x;
    const struct choice *b = y;
    if (a->low != b->low)
        return a->low > b->low ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

static void name_item(const struct job *j, uint32_t item, struct arena *arena,
                      struct mq_audience_item *ret)
{
    const struct catalogue *c = j->world->catalogue;
    ret->id = NULL;
    ret->role = NULL;
    if (item < j->at.people) {
        ret->id = item < c->n_titles ? c->titles[item].id.p : "";
        ret->name = item < c->n_titles ? c->titles[item].name.p : "";
    } else if (item < j->at.genres) {
        ret->role = role_name((enum role)((item - j->at.people) % ROLES));
        ret->name = c->people[(item - j->at.people) / ROLES].name.p;
    } else if (item < j->at.countries) {
        ret->name = c->genres[item - j->at.genres].p;
    } else if (item < j->at.devices) {
        char *text = arena_alloc(arena, 3);
        uint32_t code = item - j->at.countries;
        if (text)
            country_text((country_code)(('A' + code / 26) << 8 | ('A' + code % 26)), text);
        ret->name = text ? text : "";
    } else if (item < j->at.dayparts) {
        ret->name = device_name((enum device)(item - j->at.devices));
    } else {
        ret->name = daypart_name((enum daypart)(item - j->at.dayparts));
    }
}

static void to_figures(const struct job *j, const struct association *x, struct mq_affinity *ret)
{
    enum { DIGITS = 3 };
    bool round = j->question->floor > 0;
    unsigned k = j->question->floor;
    *ret = affinity_of(x);
    if (!round)
        return;
    ret->viewers = floor_count(ret->viewers, k);
    ret->a = floor_count(ret->a, k);
    ret->b = floor_count(ret->b, k);
    ret->both = floor_count(ret->both, k);
    ret->expected = floor_count(ret->expected, 0);
    double *const figures[] = {
        &ret->lift, &ret->odds_ratio, &ret->odds_ratio_low, &ret->odds_ratio_high, &ret->g2,
        &ret->z,    &ret->p,          &ret->share,          &ret->comparable};
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        *figures[i] = floor_figure(*figures[i], DIGITS);
}

/* The best of [from, to). */
static int choose(const struct job *j, uint32_t from, uint32_t to, struct arena *arena,
                  const struct mq_audience_item **ret, size_t *ret_n)
{
    struct choice *v = calloc((size_t)(to - from) + 1, sizeof(*v));
    struct mq_audience_item *list =
        ARENA_ARRAY(arena, j->question->listed + 1, struct mq_audience_item);
    size_t n = 0;
    if (!v || !list) {
        free(v);
        return no_memory(j->err);
    }
    for (uint32_t i = from; i < to; i++) {
        struct association x;
        bool person = i >= j->at.people && i < j->at.genres;
        if (j->items[i].both == 0 ||
            (person && j->person_titles[i - j->at.people] < SHOW_PERSON_TITLES))
            continue;
        finish(j, i, &x);
        /* What is liked less sets it apart too, but isn't what it likes; of places and times each is told. */
        if (i < j->at.countries && x.odds_ratio <= 1)
            continue;
        if (may_show(j, &x) && !isnan(x.low))
            v[n++] = (struct choice){x.low, i};
    }
    if (n > 0)
        qsort(v, n, sizeof(*v), by_low);
    size_t listed = n < j->question->listed ? n : j->question->listed;
    for (size_t i = 0; i < listed; i++) {
        struct association x;
        finish(j, v[i].item, &x);
        name_item(j, v[i].item, arena, &list[i]);
        to_figures(j, &x, &list[i].figures);
    }
    free(v);
    *ret = list;
    *ret_n = listed;
    return 0;
}

static int lay_out(struct job *j, const struct audience *a, struct arena *arena)
{
    const uint32_t *titles;
    uint32_t n;
    int rc = audience_titles(a, arena, &titles, &n, j->err);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        bits_set(j->own, titles[i]);
    if (rc)
        return rc;
    struct set_reader *reader = calloc(1, sizeof(*reader));
    uint64_t *by_id = calloc(set_bits_words(j->world->sets->n_viewers), sizeof(*by_id));
    rc = reader && by_id ? audience_bits(j->world, a, NULL, reader, by_id, j->err)
                         : no_memory(j->err);
    if (rc == 0) {
        strata_lay_out(j->strata, by_id, j->bits);
        j->size = bits_count(j->bits, 0, j->strata->n);
    }
    if (reader)
        set_reader_release(reader);
    free(reader);
    free(by_id);
    return rc;
}

static double mean_likes(const struct job *j, bool inside)
{
    double sum = 0;
    for (uint32_t r = 0; r < j->strata->n; r++) {
        if (!inside || bits_get(j->bits, r))
            sum += j->world->sets->viewers[j->strata->viewer[r]]->likes;
    }
    uint32_t n = inside ? j->size : j->strata->n;
    return n > 0 ? floor_figure(sum / n, 3) : NAN;
}

static int choose_all(struct job *j, struct arena *arena, struct mq_audience *ret)
{
    const struct ranges *at = &j->at;
    int rc = choose(j, 0, at->people, arena, &ret->titles, &ret->n_titles);
    if (rc == 0)
        rc = choose(j, at->people, at->genres, arena, &ret->people, &ret->n_people);
    if (rc == 0)
        rc = choose(j, at->genres, at->countries, arena, &ret->genres, &ret->n_genres);
    if (rc == 0)
        rc = choose(j, at->countries, at->devices, arena, &ret->countries, &ret->n_countries);
    if (rc == 0)
        rc = choose(j, at->devices, at->dayparts, arena, &ret->devices, &ret->n_devices);
    if (rc == 0)
        rc = choose(j, at->dayparts, at->end, arena, &ret->dayparts, &ret->n_dayparts);
    return rc;
}

int show_audience(const struct audience_world *w, const struct strata *s, const struct audience *a,
                  const struct show_question *q, struct arena *arena, struct mq_audience *ret,
                  struct mq_error *err)
{
    struct job j = {.world = w, .strata = s, .question = q, .err = err};
    *ret = (struct mq_audience){.strata = s->k, .floor = q->floor};
    int rc = job_init(&j);
    if (rc == 0)
        rc = lay_out(&j, a, arena);
    bool shown = rc == 0 && j.size >= q->floor && s->n - j.size >= q->floor;
    if (shown || (rc == 0 && q->floor == 0)) {
        for (uint32_t k = 0; k < s->k; k++)
            count_stratum(&j, k);
        count_person_titles(&j);
        ret->likes = mean_likes(&j, true);
        rc = choose_all(&j, arena, ret);
    } else {
        ret->likes = NAN;
        ret->withheld = rc == 0;
    }
    if (rc == 0) {
        ret->size = ret->withheld ? NAN : q->floor ? floor_count(j.size, q->floor) : j.size;
        ret->viewers = q->floor ? floor_count(s->n, q->floor) : s->n;
        ret->scope_likes = mean_likes(&j, false);
    }
    job_release(&j);
    return rc;
}
