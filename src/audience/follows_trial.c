#include "audience/follows_trial.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/rng.h"
#include "math/bits.h"
#include "math/bootstrap.h"

enum { LEAST_KNOWN = 3, ARENA_FIRST = 1 << 16 };
static const size_t arena_max = (size_t)4 << 30;

enum group { FOLLOWERS, LIKED_ONE, LIKED_MOST, FOLLOW_OTHER, GROUPS };
static const char *const group_names[GROUPS] = {"followers", "liked one", "liked most, as many",
                                                "follow another"};

/* Of one viewer in one group, over all held-out titles: what estimates are ratios of. */
enum sum { PAIRS, WATCHED, EXPECTED, LIKED, OPINIONS, BEYOND, SUMS };

struct subject {
    uint32_t person, control; /* control: place in subjects, or ID_NONE */
    uint32_t *titles;         /* (n) in the role, ascending */
    uint32_t n;
    uint64_t viewings;
    double genres[CATALOGUE_GENRES_MAX]; /* shares, unit length */
    double year;
};

struct trial {
    const struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const struct follows_question *question;
    struct arena arena;
    struct subject *subjects;
    uint32_t n_subjects;
    uint64_t *without; /* bit per title */
    uint8_t *stratum;  /* (n_viewers) */
    uint64_t *order;   /* (n_viewers) scratch */
    uint32_t *list;    /* (n_viewers) scratch */
    uint8_t *in;       /* (n_viewers) bit per group */
    double *watchers;  /* (n_viewers) 1: watched the title at hand */
    uint32_t in_stratum[TRIAL_STRATA];
    double *sums[GROUPS][SUMS]; /* (n_viewers) each */
    struct follows *follows;    /* of the fold */
    struct mq_follows *ret;
    struct mq_error *err;
};

static uint64_t watchers_of(const struct viewer_sets *s, uint32_t title)
{
    const roaring_bitmap_t *set = viewer_sets_of(s, title, AUDIENCE_WATCHED);
    return set ? roaring_bitmap_get_cardinality(set) : 0;
}

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "follows: no memory");
}

/* ---------------------------------------------------------------- who is judged */

static void describe(const struct trial *x, struct subject *p)
{
    const struct catalogue *c = x->catalogue;
    double length = 0;
    unsigned years = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct title_row *t = &c->titles[p->titles[i]];
        for (uint64_t g = t->genres; g; g &= g - 1)
            p->genres[__builtin_ctzll(g)]++;
        p->year += t->year;
        years += t->year != 0;
    }
    p->year = years > 0 ? p->year / years : 0;
    for (int g = 0; g < CATALOGUE_GENRES_MAX; g++)
        length += p->genres[g] * p->genres[g];
    for (int g = 0; g < CATALOGUE_GENRES_MAX && length > 0; g++)
        p->genres[g] /= sqrt(length);
}

/* Whether they have enough titles. */
static int take_subject(struct trial *x, uint32_t person, struct subject *p, bool *ret)
{
    const struct catalogue *c = x->catalogue;
    const struct person_row *row = &c->people[person];
    uint32_t enough = 0;
    *ret = false;
    *p = (struct subject){.person = person, .control = ID_NONE};
    if (row->n_titles < TRIAL_TITLES)
        return 0;
    p->titles = ARENA_ARRAY(&x->arena, row->n_titles, uint32_t);
    if (!p->titles)
        return no_memory(x->err);
    for (uint32_t i = 0; i < row->n_titles; i++) {
        uint32_t title = c->person_titles[row->first_title + i].v;
        uint64_t n = watchers_of(x->sets, title);
        if (!(c->person_roles[row->first_title + i] & x->question->roles) || n == 0)
            continue;
        p->titles[p->n++] = title;
        p->viewings += n;
        enough += n >= TRIAL_WATCHERS;
    }
    *ret = enough >= TRIAL_TITLES;
    if (*ret)
        describe(x, p);
    return 0;
}

