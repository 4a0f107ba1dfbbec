/* rising_read.c - the readers' side: is this more than chance? */
#include <math.h>

#include "math/count_tail.h"
#include "profile/rising_bar.h"

static const double past_least = 200;    /* choices of a place: of fewer its habits are not known */
static const double past_of_region = 50; /* of a region, whose country has as many as that */

/* What is the same for all titles of a place. */
struct moment_there {
    const struct rising_place *p;
    const struct moment_there *wider; /* a region's country; NULL: it has none that is known */
    int32_t minute, newest;
    uint16_t week;
    struct rising_bars about;
    double bar;                              /* 0: not asked for yet */
    double recent[DAYPARTS], recent_all;     /* choices of the last minutes that titles keep */
    double window[RISING_WINDOWS][DAYPARTS]; /* choices of the place in each */
    double before[DAYPARTS], before_all;     /* of the weeks before those minutes */
};

static double week_sum(uint16_t newest, uint16_t week, double this_week, double last_week)
{
    if (newest >= week)
        return this_week + last_week;
    return newest + 1 == week ? this_week : 0;
}

static void look(const struct rising_place *p, int64_t at_ms, struct moment_there *ret)
{
    *ret = (struct moment_there){.p = p,
                                 .minute = rising_minute(at_ms),
                                 .newest = RISING_GET(p->minute),
                                 .week = rising_week(at_ms)};
    ret->about = rising_bars_about(RISING_GET(p->titles));
    for (unsigned d = 0; d < DAYPARTS; d++) {
        for (int32_t age = 0; age < RISING_MINUTES; age++) {
            int32_t m = ret->minute - age;
            bool kept = m > ret->newest - RISING_PLACE_MINUTES && m <= ret->newest;
            double n = kept && m > 0 ? RISING_GET(p->recent[m % RISING_PLACE_MINUTES][d]) : 0;
            ret->recent[d] += n;
            for (unsigned w = 0; w < RISING_WINDOWS; w++)
                ret->window[w][d] += age < rising_windows[w] ? n : 0;
        }
        double all = week_sum(RISING_GET(p->week), ret->week, (double)RISING_GET(p->base[0][d]),
                              (double)RISING_GET(p->base[1][d]));
        ret->before[d] = fmax(all - ret->recent[d], 0);
        ret->before_all += ret->before[d];
        ret->recent_all += ret->recent[d];
    }
}

/* About how many viewers chose it in each window: what was chosen, or fewer when the bits show fewer (linear counting:
 * Whang, Vander-Zanden, Taylor 1990). */
static void viewers_in(const struct rising_cell *c, int32_t minute, uint32_t ret[RISING_WINDOWS])
{
    int32_t newest = RISING_GET(c->minute), m = minute;
    uint64_t bits = 0;
    uint32_t sum = 0;
    for (unsigned w = 0; w < RISING_WINDOWS; w++) {
        for (; m > minute - rising_windows[w]; m--) {
            if (m > newest - RISING_MINUTES && m <= newest && m > 0)
                sum += RISING_GET(c->counts[m % RISING_MINUTES]);
            int32_t block = m / RISING_BLOCKS;
            if (m > 0 && block > newest / RISING_BLOCKS - RISING_BLOCKS &&
                block <= newest / RISING_BLOCKS)
                bits |= RISING_GET(c->viewers[block % RISING_BLOCKS]);
        }
        int set = __builtin_popcountll(bits);
        ret[w] = sum;
        if (sum >= RISING_VIEWERS && set < 64) {
            double viewers = -64.0 * log1p(-set / 64.0);
            ret[w] = sum < viewers ? sum : (uint32_t)lround(viewers);
        }
    }
}

/* Choices of a title before the last minutes, at each part of the day, and of all of them. False: it is too well known to rise. */
static bool chosen_before(const struct moment_there *x, const struct rising_cell *c,
                          double before[DAYPARTS], double *ret_all)
{
    double recent = 0;
    *ret_all = 0;
    for (unsigned m = 0; m < RISING_MINUTES; m++)
        recent += RISING_GET(c->counts[m]);
    for (unsigned d = 0; d < DAYPARTS; d++) {
        double this_week = RISING_GET(c->base[0][d]), last_week = RISING_GET(c->base[1][d]);
        if (this_week >= RISING_BASE_MAX || last_week >= RISING_BASE_MAX)
            return false;
        double share = x->recent_all > 0 ? x->recent[d] / x->recent_all : 0;
        before[d] = week_sum(RISING_GET(c->week), x->week, this_week, last_week);
        before[d] = fmax(before[d] - recent * share, 0);
        *ret_all += before[d];
    }
    return true;
}

