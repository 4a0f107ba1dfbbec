#include "sim/later_titles.h"

#include "base/clock.h"

enum { PEOPLE = 2, TAGS_MAX = 4, KINDS_MAX = 1 + SIM_PLANTED };

struct plan {
    uint8_t takes_up;
    uint32_t maker, actor, pattern;
    struct str theme; /* empty: the pattern's */
};

/* The role in which most titles credit the maker, actors apart; and the best known of these titles. */
static enum role role_of(const struct sim_world *w, uint32_t maker, uint32_t *ret_known)
{
    uint32_t n[ROLES] = {0}, known[ROLES] = {0};
    for (uint32_t t = 0; t < w->n_titles; t++) {
        const struct title *record = &w->titles[t].record;
        for (uint32_t i = 0; i < record->n_credits; i++) {
            uint8_t role = record->credits[i].role;
            if (record->credits[i].person_id.v != maker || role == ROLE_ACTOR)
                continue;
            if (n[role]++ == 0 || w->titles[t].fame > w->titles[known[role]].fame)
                known[role] = t;
        }
    }
    enum role best = ROLE_DIRECTOR;
    for (int r = 0; r < ROLES; r++) {
        if (n[r] > n[best])
            best = (enum role)r;
    }
    *ret_known = n[best] ? known[best] : 0;
    return best;
}

static unsigned plans_of(const struct sim_world *w, struct plan ret[KINDS_MAX])
{
    unsigned n = 0;
    if (w->has_opportunity) {
        const struct sim_opportunity *o = &w->planted_opportunity;
        ret[n] = (struct plan){TAKES_UP_OPPORTUNITY, o->maker, o->actor, 0, o->theme};
        (void)role_of(w, o->maker, &ret[n++].pattern);
    }
    for (int i = 0; i < SIM_PLANTED && w->taste > 0; i++) {
        const struct sim_planted *p = &w->planted[i];
        if (p->a < ID_NONE && p->b < ID_NONE && p->t != ID_NONE)
            ret[n++] = (struct plan){(uint8_t)(TAKES_UP_HABIT + i), p->a, p->b, p->t, {NULL, 0}};
    }
    return n;
}

static int name_it(struct sim_world *w, const struct plan *p, struct title *t, struct mq_error *err)
{
    char text[TITLE_NAME_MAX];
    struct buf b;
    if (p->theme.n == 0) {
        t->name = w->titles[p->pattern].record.name;
        return 0;
    }
    buf_over(&b, text, sizeof(text));
    buf_printf(&b, "Invented %u: %.*s, %.*s", w->n_titles + 1,
               STR_ARG(intern_name(w->people, p->actor)), STR_ARG(p->theme));
    t->name = b.failed ? STR_NONE : arena_str(&w->arena, buf_str(&b));
    return t->name.p ? 0 : mq_fail(err, MQ_NO_MEMORY, "later titles: no memory");
}

static int credit_both(struct sim_world *w, const struct plan *p, struct title *t,
                       struct mq_error *err)
{
    struct credit *credits = ARENA_ARRAY(&w->arena, PEOPLE, struct credit);
    uint32_t known;
    if (!credits)
        return mq_fail(err, MQ_NO_MEMORY, "later titles: no memory");
    int rc = world_credit(w, &credits[0], role_of(w, p->maker, &known), 1,
                          intern_name(w->people, p->maker), err);
    if (rc == 0)
        rc = world_credit(w, &credits[1], ROLE_ACTOR, 1, intern_name(w->people, p->actor), err);
    t->credits = credits;
    t->n_credits = PEOPLE;
    t->has_credits = true;
    return rc;
}

/* The theme first, then what else the pattern is about. */
static int tag_it(struct sim_world *w, const struct plan *p, struct title *t, struct mq_error *err)
{
    const struct title *like = &w->titles[p->pattern].record;
    struct str *tags = ARENA_ARRAY(&w->arena, TAGS_MAX, struct str);
    if (!tags)
        return mq_fail(err, MQ_NO_MEMORY, "later titles: no memory");
    if (p->theme.n > 0)
        tags[t->n_tags++] = p->theme;
    for (uint16_t i = 0; i < like->n_tags && t->n_tags < TAGS_MAX; i++)
        tags[t->n_tags++] = like->tags[i];
    t->tags = tags;
    return 0;
}

static int add(struct sim_world *w, const struct plan *p, int32_t day, struct mq_error *err)
{
    const struct sim_title *like = &w->titles[p->pattern];
    struct sim_title *to = &w->titles[w->n_titles];
    struct title *t = &to->record;
    int64_t year;
    unsigned month, of_month;
    time_civil_from_days(day, &year, &month, &of_month);
    title_init(t);
    to->launch_day = day;
    to->takes_up = p->takes_up;
    to->genres = like->genres;
    to->fame = like->fame;
    t->kind = like->record.kind;
    t->genres = like->record.genres;
    t->n_genres = like->record.n_genres;
    t->countries = like->record.countries;
    t->n_countries = like->record.n_countries;
    t->language = like->record.language;
    t->runtime_min = like->record.runtime_min;
    t->year = (int16_t)year;
    t->release_day = day;
    int rc = name_it(w, p, t, err);
    if (rc == 0)
        rc = tag_it(w, p, t, err);
    if (rc == 0)
        rc = credit_both(w, p, t, err);
    if (rc == 0)
        w->n_titles++;
    return rc;
}

int later_titles_add(struct sim_world *w, struct mq_error *err)
{
    struct plan plans[KINDS_MAX];
    unsigned n = w->later ? plans_of(w, plans) : 0;
    int32_t days = (int32_t)w->settings.days, half = days / 2;
    int32_t room = days - SIM_CAMPAIGN_DAYS - 1 - half;
    if (n == 0)
        w->later = 0;
    for (uint32_t i = 0; i < w->later; i++) {
        int32_t after = w->later > 1 ? (int32_t)((int64_t)room * i / (w->later - 1)) : 0;
        int rc = add(w, &plans[i % n], day_of(w->start_ms) + half + after, err);
        if (rc)
            return rc;
    }
    return 0;
}

const char *later_takes_up(const struct sim_world *w, uint32_t title)
{
    uint8_t what = w->titles[title].takes_up;
    return what == TAKES_UP_OPPORTUNITY ? "opportunity" : w->planted[what - TAKES_UP_HABIT].name;
}