static int by_viewings(const void *a, const void *b)
{
    const struct subject *x = a;
    const struct subject *y = b;
    if (x->viewings != y->viewings)
        return x->viewings > y->viewings ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

/* The nearest in genre, era and size who share no title. */
static void find_control(struct trial *x, struct subject *p)
{
    double best = INFINITY;
    for (uint32_t k = 0; k < x->n_subjects; k++) {
        const struct subject *q = &x->subjects[k];
        bool shared = q == p;
        for (uint32_t i = 0, j = 0; !shared && i < p->n && j < q->n;) {
            shared = p->titles[i] == q->titles[j];
            if (p->titles[i] < q->titles[j])
                i++;
            else
                j++;
        }
        if (shared)
            continue;
        double like = 0;
        for (int g = 0; g < CATALOGUE_GENRES_MAX; g++)
            like += p->genres[g] * q->genres[g];
        double far = 1 - like + fabs(p->year - q->year) / 40 +
                     0.5 * fabs(log((double)p->viewings / (double)q->viewings));
        if (far >= best)
            continue;
        best = far;
        p->control = k;
    }
}

static int find_subjects(struct trial *x)
{
    uint32_t n = x->catalogue->n_people;
    x->subjects = calloc((size_t)n + 1, sizeof(*x->subjects));
    if (!x->subjects)
        return no_memory(x->err);
    for (uint32_t p = 0; p < n; p++) {
        bool taken;
        int rc = take_subject(x, p, &x->subjects[x->n_subjects], &taken);
        if (rc)
            return rc;
        x->n_subjects += taken;
    }
    qsort(x->subjects, x->n_subjects, sizeof(*x->subjects), by_viewings);
    uint32_t only = x->question->person;
    for (uint32_t i = TRIAL_PEOPLE_MAX; i < x->n_subjects; i++) {
        if (x->subjects[i].person == only) /* whoever is asked about stays */
            x->subjects[TRIAL_PEOPLE_MAX - 1] = x->subjects[i];
    }
    if (x->n_subjects > TRIAL_PEOPLE_MAX)
        x->n_subjects = TRIAL_PEOPLE_MAX;
    for (uint32_t i = 0; i < x->n_subjects; i++) {
        if (only == ID_NONE || x->subjects[i].person == only)
            find_control(x, &x->subjects[i]);
    }
    return 0;
}

/* ---------------------------------------------------------------- one fold */

static int by_key(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return (*x > *y) - (*x < *y);
}

/* By how many titles they watched that are not held out. */
static void cut_strata(struct trial *x)
{
    const struct viewer_sets *s = x->sets;
    uint32_t n = 0;
    memset(x->in_stratum, 0, sizeof(x->in_stratum));
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        const struct set_viewer *p = s->viewers[v];
        uint64_t watched = 0;
        for (uint32_t i = 0; p && i < p->n; i++)
            watched += (p->entries[i].signals >> AUDIENCE_WATCHED & 1) &&
                       !bits_get(x->without, p->entries[i].title);
        if (p)
            x->order[n++] = watched << 32 | v;
    }
    qsort(x->order, n, sizeof(*x->order), by_key);
    for (uint32_t r = 0; r < n; r++) {
        unsigned k = (unsigned)((uint64_t)r * TRIAL_STRATA / n);
        x->stratum[(uint32_t)x->order[r]] = (uint8_t)k;
        x->in_stratum[k]++;
    }
}

/* The bit of a group for the followers of a person's known titles. */
static int mark_followers(struct trial *x, const struct subject *p, enum group g, uint32_t *ret_n)
{
    roaring_bitmap_t *set;
    int rc = follows_viewers(x->follows, x->sets, p->titles, p->n, x->without, &set, x->err);
    if (rc)
        return rc;
    uint32_t n = set_list(set, x->list);
    for (uint32_t i = 0; i < n; i++)
        x->in[x->list[i]] |= (uint8_t)(1U << g);
    roaring_bitmap_free(set);
    *ret_n = n;
    return 0;
}

