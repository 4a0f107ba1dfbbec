#include "engine/note_shown.h"

#include <math.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/interleaving.h"
#include "engine/page_log.h"

struct shown_scratch {
    struct shown_page page;
    struct shown_row rows[SHOWN_ROWS_MAX];
    struct shown_item items[SHOWN_ITEMS_MAX];
    uint32_t n_items;
    struct buf buf;
    char bytes[PAGE_LOG_SCRATCH];
};

int shown_scratch_new(struct shown_scratch **ret, struct mq_error *err)
{
    struct shown_scratch *s = malloc(sizeof(*s));
    if (!s)
        return mq_fail(err, MQ_NO_MEMORY, "reader: no memory");
    buf_over(&s->buf, s->bytes, sizeof(s->bytes));
    *ret = s;
    return 0;
}

void shown_scratch_free(struct shown_scratch *s)
{
    free(s);
}

/* Is it to be noted at all? What was answered about the past, or only looked at, was shown to nobody. */
static bool begin(struct mq_reader *r, const struct mq_request *q, const struct ask *ask,
                  const char *id, uint64_t model)
{
    struct shown_scratch *s = r->shown;
    const struct profile *p = ask->profile;
    if (q->preview || q->as_of_ms != 0 || q->as_of_seq != 0 || ask->no_profiling)
        return false;
    s->page = (struct shown_page){
        .viewer = {p ? p->viewer.v : ID_NONE},
        .at_ms = ask->at_ms,
        .model = model,
        .log_seq = ask->log_seq,
        .flags = (unsigned)((ask->no_context ? SHOWN_NO_CONTEXT : 0) |
                            (p && p->consent & CONSENT_CHILD ? SHOWN_CHILD : 0)),
        .context = ask->context,
        .rows = s->rows,
        .arms = r->arms,
        .n_arms = r->n_arms,
    };
    s->n_items = 0;
    return shown_id_from(str_of(id), &s->page.id);
}

static void add_row(struct shown_scratch *s, const char *kind, const struct mq_item *items,
                    size_t n, const uint8_t *team)
{
    if (s->page.n_rows == SHOWN_ROWS_MAX) {
        s->page.flags |= SHOWN_CUT;
        return;
    }
    struct shown_row *row = &s->rows[s->page.n_rows++];
    *row = (struct shown_row){
        .kind = str_of(kind), .items = s->items + s->n_items, .teams = team != NULL};
    for (size_t i = 0; i < n; i++) {
        if (s->n_items == SHOWN_ITEMS_MAX) {
            s->page.flags |= SHOWN_CUT;
            return;
        }
        s->items[s->n_items++] = (struct shown_item){
            .title = {items[i].title_number},
            .score = (float)items[i].score,
            .propensity = (float)items[i].propensity,
            .team = team ? team[i] : 0,
            .picture = (uint8_t)items[i].picture_number,
            .picture_key = items[i].picture ? shown_picture_key(str_of(items[i].picture)) : 0,
            .picture_chance = (float)items[i].picture_propensity,
        };
        row->pictures = row->pictures || items[i].picture_number > 0;
        row->random = row->random || !isnan(items[i].propensity);
        row->n++;
    }
}

void note_page(struct mq_reader *r, const struct mq_request *q, const struct ask *ask,
               const struct mq_page *page)
{
    if (!begin(r, q, ask, page->recommendation_id, page->model))
        return;
    for (size_t i = 0; i < page->n_rows; i++)
        add_row(r->shown, page->rows[i].kind, page->rows[i].items, page->rows[i].n_items,
                interleaving_teams(r, i));
    for (size_t i = 0; i < page->n_rows && i < r->shown->page.n_rows; i++)
        r->shown->rows[i].place_chance = (float)page->rows[i].propensity;
    page_log_note(r->engine->page_log, &r->shown->page, &r->shown->buf);
}

void note_list(struct mq_reader *r, const struct mq_request *q, const struct ask *ask,
               const char *kind, const struct mq_list *list)
{
    if (!begin(r, q, ask, list->recommendation_id, list->model))
        return;
    add_row(r->shown, kind, list->items, list->n_items, interleaving_teams(r, 0));
    page_log_note(r->engine->page_log, &r->shown->page, &r->shown->buf);
}