static const struct rising_cell *cell_of(const struct rising_place *p, uint32_t title)
{
    const struct rising_chunk *c = RISING_GET(p->chunks[title / RISING_CHUNK]);
    return c ? &c->cells[title % RISING_CHUNK] : NULL;
}

/* The title's share of the place's choices at each part of the day as the place alone tells it. */
static bool shares_of(const struct moment_there *x, uint32_t title, double ret[DAYPARTS])
{
    const struct rising_cell *c = cell_of(x->p, title);
    double before[DAYPARTS] = {0}, all = 0;
    if (c && !chosen_before(x, c, before, &all))
        return false;
    double at_all_hours = x->before_all > 0 ? RISING_PRIOR * all / x->before_all : 0;
    for (unsigned d = 0; d < DAYPARTS; d++)
        ret[d] = (before[d] + at_all_hours + RISING_LEAST_SHARE) / (x->before[d] + RISING_PRIOR);
    return true;
}

/* How often the title would be chosen in as many choices as the place had before, with what is drawn from the wider place. False: it
 * is too well known to rise. */
static bool usual_of(const struct moment_there *x, const struct rising_cell *c, uint32_t title,
                     double ret[DAYPARTS])
{
    double wider[DAYPARTS], all;
    if (!chosen_before(x, c, ret, &all) || (x->wider && !shares_of(x->wider, title, wider)))
        return false;
    double at_all_hours = x->before_all > 0 ? RISING_PRIOR * all / x->before_all : 0;
    for (unsigned d = 0; d < DAYPARTS; d++)
        ret[d] += RISING_LEAST_SHARE +
                  (x->wider ? fmax(RISING_PRIOR * wider[d], at_all_hours) : at_all_hours);
    return true;
}

/* What a window lets expect, as mean and shape. */
static void expected(const struct moment_there *x, const double usual[DAYPARTS], unsigned w,
                     double *ret_mean, double *ret_shape)
{
    double mean = 0, variance = 0;
    for (unsigned d = 0; d < DAYPARTS; d++) {
        double times = x->window[w][d] / (x->before[d] + RISING_PRIOR);
        mean += usual[d] * times;
        variance += usual[d] * times * times;
    }
    *ret_mean = mean;
    *ret_shape =
        mean > 0 ? 1 / (variance / (mean * mean) + 1 / RISING_DAYS_DIFFER) : RISING_DAYS_DIFFER;
}

/* Choices a minute now, over their mean since the week before began. */
static double busy_now(const struct moment_there *x)
{
    const double week = (double)RISING_WEEK_MS / (double)RISING_MINUTE_MS;
    bool whole = false; /* the week before, too */
    for (unsigned d = 0; d < DAYPARTS; d++)
        whole |= RISING_GET(x->p->base[RISING_GET(x->p->week) >= x->week][d]) > 0;
    double minutes = fmod(x->minute, week) + 1 + (whole ? week : 0);
    return x->recent_all / RISING_MINUTES * minutes / fmax(x->before_all, 1);
}

/* The bar of the part of the day in which most was chosen just now. */
static double bar_of(struct moment_there *x)
{
    double window[RISING_WINDOWS];
    uint32_t alike[RISING_BINS];
    unsigned now = 0;
    if (x->bar > 0)
        return x->bar;
    for (unsigned d = 1; d < DAYPARTS; d++)
        now = x->recent[d] > x->recent[now] ? d : now;
    for (unsigned w = 0; w < RISING_WINDOWS; w++) {
        window[w] = 0;
        for (unsigned d = 0; d < DAYPARTS; d++)
            window[w] += x->window[w][d];
    }
    for (unsigned b = 0; b < RISING_BINS; b++)
        alike[b] = RISING_GET(x->p->alike[now][b]);
    x->bar = rising_bar(alike, x->before[now], window, busy_now(x), x->about);
    return x->bar;
}

