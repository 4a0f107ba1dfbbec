#include "audience/floor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/catalogue.h"

int floor_take(unsigned asked, unsigned *ret, struct mq_error *err)
{
    if (asked != 0 && asked < FLOOR_LEAST)
        return mq_fail(err, MQ_INVALID,
                       "floor: %u: groups of fewer than %d are never shown: give at least %d, or "
                       "research for a public data set",
                       asked, FLOOR_LEAST, FLOOR_LEAST);
    *ret = asked ? asked : FLOOR_DEFAULT;
    return 0;
}

double floor_count(double count, unsigned k)
{
    return count >= k ? FLOOR_ROUND * floor(count / FLOOR_ROUND + 0.5) : NAN;
}

double floor_figure(double x, int digits)
{
    char text[40];
    if (!isfinite(x))
        return x;
    snprintf(text, sizeof(text), "%.*g", digits, x);
    return strtod(text, NULL);
}

static void withhold(struct mq_overlap *o, const char *name)
{
    for (size_t i = 0; i < o->n_withheld; i++) {
        if (strcmp(o->withheld[i], name) == 0)
            return;
    }
    if (o->n_withheld < MQ_WITHHELD)
        o->withheld[o->n_withheld++] = name;
}

static bool small(double count, double of, unsigned k)
{
    return count < k || of - count < k;
}

/* Some cell of the two-way table is small: then all figures that tell of it go. */
static bool table_is_small(const struct mq_affinity *x, unsigned k)
{
    return x->both < k || x->a - x->both < k || x->b - x->both < k ||
           x->viewers - x->a - x->b + x->both < k;
}

