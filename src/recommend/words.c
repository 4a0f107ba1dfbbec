/* words.c - phrases that all reasons share. */
#include "recommend/reasons.h"

enum { NAME_SHOWN = 80, TITLES_SHOWN = 3, LIKED_FROM = 120 /* of 200: three stars of five */ };

void words_init(struct words *w)
{
    buf_over(&w->b, w->storage, sizeof(w->storage));
}

void words_name(struct words *w, struct str name)
{
    if (name.n <= NAME_SHOWN) {
        buf_add_str(&w->b, name);
        return;
    }
    size_t n = NAME_SHOWN - 3;
    while (n > 0 && ((unsigned char)name.p[n] & 0xc0) == 0x80)
        n--;
    buf_add(&w->b, name.p, n);
    buf_add_z(&w->b, "\xe2\x80\xa6");
}

void words_titles(struct recommender *r, struct words *w, const struct title_id *titles, size_t n)
{
    size_t shown = n <= TITLES_SHOWN ? n : TITLES_SHOWN - 1;
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            buf_add_z(&w->b, i + 1 == n ? " and " : ", ");
        words_name(w, title_row(r, titles[i].v)->name);
    }
    if (shown < n) {
        buf_add_z(&w->b, " and ");
        buf_add_u64(&w->b, n - shown);
        buf_add_z(&w->b, " others");
    }
}

const char *words_verb(const struct recommender *r, const struct title_id *titles, size_t n)
{
    size_t liked = 0, watched = 0;
    for (size_t i = 0; i < n; i++) {
        const struct title_signal *s = profile_signal(r->profile, titles[i]);
        if (!s)
            continue;
        bool played = s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED);
        liked += s->rating >= LIKED_FROM || s->thumb > 0 || (played && s->preference >= 0.5f);
        watched += played || s->rating > 0;
    }
    return liked == n ? "liked" : watched == n ? "watched" : "chose";
}

const char *words_keep(struct recommender *r, struct words *w)
{
    buf_add_char(&w->b, '\0');
    return w->b.failed ? "" : arena_str(&r->arena, buf_str(&w->b)).p;
}

const struct mq_evidence *evidence_named(struct recommender *r, const struct title_id *titles,
                                         const float *shares, size_t n)
{
    struct mq_evidence *ret = ARENA_ARRAY(&r->arena, n, struct mq_evidence);
    for (size_t i = 0; ret && i < n; i++) {
        const struct title_row *row = title_row(r, titles[i].v);
        ret[i].title = row->id.p;
        ret[i].name = row->name.p;
        ret[i].share = shares ? (double)shares[i] : (double)__builtin_nanf("");
    }
    return ret;
}
