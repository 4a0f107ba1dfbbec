#include "train/examination.h"

#include <math.h>
#include <string.h>

enum { STEPS = EXAMINED_PLACES - 1, WEAKEST = 20, STRONGEST = 5120 };
static const double interval_z = 1.959964;

/* ---------------------------------------------------------------- counting */

static bool is_chosen(const uint32_t *chosen, size_t n, uint32_t title)
{
    for (size_t low = 0, high = n; low < high;) {
        size_t middle = (low + high) / 2;
        if (chosen[middle] == title)
            return true;
        if (chosen[middle] < title)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Both in one draw, all of whose orders were equally likely: the chances are 1 / m, 1 / (m - 1). NaN: no. */
static bool drawn_together(float here, float next)
{
    return here < 1 && fabsf(1 / next - (1 / here - 1)) < 0.01f;
}

static void count(struct examination *x, unsigned device, enum examined_along along, uint32_t at,
                  double near, double far)
{
    const unsigned both[2] = {device, DEVICES};
    for (size_t i = 0; i < 2; i++) {
        x->mine[both[i]][along][at] += near;
        x->mine[both[i]][along][EXAMINED_PLACES + at] += far;
    }
}

void examination_add(struct examination *x, const struct shown_page *page, const uint32_t *chosen,
                     size_t n)
{
    bool any[ALONG] = {false};
    double row_choices[EXAMINED_PLACES] = {0};
    unsigned device = page->context.device < DEVICES ? page->context.device : DEVICE_OTHER;
    uint32_t rows = page->n_rows < EXAMINED_PLACES ? page->n_rows : EXAMINED_PLACES;
    for (uint32_t r = 0; r < rows; r++) {
        const struct shown_row *row = &page->rows[r];
        for (uint32_t c = 0; c < row->n; c++)
            row_choices[r] += is_chosen(chosen, n, row->items[c].title.v);
        for (uint32_t c = 0; row->random && c + 1 < row->n && c < STEPS; c++) {
            const struct shown_item *here = &row->items[c], *next = here + 1;
            if (!drawn_together(here->propensity, next->propensity))
                continue;
            count(x, device, ALONG_COLUMNS, c, is_chosen(chosen, n, here->title.v),
                  is_chosen(chosen, n, next->title.v));
            any[ALONG_COLUMNS] = true;
        }
    }
    for (uint32_t r = 0; r + 1 < rows; r++) {
        if (!drawn_together(page->rows[r].place_chance, page->rows[r + 1].place_chance))
            continue;
        count(x, device, ALONG_ROWS, r, row_choices[r], row_choices[r + 1]);
        any[ALONG_ROWS] = true;
    }
    for (size_t i = 0; i < ALONG; i++)
        x->pages[i] += any[i];
}

static void end_counts(struct swap_counts *c, double mine[2 * EXAMINED_PLACES])
{
    uint32_t at[2 * EXAMINED_PLACES] = {0}, n = 0;
    for (uint32_t i = 0; i < 2 * EXAMINED_PLACES; i++)
        if (mine[i] > 0)
            at[n++] = i;
    for (uint32_t i = 0; i < n; i++) {
        c->sum[at[i]] += mine[at[i]];
        for (uint32_t k = 0; k < n; k++)
            c->product[at[i]][at[k]] += mine[at[i]] * mine[at[k]];
    }
    c->viewers += n > 0;
    memset(mine, 0, 2 * EXAMINED_PLACES * sizeof(*mine));
}

void examination_end_viewer(struct examination *x)
{
    for (unsigned d = 0; d <= DEVICES; d++)
        for (unsigned a = 0; a < ALONG; a++)
            end_counts(&x->of[d][a], x->mine[d][a]);
}

/* ---------------------------------------------------------------- what weights are made of */

/* log of the ratio of neighbours if a place's chance is (1 + place)^-slope. */
static double power_step(uint32_t i)
{
    return -log((2.0 + i) / (1.0 + i));
}

static double logistic(double v)
{
    return 1 / (1 + exp(-v));
}

/* The slope that the counts ask for beyond `usual`, with a normal prior around 0: one-dimensional logistic regression. */
static double slope_of(const struct swap_counts *c, const double *usual, double deviation)
{
    double slope = 0;
    for (int turn = 0; turn < 30; turn++) {
        double first = -slope / (deviation * deviation), second = 1 / (deviation * deviation);
        for (uint32_t i = 0; i < STEPS; i++) {
            double g = power_step(i), far = c->sum[EXAMINED_PLACES + i], n = far + c->sum[i];
            double p = logistic(usual[i] + slope * g);
            first += g * (far - n * p);
            second += n * g * g * p * (1 - p);
        }
        double step = first / second;
        slope += fmax(fmin(step, 1), -1);
        if (fabs(step) < 1e-9)
            break;
    }
    return slope;
}

static double log_beta(double a, double b)
{
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* As how many choices the curve counts beside a pair's own: the likeliest for all pairs, each with a share around the curve's (of
 * equals the most). */
static double strength_of(const struct swap_counts *c, const double *curve)
{
    double best = -INFINITY, ret = STRONGEST;
    for (unsigned choices = STRONGEST; choices >= WEAKEST; choices /= 2) {
        double m = choices, sum = 0;
        for (uint32_t i = 0; i < STEPS; i++) {
            double p = logistic(curve[i]), near = c->sum[i], far = c->sum[EXAMINED_PLACES + i];
            sum += log_beta(far + m * p, near + m * (1 - p)) - log_beta(m * p, m * (1 - p));
        }
        if (sum > best) {
            best = sum;
            ret = m;
        }
    }
    return ret;
}

/* Steps of the logarithm from place to place: `usual`, bent by a slope, and each pair drawn to that. */
static void settle(const struct swap_counts *c, const double *usual, double deviation, double *ret)
{
    double curve[STEPS], slope = slope_of(c, usual, deviation);
    for (uint32_t i = 0; i < STEPS; i++)
        curve[i] = usual[i] + slope * power_step(i);
    double m = strength_of(c, curve);
    for (uint32_t i = 0; i < STEPS; i++) {
        double p = logistic(curve[i]);
        ret[i] = log((c->sum[EXAMINED_PLACES + i] + m * p) / (c->sum[i] + m * (1 - p)));
    }
}

static void add_up(const double *step, double *ret)
{
    double sum = 0;
    for (uint32_t i = 0; i < EXAMINED_PLACES; i++) {
        ret[i] = fmin(exp(sum), 1);
        sum += i < STEPS ? step[i] : 0;
    }
}

void examination_settle(const struct examination *x, struct examined_places *ret)
{
    static const double flat[STEPS] = {0};
    for (unsigned a = 0; a < ALONG; a++) {
        const struct swap_counts *all = &x->of[DEVICES][a];
        double steps[STEPS], own[STEPS], choices = 0;
        for (uint32_t i = 0; i < 2 * EXAMINED_PLACES; i++)
            choices += all->sum[i];
        ret->choices[a] = (uint64_t)choices;
        ret->known[a] = choices >= EXAMINED_CHOICES && all->viewers >= EXAMINED_VIEWERS;
        settle(all, flat, 1, steps);
        for (unsigned d = 0; d <= DEVICES; d++) {
            if (d < DEVICES)
                settle(&x->of[d][a], steps, 0.5, own);
            else
                memcpy(own, steps, sizeof(own));
            add_up(ret->known[a] ? own : flat, ret->used[d][a]);
        }
    }
}

double examined_at(const struct examined_places *p, enum device device, uint32_t row,
                   uint32_t column)
{
    const uint32_t last = EXAMINED_PLACES - 1;
    double chance = p->used[device][ALONG_ROWS][row < last ? row : last] *
                    p->used[device][ALONG_COLUMNS][column < last ? column : last];
    return fmax(chance, EXAMINED_LEAST);
}

/* ---------------------------------------------------------------- what the swaps say alone */

void examination_measure(const struct examination *x, const struct examined_places *p,
                         unsigned device, enum examined_along along, uint32_t place,
                         struct examined *ret)
{
    const struct swap_counts *c = &x->of[device][along];
    double influence[2 * EXAMINED_PLACES] = {0}, level = 0, variance = 0;
    bool enough = c->viewers >= EXAMINED_VIEWERS;
    for (uint32_t i = 0; i < place && i < STEPS; i++) {
        double near = c->sum[i], far = c->sum[EXAMINED_PLACES + i];
        enough = enough && near >= EXAMINED_PAIR && far >= EXAMINED_PAIR;
        level += log((far + 0.5) / (near + 0.5));
        influence[i] = -1 / (near + 0.5);
        influence[EXAMINED_PLACES + i] = 1 / (far + 0.5);
    }
    for (size_t i = 0; i < 2 * EXAMINED_PLACES; i++)
        for (size_t k = 0; k < 2 * EXAMINED_PLACES; k++)
            variance += influence[i] * influence[k] * c->product[i][k];
    double wide = interval_z * sqrt(variance);
    *ret = (struct examined){.ratio = 1, .low = 1, .high = 1, .used = 1};
    if (place == 0 || place >= EXAMINED_PLACES)
        return;
    ret->used = p->used[device][along][place];
    ret->choices = c->sum[place - 1] + c->sum[EXAMINED_PLACES + place - 1];
    ret->ratio = enough ? exp(level) : NAN;
    ret->low = enough ? exp(level - wide) : NAN;
    ret->high = enough ? exp(level + wide) : NAN;
}