static void take_away(struct mq_affinity *x)
{
    double a = x->a;
    double b = x->b;
    double viewers = x->viewers;
    *x = (struct mq_affinity){viewers, a, b, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

static void round_affinity(struct mq_affinity *x)
{
    enum { DIGITS = 3 };
    x->both = floor_count(x->both, 0);
    x->lift = floor_figure(x->lift, DIGITS);
    x->odds_ratio = floor_figure(x->odds_ratio, DIGITS);
    x->odds_ratio_low = floor_figure(x->odds_ratio_low, DIGITS);
    x->odds_ratio_high = floor_figure(x->odds_ratio_high, DIGITS);
    x->g2 = floor_figure(x->g2, 2);
    x->z = floor_figure(x->z, 2);
    x->p = floor_figure(x->p, 2);
    x->expected = floor_count(x->expected, 0);
    x->share = floor_figure(x->share, 2);
    x->comparable = floor_figure(x->comparable, 2);
}

static void size_of(double *count, double viewers, unsigned k, bool *ret_small)
{
    *ret_small = small(*count, viewers, k);
    *count = *ret_small ? NAN : floor_count(*count, k);
}

static void floor_table(struct mq_affinity *x, unsigned k, bool all, bool *ret_table)
{
    bool gone;
    *ret_table = all || table_is_small(x, k);
    if (*ret_table)
        take_away(x);
    else
        round_affinity(x);
    double viewers = x->viewers;
    size_of(&x->a, viewers, k, &gone);
    size_of(&x->b, viewers, k, &gone);
    x->viewers = floor_count(viewers, k);
    if (all || viewers < k)
        x->a = x->b = NAN;
}

/* Every region stands or falls with the others: their sum and the sizes are known. */
static void floor_regions(struct mq_overlap *o, unsigned k, bool all)
{
    bool gone = all;
    for (size_t i = 0; i < o->n_regions; i++)
        gone = gone || o->regions[i].viewers < k;
    for (size_t i = 0; i < o->n_regions; i++) {
        o->regions[i].viewers = gone ? NAN : floor_count(o->regions[i].viewers, k);
        o->regions[i].expected = gone ? NAN : floor_count(o->regions[i].expected, 0);
    }
    if (gone && o->n_regions > 0)
        withhold(o, "regions");
}

void floor_overlap(struct mq_overlap *o, unsigned k, bool differs)
{
    static const char *const figures[] = {
        "both", "lift", "odds_ratio", "odds_ratio_low", "odds_ratio_high", "g2",
        "z",    "p",    "expected",   "share",          "comparable",      "without_one"};
    bool table;
    double viewers = o->all.viewers;
    o->floor = k;
    floor_regions(o, k, differs);
    floor_table(&o->all, k, differs, &table);
    if (isnan(o->all.viewers))
        withhold(o, "viewers");
    if (isnan(o->all.a))
        withhold(o, "a");
    if (isnan(o->all.b))
        withhold(o, "b");
    if (o->n_sets > 2 && (small(o->c, viewers, k) || differs)) {
        o->c = NAN;
        withhold(o, "c");
    } else {
        o->c = floor_count(o->c, 0);
    }
    for (size_t i = 0; table && i < sizeof(figures) / sizeof(figures[0]); i++)
        withhold(o, figures[i]);
    if (table) {
        o->without_one.odds_ratio = o->without_one.share = NAN;
        o->without_one.title = o->without_one.name = NULL;
        o->fragility = NAN;
    } else {
        o->without_one.odds_ratio = floor_figure(o->without_one.odds_ratio, 2);
        o->without_one.share = floor_figure(o->without_one.share, 2);
        o->fragility = floor_figure(o->fragility, 1);
    }
    /* Beside the figure over everybody, a risk set that leaves few out would tell of those few. */
    bool near = o->risk.viewers != viewers && viewers - o->risk.viewers < k;
    floor_table(&o->risk, k, table || near, &table);
    if (table)
        withhold(o, "risk_set");
}

/* ---------------------------------------------------------------- what is not offered */

/* Stems in the comparable form of names: no spaces, no case. */
static const char *const anywhere[] = {
    "depress",    "disab",      "disease",   "mentalillness", "mentalhealth", "suicid",
    "anorexi",    "bulimi",     "autis",     "addict",        "alcoholi",     "pregnan",
    "abortion",   "lesbian",    "bisexual",  "asexual",       "transgender",  "lgbt",
    "homosexu",   "transsexu",  "religio",   "christian",     "catholic",     "muslim",
    "islam",      "jewish",     "judaism",   "buddhis",       "evangelical",  "atheis",
    "schizo",     "bipolar",    "dementia",  "alzheimer",     "illness",      "epilep",
    "psychiatr",  "diabet",     "parkinson", "communis",      "socialis",     "fascis",
    "nationalis", "tradeunion", "refugee",   "politic",       "ethnic",
};

/* Stems that begin a word ("mermaids" is no matter of health); with a point they are the word, or its plural. */
static const char *const begins[] = {
    "aids.",     "hiv",        "cancer",    "gay.",     "queer",   "trans.", "nonbinary",
    "dragqueen", "comingout.", "hindu",     "sikh",     "mormon",  "faith",  "church.",
    "churches.", "bible",      "biblical",  "jesus",    "quran",   "koran",  "torah",
    "papacy",    "papal",      "pope.",     "mosque",   "synagog", "clergy", "blindness",
    "deafness",  "patient",    "leukaemia", "leukemia", "tumour",  "tumor",  "dyslexi",
};

/* Where the words of a text begin in its comparable form, and that form. */
struct words {
    char text[TITLE_NAME_MAX + 1];
    size_t n;
    bool begins[TITLE_NAME_MAX + 1];
};

static bool is_of_word(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z');
}

static void take_words(struct str text, struct words *w)
{
    memset(w, 0, sizeof(*w));
    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        while (i < text.n && is_of_word(text.p[i]))
            i++;
        if (i > from && w->n < TITLE_NAME_MAX) {
            w->begins[w->n] = true;
            w->n += name_normalise((struct str){text.p + from, i - from}, w->text + w->n,
                                   TITLE_NAME_MAX - w->n);
        } else if (i == from) {
            i++;
        }
    }
    w->begins[w->n] = true;
    w->text[w->n] = '\0';
}

/* `stem` at `from`, where a word begins. */
static bool is_there(const struct words *w, size_t from, const char *stem)
{
    size_t n = strlen(stem);
    bool whole = stem[n - 1] == '.';
    n -= whole;
    if (strncmp(w->text + from, stem, n) != 0)
        return false;
    return !whole || w->begins[from + n] || (w->text[from + n] == 's' && w->begins[from + n + 1]);
}

bool floor_is_sensitive(struct str word)
{
    struct words w;
    take_words(word, &w);
    for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++) {
        if (strstr(w.text, anywhere[i]))
            return true;
    }
    for (size_t from = 0; from < w.n; from++) {
        if (!w.begins[from])
            continue;
        for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
            if (is_there(&w, from, begins[i]))
                return true;
        }
    }
    return false;
}
