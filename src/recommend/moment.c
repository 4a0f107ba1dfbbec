#include "recommend/moment.h"

#include <math.h>

#include "recommend/order.h"
#include "recommend/reasons.h"

enum {
    FED = 48, /* plays that the mood is followed through; older ones count for taste alone */
};
/* Tables of struct moment. */
enum {
    WORDS_HOUR = 0,
    WORDS_DEVICE = ORDER_DEVICE - ORDER_MOMENT,
    WORDS_HABITS = ORDER_HABITS - ORDER_MOMENT,
    WORDS_LAST = ORDER_LAST - ORDER_MOMENT,
};
static const float likely = 1.2f; /* times as likely as usual: worth a row */

/* ------------------------------------------------------------------ what came before */

static struct mood_moment moment_at(int64_t at_ms, int16_t offset_min, uint8_t device)
{
    return (struct mood_moment){at_ms, (uint8_t)daypart_at(at_ms, offset_min), device,
                                weekend_at(at_ms, offset_min)};
}

/* Played titles by the time of their choice (0: they began by themselves), earliest first, in r->key: the time, and the place among
 * the signals. Going on with one is no choice. */
static size_t plays_in_order(struct recommender *r)
{
    const struct profile *p = r->profile;
    size_t n = 0;
    for (uint32_t i = 0; p && i < p->n && n < PROFILE_TITLES_MAX; i++) {
        const struct title_signal *s = &p->signals[i];
        if ((s->chosen_s > 0 || s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED)) &&
            s->title.v < r->n_titles && (int64_t)s->last_s * 1000 <= r->ask->at_ms)
            r->key[n++] = (uint64_t)s->chosen_s << 32 | i;
    }
    for (size_t gap = n / 2; gap > 0; gap /= 2) { /* Shell's sort: nothing is allocated */
        for (size_t i = gap; i < n; i++) {
            uint64_t moved = r->key[i];
            size_t at = i;
            for (; at >= gap && r->key[at - gap] > moved; at -= gap)
                r->key[at] = r->key[at - gap];
            r->key[at] = moved;
        }
    }
    return n;
}

/* The viewer's words at this part of the day over their words at all, drawn to each other. */
struct habits {
    float here[MOOD_WORDS], all[MOOD_WORDS];
    float n_here, n_all;
};

static void count_habit(struct habits *h, const struct mood_play *play, bool here)
{
    int n = __builtin_popcountll(play->genres), length = mood_length(play->runtime_min);
    for (uint64_t b = play->genres; b; b &= b - 1) {
        h->all[__builtin_ctzll(b)] += 1 / (float)n;
        h->here[__builtin_ctzll(b)] += here ? 1 / (float)n : 0;
    }
    if (length >= 0) {
        h->all[MOOD_GENRES + length]++;
        h->here[MOOD_GENRES + length] += here;
    }
    h->n_all++;
    h->n_here += here;
}

static void add_habits(struct recommender *r, const struct habits *h)
{
    const struct mood_model *m = &r->w->model->moods->model;
    for (int w = 0; w < MOOD_WORDS && h->n_here > 0; w++) {
        /* As many plays as the common shares count beside a viewer's taste count the habits of everybody here. */
        float usual = (h->all[w] + m->own * m->share[w]) / (h->n_all + m->own);
        float moment = r->moment.words[WORDS_HOUR][w] + r->moment.words[WORDS_DEVICE][w];
        float here = (h->here[w] + m->own * usual * expf(moment)) / (h->n_here + m->own);
        if (usual > 0 && here > 0)
            r->moment.words[WORDS_HABITS][w] = logf(here / usual) - moment;
    }
}

/* A genre of the title just watched, its length. */
static void add_last(struct recommender *r, const struct mood_state *s)
{
    const struct mood_model *m = &r->w->model->moods->model;
    float *words = r->moment.words[WORDS_LAST];
    for (uint64_t b = s->last_genres; b; b &= b - 1)
        words[__builtin_ctzll(b)] = m->again[0];
    if (s->last_length > 0)
        words[MOOD_GENRES + s->last_length - 1] = m->again[1];
}

/* The plays so far, as far as they say something of this moment. Without context the last title alone does. */
static void look_back(struct recommender *r, const struct mood_moment *now, struct mood_state *s)
{
    const struct mood_model *m = &r->w->model->moods->model;
    bool context = !r->ask->no_context;
    struct habits habits = {.n_all = 0};
    size_t n = plays_in_order(r);
    for (size_t i = 0; i < n; i++) {
        const struct title_signal *of = &r->profile->signals[(uint32_t)r->key[i]];
        uint32_t t = of->title.v;
        bool chosen = r->key[i] >> 32 != 0;
        int64_t at_ms = (chosen ? (int64_t)(r->key[i] >> 32) : (int64_t)of->last_s) * 1000;
        struct mood_play play = {moment_at(at_ms, r->profile->offset_min, of->device),
                                 r->d->mood_genres[t], r->d->runtime_min[t]};
        count_habit(&habits, &play, play.moment.daypart && play.moment.daypart == now->daypart);
        if (i + FED < n || !context || !chosen || m->n < 2) {
            mood_remember(s, &play);
        } else {
            struct mood_view v;
            mood_look(m, &r->d->mood_table, s, &play.moment, &v);
            mood_feed(m, s, &v, &play);
        }
    }
    int64_t last_ms = n > 0 ? (int64_t)(r->key[n - 1] >> 32) * 1000 : 0;
    r->moment.recent = context && n > 0 && now->at_ms - last_ms < MOOD_SESSION_MS;
    if (n > 0 && now->at_ms - last_ms < MOOD_KEEP_MS)
        add_last(r, s);
    if (context)
        add_habits(r, &habits);
}