/* Who liked one of the known titles, and of these the `n` who liked most; equals by chance. */
static void mark_likers(struct trial *x, const struct subject *p, uint32_t n)
{
    uint32_t n_viewers = x->sets->n_viewers;
    uint32_t some = 0;
    memset(x->order, 0, n_viewers * sizeof(*x->order));
    for (uint32_t i = 0; i < p->n; i++) {
        if (bits_get(x->without, p->titles[i]))
            continue;
        uint32_t m = set_list(viewer_sets_of(x->sets, p->titles[i], AUDIENCE_LIKED), x->list);
        for (uint32_t k = 0; k < m; k++)
            x->order[x->list[k]]++;
    }
    /* Most first: likes counted down, then chance in 16 bits, then the viewer. */
    for (uint32_t v = 0; v < n_viewers; v++) {
        uint64_t likes = x->order[v];
        if (likes == 0)
            continue;
        x->in[v] |= 1U << LIKED_ONE;
        uint64_t chance = hash_mix(hash_mix(x->question->seed, p->person), v) & 0xffff;
        likes = likes < 0xffff ? likes : 0xffff;
        x->order[some++] = (0xffff - likes) << 48 | chance << 32 | v;
    }
    qsort(x->order, some, sizeof(*x->order), by_key);
    for (uint32_t i = 0; i < some && i < n; i++)
        x->in[(uint32_t)x->order[i]] |= 1U << LIKED_MOST;
}

static uint64_t place_of(const struct trial *x, uint32_t viewer, uint32_t title)
{
    const struct set_viewer *p = x->sets->viewers[viewer];
    uint32_t low = 0;
    uint32_t high = p->n;
    while (low + 1 < high) {
        uint32_t mid = low + (high - low) / 2;
        if (p->entries[mid].title <= title)
            low = mid;
        else
            high = mid;
    }
    return x->follows->start[viewer] + low;
}

/* Who watched one held-out title, and what of it was beyond the title's mean. */
static void judge_title(struct trial *x, uint32_t title)
{
    const struct viewer_sets *s = x->sets;
    const roaring_bitmap_t *liked = viewer_sets_of(s, title, AUDIENCE_LIKED);
    uint32_t n = set_list(viewer_sets_of(s, title, AUDIENCE_WATCHED), x->list);
    uint32_t seen[TRIAL_STRATA] = {0};
    double mean = 0;
    uint32_t opinions = 0;
    for (uint32_t i = 0; i < n; i++) {
        double r = (double)x->follows->held[place_of(x, x->list[i], title)];
        seen[x->stratum[x->list[i]]]++;
        x->watchers[x->list[i]] = 1;
        if (isnan(r))
            continue;
        mean += r;
        opinions++;
    }
    mean = opinions > 0 ? mean / opinions : 0;
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        unsigned k = x->stratum[v];
        for (unsigned g = 0; g < GROUPS && s->viewers[v] && x->in[v]; g++) {
            if (!(x->in[v] >> g & 1))
                continue;
            x->sums[g][PAIRS][v]++;
            x->sums[g][WATCHED][v] += x->watchers[v];
            x->sums[g][EXPECTED][v] += (double)seen[k] / x->in_stratum[k];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = x->list[i];
        double r = (double)x->follows->held[place_of(x, v, title)];
        x->watchers[v] = 0;
        for (unsigned g = 0; g < GROUPS; g++) {
            if (!(x->in[v] >> g & 1))
                continue;
            x->sums[g][LIKED][v] += liked && roaring_bitmap_contains(liked, v);
            x->sums[g][OPINIONS][v] += !isnan(r);
            x->sums[g][BEYOND][v] += isnan(r) ? 0 : r - mean;
        }
    }
}

