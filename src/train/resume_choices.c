#include "train/resume_choices.h"

#include <stdlib.h>

static int grow(struct resume_choices *l, struct mq_error *err)
{
    size_t cap = l->cap ? 2 * l->cap : 256;
    struct resume_choice *list = realloc(l->list, cap * sizeof(*list));
    if (!list)
        return mq_fail(err, MQ_NO_MEMORY, "what is continued: no memory");
    l->list = list;
    l->cap = cap;
    return 0;
}

/* Which of those on offer it is: 0 something new, n none of them. */
static uint32_t which(const struct profile *p, uint32_t title, const struct topk_item *list,
                      uint32_t n)
{
    const struct title_signal *s = profile_signal(p, (struct title_id){title});
    for (uint32_t i = 0; i < n; i++)
        if (list[i].index == title)
            return i + 1;
    return s && s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED) ? n + 1 : 0;
}

static void note(struct resume_choices *l, const struct resume_view *v, uint32_t title)
{
    struct topk_item list[RESUME_SEEN];
    struct resume_choice c = {.title = title};
    uint32_t n = (uint32_t)resume_find(v, list, RESUME_SEEN);
    c.n = n + 1;
    c.chosen = which(v->profile, title, list, n);
    if (n == 0 || c.chosen == c.n)
        return;
    resume_parts(v, list, n, c.x + 1);
    l->list[l->n++] = c;
}

int resume_choices_take(struct resume_choices *l, const struct profile_builder *b,
                        const struct catalogue *c, const struct event *e, struct mq_error *err)
{
    struct profile *p;
    if (!c || e->kind != EVENT_START || e->autoplay == 1 || e->title_id.v >= c->n_titles ||
        l->n == RESUME_CHOICES_MAX)
        return 0;
    int rc = l->n == l->cap ? grow(l, err) : 0;
    if (rc == 0)
        rc = profile_snapshot(b, NULL, &p, err);
    if (rc)
        return rc;
    struct resume_view v = {.profile = p, .catalogue = c, .at_ms = e->at_ms};
    note(l, &v, e->title_id.v);
    profile_free(p);
    return 0;
}

void resume_choices_judge(struct resume_choices *l, const struct profile *end)
{
    size_t kept = l->first;
    for (size_t i = l->first; i < l->n; i++) {
        const struct title_signal *s =
            end ? profile_signal(end, (struct title_id){l->list[i].title}) : NULL;
        if (s && title_signal_liked(s))
            l->list[kept++] = l->list[i];
    }
    l->n = l->first = kept;
}

void resume_choices_release(struct resume_choices *l)
{
    free(l->list);
    *l = (struct resume_choices){.n = 0};
}
