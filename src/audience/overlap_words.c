/* overlap_words.c - the figures as people say them. Only what may be shown is said. */
#include <math.h>

#include "audience/overlap.h"

enum { WORDS_MAX = 4096, NAME_BYTES = 1024 };

static const char *keep(struct arena *arena, const struct buf *b)
{
    char *p = arena_alloc(arena, b->n + 1);
    if (p && b->n > 0)
        memcpy(p, b->p, b->n);
    return p;
}

static unsigned hundred(double share)
{
    return (unsigned)(share * 100 + 0.5);
}

static void say_pair(const struct mq_overlap *o, struct buf *b)
{
    const struct mq_affinity *x = &o->all;
    if (x->a == 0 || x->b == 0) {
        buf_printf(b, "Nobody %s%s: there is nothing to compare.",
                   x->a == 0 ? o->names[0] : o->names[1],
                   o->n_shared > 0 ? " once the titles of both sides are left out" : "");
        return;
    }
    if (isnan(x->both)) {
        buf_printf(
            b,
            "Withheld: some group here has fewer than %u viewers, or differs from one that was "
            "answered about by fewer.",
            o->floor);
        return;
    }
    buf_printf(b, "Of 100 who %s, %u %s", o->names[0], hundred(x->share), o->names[1]);
    if (!isnan(x->comparable))
        buf_printf(b, "; of 100 comparable viewers, %u", hundred(x->comparable));
    if (o->without_one.name && !isnan(o->without_one.share))
        buf_printf(b, "; without %s, %u", o->without_one.name, hundred(o->without_one.share));
    buf_add_char(b, '.');
    if (o->n_shared > 0)
        buf_printf(b, " %zu title%s of both sides left out.", o->n_shared,
                   o->n_shared == 1 ? " is" : "s are");
    if (!isnan(o->risk.odds_ratio) && !isnan(x->odds_ratio_low) &&
        (o->risk.odds_ratio < x->odds_ratio_low || o->risk.odds_ratio > x->odds_ratio_high))
        buf_printf(b,
                   " Among those who could have watched both, the odds ratio is %.3g instead of "
                   "%.3g: believe that one.",
                   o->risk.odds_ratio, x->odds_ratio);
}

static void say_change(const struct mq_overlap *o, struct buf *b)
{
    const struct mq_affinity *x = &o->all;
    if (isnan(x->both) || x->a == 0 || x->b == 0)
        return;
    if (isnan(x->odds_ratio_low)) {
        buf_add_z(
            b, "Too few in some cell for an odds ratio with an interval: more viewers would tell.");
        return;
    }
    if (o->n_titles[0] < 3 || o->n_titles[1] < 3)
        buf_add_z(b, "One side rests on fewer than three titles: take it as a hint. ");
    if (o->without_one.name && x->odds_ratio_low > 1 &&
        o->without_one.odds_ratio < x->odds_ratio_low)
        buf_printf(b, "It rests in good part on %s: without it the odds ratio is %.3g. ",
                   o->without_one.name, o->without_one.odds_ratio);
    if (x->odds_ratio_low > 1)
        buf_printf(b,
                   "The interval would reach 1 if about %u of 100 who are in both were in the "
                   "first alone.",
                   hundred(o->fragility));
    else if (x->odds_ratio_high < 1)
        buf_add_z(b, "They keep apart: fewer are in both than activity explains.");
    else
        buf_add_z(b, "The interval holds 1: as it stands, activity alone may explain it.");
}

static void say_three(const struct mq_overlap *o, struct buf *b)
{
    const struct mq_region *r = &o->regions[MQ_REGIONS - 1];
    if (isnan(r->viewers)) {
        buf_printf(b, "Withheld: some region has fewer than %u viewers.", o->floor);
        return;
    }
    buf_printf(b,
               "%.0f viewers %s, %s and %s; %.0f would if these had nothing to do with each other, "
               "given how "
               "active the viewers are.",
               r->viewers, o->names[0], o->names[1], o->names[2], r->expected);
}

int overlap_words(const struct audience *const *audiences, struct arena *arena,
                  struct mq_overlap *ret, struct mq_error *err)
{
    const char **names = ARENA_ARRAY(arena, MQ_SETS, const char *);
    struct buf b;
    bool ok = names != NULL;
    buf_init(&b, WORDS_MAX + MQ_SETS * NAME_BYTES);
    for (size_t i = 0; ok && i < ret->n_sets; i++) {
        buf_reset(&b);
        audience_words(audiences[i], &b);
        b.n = b.n > NAME_BYTES ? NAME_BYTES : b.n;
        names[i] = keep(arena, &b);
        ok = names[i] != NULL;
    }
    if (ok) {
        ret->names = names;
        buf_reset(&b);
        if (ret->n_sets == 2)
            say_pair(ret, &b);
        else
            say_three(ret, &b);
        ret->words = keep(arena, &b);
        buf_reset(&b);
        if (ret->n_sets == 2)
            say_change(ret, &b);
        ret->change = keep(arena, &b);
        ok = ret->words && ret->change;
    }
    buf_release(&b);
    return ok ? 0 : mq_fail(err, MQ_NO_MEMORY, "overlap: no memory for the words");
}