static int judge_person(struct trial *x, const struct subject *p, bool *judged)
{
    uint32_t known = 0;
    uint32_t followers;
    uint32_t other;
    for (uint32_t i = 0; i < p->n; i++)
        known += !bits_get(x->without, p->titles[i]);
    if (known < LEAST_KNOWN || known == p->n)
        return 0;
    memset(x->in, 0, x->sets->n_viewers);
    int rc = mark_followers(x, p, FOLLOWERS, &followers);
    if (rc == 0 && p->control != ID_NONE)
        rc = mark_followers(x, &x->subjects[p->control], FOLLOW_OTHER, &other);
    if (rc)
        return rc;
    mark_likers(x, p, followers);
    for (uint32_t i = 0; i < p->n; i++) {
        if (!bits_get(x->without, p->titles[i]) ||
            watchers_of(x->sets, p->titles[i]) < TRIAL_WATCHERS)
            continue;
        judge_title(x, p->titles[i]);
        x->ret->titles++;
        *judged = true;
    }
    return 0;
}

static int judge_fold(struct trial *x, unsigned fold, bool *judged)
{
    const struct follows_question *q = x->question;
    memset(x->without, 0, bits_words(x->sets->n_titles) * sizeof(*x->without));
    for (uint32_t t = 0; t < x->sets->n_titles; t++) {
        if (hash_mix(hash_mix(q->seed, 1), t) % TRIAL_FOLDS == fold)
            bits_set(x->without, t);
    }
    int rc = follows_fit_without(x->sets, x->catalogue, x->without, &x->follows, x->err);
    if (rc)
        return rc;
    cut_strata(x);
    for (uint32_t i = 0; rc == 0 && i < x->n_subjects; i++) {
        if (q->person == ID_NONE || q->person == x->subjects[i].person)
            rc = judge_person(x, &x->subjects[i], &judged[i]);
    }
    follows_free(x->follows);
    x->follows = NULL;
    return rc;
}

/* ---------------------------------------------------------------- figures */

static int estimate(const struct trial *x, unsigned group, enum sum a, enum sum count, bool less,
                    struct mq_estimate *ret)
{
    struct interval i;
    double *const *mine = x->sums[less ? (unsigned)FOLLOWERS : group];
    double *const *other = x->sums[group];
    int rc =
        bootstrap_ratios(mine[a], mine[count], less ? other[a] : NULL, less ? other[count] : NULL,
                         x->sets->n_viewers, x->question->seed, &i, x->err);
    *ret = (struct mq_estimate){i.mean, i.low, i.high};
    return rc;
}

static int tell_group(const struct trial *x, unsigned g, struct mq_follow_group *ret)
{
    ret->name = group_names[g];
    for (uint32_t v = 0; v < x->sets->n_viewers; v++) {
        ret->pairs += x->sums[g][PAIRS][v];
        ret->watched_pairs += x->sums[g][WATCHED][v];
    }
    int rc = estimate(x, g, WATCHED, PAIRS, false, &ret->watched);
    if (rc == 0)
        rc = estimate(x, g, WATCHED, EXPECTED, false, &ret->lift);
    if (rc == 0)
        rc = estimate(x, g, LIKED, WATCHED, false, &ret->liked);
    if (rc == 0)
        rc = estimate(x, g, BEYOND, OPINIONS, false, &ret->beyond);
    if (rc == 0)
        rc = estimate(x, g, WATCHED, EXPECTED, true, &ret->lift_more);
    if (rc == 0)
        rc = estimate(x, g, LIKED, WATCHED, true, &ret->liked_more);
    return rc ? rc : estimate(x, g, BEYOND, OPINIONS, true, &ret->beyond_more);
}

static int make_room(struct trial *x)
{
    size_t n = (size_t)x->sets->n_viewers + 1;
    struct arena *a = &x->arena;
    x->without = ARENA_ARRAY(a, bits_words(x->sets->n_titles) + 1, uint64_t);
    x->stratum = ARENA_ARRAY(a, n, uint8_t);
    x->order = ARENA_ARRAY(a, n, uint64_t);
    x->list = ARENA_ARRAY(a, n, uint32_t);
    x->in = ARENA_ARRAY(a, n, uint8_t);
    x->watchers = ARENA_ARRAY(a, n, double);
    bool got = x->without && x->stratum && x->order && x->list && x->in && x->watchers;
    for (unsigned g = 0; g < GROUPS; g++) {
        for (unsigned k = 0; k < SUMS; k++) {
            x->sums[g][k] = ARENA_ARRAY(a, n, double);
            got = got && x->sums[g][k];
        }
    }
    return got ? 0 : no_memory(x->err);
}