/* ------------------------------------------------------------------ the request's choice */

static bool says_off(const char *text)
{
    return text && str_eq_nocase(str_of(text), STR("off"));
}

static int refuse(struct recommender *r, uint32_t n, struct mq_error *err)
{
    struct words w;
    const char *asked = r->ask->mood;
    if (n < 2)
        return mq_fail(err, MQ_INVALID,
                       "mood: %.60s: this model tells no moods apart: leave it out", asked);
    words_init(&w);
    for (uint32_t z = 0; z < n; z++) {
        buf_add_z(&w.b, z ? ", " : "");
        buf_add_z(&w.b, moment_mood_name(r, z));
    }
    return mq_fail(err, MQ_INVALID, "mood: %.60s: is none: give off, or one of %.*s", asked,
                   (int)(w.b.n < 300 ? w.b.n : 300), w.b.p);
}

static int take_choice(struct recommender *r, uint32_t n, struct mq_error *err)
{
    struct str asked = str_of(r->ask->mood);
    uint64_t number;
    uint32_t z = 0;
    if (str_to_u64(asked, &number) && number >= 1 && number <= n)
        z = (uint32_t)number - 1;
    else
        while (z < n && !str_eq_nocase(asked, str_of(moment_mood_name(r, z))))
            z++;
    if (n < 2 || z >= n)
        return refuse(r, n, err);
    struct mood_view *v = &r->moment.view;
    for (uint32_t k = 0; k < n; k++)
        v->p[k] = k == z;
    r->moment.mood = z;
    r->moment.chosen = true;
    return 0;
}

static int choose_mood(struct recommender *r, uint32_t n, struct mq_error *err)
{
    struct moment *now = &r->moment;
    bool off = says_off(r->ask->mood);
    now->moods = n > 1 && !off && (r->profile || (r->ask->mood && r->ask->mood[0]));
    for (uint32_t z = 1; z < n; z++)
        now->mood = now->view.p[z] > now->view.p[now->mood] ? z : now->mood;
    return off || !r->ask->mood || !r->ask->mood[0] ? 0 : take_choice(r, n, err);
}

/* What the model says of the moment. */
static int read_moment(struct recommender *r, struct mq_error *err)
{
    const struct mood_part *p = r->w->model ? r->w->model->moods : NULL;
    bool asked = r->ask->mood && r->ask->mood[0] && !says_off(r->ask->mood);
    if (!p)
        return asked ? refuse(r, 0, err) : 0;
    const struct mood_model *m = &p->model;
    struct mood_moment now = moment_at(r->ask->at_ms, r->context.offset_min, r->context.device);
    struct mood_state s = {.begun = false};
    r->moment.on = true;
    if (!r->ask->no_context) {
        memcpy(r->moment.words[WORDS_HOUR], m->by_cell[mood_cell(&now)], sizeof(m->by_cell[0]));
        memcpy(r->moment.words[WORDS_DEVICE], m->by_device[now.device], sizeof(m->by_device[0]));
    }
    if (r->profile)
        look_back(r, &now, &s);
    if ((r->ask->no_context || !r->profile) && !asked)
        return 0; /* nothing is said of moods */
    mood_look(m, &r->d->mood_table, &s, &now, &r->moment.view);
    return choose_mood(r, m->n, err);
}

int moment_begin(struct recommender *r, struct mq_error *err)
{
    int rc = read_moment(r, err);
    if (rc == 0)
        order_titles(r);
    return rc;
}

/* ------------------------------------------------------------------ the row */

bool moment_deserves_row(const struct recommender *r)
{
    const struct moment *now = &r->moment;
    return now->moods &&
           (now->chosen || now->view.p[now->mood] > likely * now->view.usual[now->mood]);
}

float moment_weight(const struct recommender *r)
{
    /* Where worth is a chance the mood is in it already. */
    float by = order_learnt(r) ? 0 : r->moment.view.p[r->moment.mood];
    return r->moment.chosen ? 100 : 1 + by;
}

/* Titles that suit the mood, in the viewer's order times how well they suit. */
void mood_list(struct recommender *r, struct shelf *s)
{
    static const float none[MOOD_WORDS] = {0};
    const float suits = 0.2f;
    const struct mood_model *m = &r->w->model->moods->model;
    size_t most = shelf_depth(r, s, RANKED);
    if (most == 0 || !shelf_open(r, s, most))
        return;
    for (size_t k = 0; k < r->n_ranked; k++) {
        uint32_t t = r->ranked[k].index;
        float fit = mood_score(none, m->mood[s->key], r->d->mood_genres[t], r->d->runtime_min[t]);
        if (fit > suits)
            shelf_insert(s, most, t, expf(fminf(fit, 3)) * r->ordered[t]);
    }
}

static const char *source_of(const struct moment *now)
{
    return now->chosen ? "chosen" : now->recent ? "the moment and recent plays" : "the moment";
}

void moment_tell(struct recommender *r, struct mq_page *ret)
{
    const struct moment *now = &r->moment;
    if (!now->moods)
        return;
    struct mq_mood *moods = ARENA_ARRAY(&r->arena, now->view.n, struct mq_mood);
    for (uint32_t z = 0; moods && z < now->view.n; z++)
        moods[z] = (struct mq_mood){moment_mood_name(r, z), (double)now->view.p[z]};
    if (!moods)
        return;
    ret->moods = moods;
    ret->n_moods = now->view.n;
    ret->mood = moods[now->mood];
    ret->mood_source = source_of(now);
}