static bool judge(struct moment_there *x, const struct rising_cell *c, uint32_t title,
                  struct rising_title *ret)
{
    uint32_t viewers[RISING_WINDOWS];
    double usual[DAYPARTS];
    bool any = false;
    viewers_in(c, x->minute, viewers);
    if (viewers[RISING_WINDOWS - 1] < RISING_VIEWERS || !usual_of(x, c, title, usual))
        return false;
    for (unsigned w = 0; w < RISING_WINDOWS; w++) {
        double mean, shape;
        uint32_t n = viewers[w];
        expected(x, usual, w, &mean, &shape);
        if (n < RISING_VIEWERS || n < RISING_LIFT * mean)
            continue;
        double tail = count_tail(n, mean, shape), daily = rising_daily(n, rising_windows[w], tail);
        if (daily > x->about.most || (daily > x->about.sure && daily > bar_of(x)))
            continue;
        float improbable = (float)-log10(tail + 1e-300);
        if (any && improbable <= ret->improbable)
            continue;
        *ret =
            (struct rising_title){{title}, n, (uint32_t)rising_windows[w], (float)mean, improbable};
        any = true;
    }
    return any;
}

static void keep(struct rising_title *ret, size_t *n, struct rising_title t)
{
    size_t at = *n;
    for (; at > 0 && (ret[at - 1].improbable < t.improbable ||
                      (ret[at - 1].improbable == t.improbable && ret[at - 1].title.v > t.title.v));
         at--)
        if (at < RISING_MAX)
            ret[at] = ret[at - 1];
    if (at < RISING_MAX)
        ret[at] = t;
    *n = *n < RISING_MAX ? *n + 1 : RISING_MAX;
}

static const struct rising_place *find(const struct rising *r, uint64_t key)
{
    for (unsigned i = 0; i < RISING_PLACES; i++) {
        const struct rising_place *p = RISING_GET(r->places[i]);
        if (!p || RISING_GET(p->key) == key)
            return p;
    }
    return NULL;
}

/* Whether its habits are known. */
static bool look_there(const struct rising *r, uint64_t key, int64_t at_ms, double least,
                       struct moment_there *ret)
{
    const struct rising_place *p = key ? find(r, key) : NULL;
    if (!p)
        return false;
    look(p, at_ms, ret);
    return ret->before_all >= least;
}

/* Titles from `first` on; most of them are passed over eight at a time. */
static void read_chunk(struct moment_there *x, const struct rising_chunk *c, uint32_t first,
                       struct rising_title *ret, size_t *n)
{
    for (uint32_t w = 0; w < RISING_CHUNK / 8; w++) {
        for (uint64_t b = rising_sums_high(RISING_GET(c->sums[w])); b; b &= b - 1) {
            uint32_t k = w * 8 + (uint32_t)__builtin_ctzll(b) / 8;
            struct rising_title t = {.usual = 0};
            if (RISING_GET(c->cells[k].minute) > x->newest - RISING_MINUTES &&
                judge(x, &c->cells[k], first + k, &t))
                keep(ret, n, t);
        }
    }
}

size_t rising_read(const struct rising *r, int64_t at_ms, country_code country, struct str region,
                   struct rising_title ret[RISING_MAX])
{
    struct moment_there x, wider;
    size_t n = 0;
    if (rising_minute(at_ms) == 0)
        return 0;
    bool in_country =
        region.n > 0 && country != 0 &&
        look_there(r, rising_key(country, (struct str){0}), at_ms, past_least, &wider);
    if (!look_there(r, rising_key(country, region), at_ms, in_country ? past_of_region : past_least,
                    &x) ||
        x.recent_all < RISING_VIEWERS)
        return 0;
    x.wider = in_country ? &wider : NULL;
    uint32_t used = RISING_GET(x.p->used);
    for (uint32_t i = 0; i < used; i++) {
        const struct rising_chunk *c = RISING_GET(x.p->chunks[i]);
        if (c)
            read_chunk(&x, c, i * RISING_CHUNK, ret, &n);
    }
    return n;
}