static int judge(struct trial *x)
{
    const struct follows_question *q = x->question;
    int rc = make_room(x);
    if (rc == 0)
        rc = find_subjects(x);
    bool *judged = rc ? NULL : ARENA_ARRAY(&x->arena, (size_t)x->n_subjects + 1, bool);
    if (rc == 0 && !judged)
        rc = no_memory(x->err);
    for (unsigned f = 0; rc == 0 && f < TRIAL_FOLDS; f++) {
        if (q->progress && !q->progress(q->progress_ctx, "holding titles out", f, TRIAL_FOLDS))
            return mq_fail(x->err, MQ_CANCELLED, "follows: stopped");
        rc = judge_fold(x, f, judged);
    }
    for (uint32_t i = 0; rc == 0 && i < x->n_subjects; i++)
        x->ret->people += judged[i];
    if (rc == 0 && x->ret->people == 0)
        rc = mq_fail(x->err, MQ_INVALID,
                     "follows: nobody asked about has %d titles with %d viewers each, and three "
                     "others beside one held out: nothing to judge by",
                     TRIAL_TITLES, TRIAL_WATCHERS);
    for (unsigned g = 0; rc == 0 && g < GROUPS; g++)
        rc = tell_group(x, g, &x->ret->groups[g]);
    return rc;
}

int follows_trial(const struct viewer_sets *s, const struct catalogue *c,
                  const struct follows_question *q, struct mq_follows *ret, struct mq_error *err)
{
    struct trial x = {.sets = s, .catalogue = c, .question = q, .ret = ret, .err = err};
    *ret = (struct mq_follows){.folds = TRIAL_FOLDS, .viewers = s->n_present};
    if (arena_init(&x.arena, ARENA_FIRST, arena_max) != 0)
        return no_memory(err);
    int rc = judge(&x);
    follows_free(x.follows);
    free(x.subjects);
    arena_release(&x.arena);
    return rc;
}

/* ---------------------------------------------------------------- one viewer */

static int by_beyond(const void *a, const void *b)
{
    const struct mq_follow_title *x = a;
    const struct mq_follow_title *y = b;
    return (x->beyond < y->beyond) - (x->beyond > y->beyond);
}

int follows_evidence(const struct follows *f, const struct viewer_sets *s,
                     const struct catalogue *c, uint32_t viewer, const uint32_t *titles, size_t n,
                     struct arena *arena, struct mq_following *ret, struct mq_error *err)
{
    struct mq_follow_title *v = ARENA_ARRAY(arena, n + 1, struct mq_follow_title);
    const struct set_viewer *p = viewer < s->n_viewers ? s->viewers[viewer] : NULL;
    struct following x;
    double sum = 0;
    *ret = (struct mq_following){.titles = v};
    if (!v)
        return no_memory(err);
    size_t k = 0;
    for (uint32_t i = 0; p && i < p->n; i++) {
        const struct set_entry *e = &p->entries[i];
        double left = (double)f->left[f->start[viewer] + i];
        while (k < n && titles[k] < e->title)
            k++;
        if (k == n || titles[k] != e->title || isnan(left))
            continue;
        v[ret->n++] = (struct mq_follow_title){.id = c->titles[e->title].id.p,
                                               .name = c->titles[e->title].name.p,
                                               .opinion = e->preference / 100.0,
                                               .beyond = left};
        sum += left;
    }
    qsort(v, ret->n, sizeof(*v), by_beyond);
    follows_judge(f, sum, (uint32_t)ret->n, &x);
    ret->effect = x.effect;
    ret->deviation = x.deviation;
    ret->probability = x.probability;
    ret->follows = ret->n >= FOLLOWS_LEAST_TITLES && x.probability >= FOLLOWS_PROBABILITY;
    return 0;
}
