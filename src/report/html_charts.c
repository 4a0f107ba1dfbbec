/* html_charts.c - the charts of html_page.h, in SVG. */
#include <math.h>

#include "report/html_page.h"

enum {
    WIDTH = 720,
    LEFT = 230,
    RIGHT = 80,
    ROW = 24,
    HIGH = 260,
    LOW_EDGE = 34,
    TICKS = 5,
    TICKS_MAX = 12
};

/* From figures to places along an axis. */
struct axis {
    double from, to; /* logs when `log` */
    double begin, end;
    bool log;
};

/* What has no logarithm stands at the begin. */
static double along(const struct axis *a, double v)
{
    if (!a->log)
        return v;
    if (!(v > 0))
        return a->from;
    return log(v);
}

static double place(const struct axis *a, double v)
{
    double x = along(a, v);
    double span = a->to - a->from;
    double t = span > 0 ? (x - a->from) / span : 0.5;
    return a->begin + (a->end - a->begin) * fmin(1, fmax(0, t));
}

static bool fits(double v, bool log)
{
    return isfinite(v) && (!log || v > 0);
}

static void widen(struct axis *a, double v)
{
    if (!fits(v, a->log))
        return;
    double x = a->log ? log(v) : v;
    a->from = fmin(a->from, x);
    a->to = fmax(a->to, x);
}

static struct axis axis_of(bool log, double begin, double end)
{
    return (struct axis){.from = INFINITY, .to = -INFINITY, .begin = begin, .end = end, .log = log};
}

/* False when nothing was there to show. */
static bool settle(struct axis *a)
{
    if (!(a->from <= a->to))
        return false;
    double pad = a->to > a->from ? 0.04 * (a->to - a->from) : fmax(1e-9, 0.5 * fabs(a->to));
    a->to += pad;
    a->from = a->log || a->from != 0 ? a->from - pad : 0;
    return true;
}

static void open_svg(struct buf *b, struct str caption, double height)
{
    buf_printf(b, "<figure><svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"", WIDTH, height);
    html_text(b, caption);
    buf_add_z(b, "\">\n");
}

static void close_svg(struct buf *b, struct str caption)
{
    buf_add_z(b, "</svg><figcaption>");
    html_text(b, caption);
    buf_add_z(b, "</figcaption></figure>\n");
}

static void line(struct buf *b, const char *kind, double x1, double y1, double x2, double y2)
{
    buf_printf(b, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", kind,
               x1, y1, x2, y2);
}

static void text_at(struct buf *b, double x, double y, const char *anchor, struct str s)
{
    buf_printf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    html_text(b, s);
    buf_add_z(b, "</text>\n");
}

static void figure_text(struct buf *b, double x, double y, const char *anchor, double v)
{
    buf_printf(b, "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    html_figure(b, v);
    buf_add_z(b, "</text>\n");
}

/* Round figures within a linear axis. */
static size_t ticks_linear(double from, double to, double ret[TICKS_MAX])
{
    size_t n = 0;
    double rough = (to - from) / TICKS;
    if (!(rough > 0))
        return 0;
    double unit = pow(10, floor(log10(rough)));
    double step = unit * (rough <= unit ? 1 : rough <= 2 * unit ? 2 : rough <= 5 * unit ? 5 : 10);
    for (double k = ceil(from / step - 1e-9); k * step <= to + 1e-9 * step && n < TICKS_MAX; k++)
        ret[n++] = k == 0 ? 0 : k * step;
    return n;
}

/* 1, 2, 5, 10 ... or, where that is too many, powers of ten, or some of these. */
static size_t ticks_log(double from, double to, double ret[TICKS_MAX])
{
    static const double in_ten[] = {1, 2, 5};
    double decades = (to - from) / M_LN10;
    int every = (int)ceil(decades / TICKS_MAX);
    size_t kinds = decades * 3 < TICKS_MAX ? 3 : 1;
    size_t n = 0;
    for (int k = (int)floor(from / M_LN10); k * M_LN10 <= to && n < TICKS_MAX; k++) {
        for (size_t i = 0; i < kinds && n < TICKS_MAX; i++) {
            double v = in_ten[i] * pow(10, k);
            if (k % every == 0 && log(v) >= from - 1e-9 && log(v) <= to + 1e-9)
                ret[n++] = v;
        }
    }
    return n > 1 ? n : ticks_linear(exp(from), exp(to), ret);
}

static size_t ticks_of(const struct axis *a, double ret[TICKS_MAX])
{
    return a->log ? ticks_log(a->from, a->to, ret) : ticks_linear(a->from, a->to, ret);
}

static void ticks_across(struct buf *b, const struct axis *x, double top, double bottom)
{
    double v[TICKS_MAX];
    size_t n = ticks_of(x, v);
    for (size_t i = 0; i < n; i++) {
        line(b, "grid", place(x, v[i]), top, place(x, v[i]), bottom);
        figure_text(b, place(x, v[i]), bottom + 16, "middle", v[i]);
    }
}

static void ticks_up(struct buf *b, const struct axis *x, const struct axis *y)
{
    double v[TICKS_MAX];
    size_t n = ticks_of(y, v);
    for (size_t i = 0; i < n; i++) {
        line(b, "grid", x->begin, place(y, v[i]), x->end, place(y, v[i]));
        figure_text(b, x->begin - 8, place(y, v[i]) + 4, "end", v[i]);
    }
}

/* A label at the end of its line; a long one is cut at a whole character, with a mark that it was. */
static void label_at(struct buf *b, double x, double y, struct str s)
{
    enum { LABEL = 32 };
    struct str cut = s;
    if (s.n > LABEL + 2) {
        cut.n = 0;
        for (size_t w; cut.n < s.n &&
                       (w = str_utf8_width(s, cut.n) ? str_utf8_width(s, cut.n) : 1) &&
                       cut.n + w <= LABEL;)
            cut.n += w;
    }
    buf_printf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", x, y);
    html_text(b, cut);
    buf_add_z(b, cut.n < s.n ? "\xe2\x80\xa6</text>\n" : "</text>\n");
}

void html_ranges(struct buf *b, struct str caption, const struct html_range *list, size_t n,
                 bool log, double reference)
{
    struct axis x = axis_of(log, LEFT, WIDTH - RIGHT);
    size_t shown = n < HTML_RANGES_MAX ? n : HTML_RANGES_MAX;
    for (size_t i = 0; i < shown; i++) {
        widen(&x, list[i].low);
        widen(&x, list[i].middle);
        widen(&x, list[i].high);
    }
    widen(&x, reference);
    if (x.from <= x.to)
        widen(&x, 0); /* which has no place on a logarithmic axis */
    if (!settle(&x))
        return;
    double bottom = 6 + (double)ROW * (double)shown;
    open_svg(b, caption, bottom + LOW_EDGE);
    ticks_across(b, &x, 4, bottom);
    for (size_t i = 0; i < shown; i++) {
        const struct html_range *r = &list[i];
        double y = 6 + (double)ROW * (double)i;
        label_at(b, LEFT - 10, y + 16, r->label);
        if (fits(r->low, log) && fits(r->high, log)) {
            double from = place(&x, r->low);
            buf_printf(
                b, "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"12\"/>\n",
                from, y + 5, fmax(1, place(&x, r->high) - from));
        }
        if (fits(r->middle, log))
            line(b, "mark", place(&x, r->middle), y + 2, place(&x, r->middle), y + 20);
        figure_text(b, WIDTH - RIGHT + 10, y + 16, "start", r->middle);
    }
    if (fits(reference, log))
        line(b, "reference", place(&x, reference), 2, place(&x, reference), bottom);
    close_svg(b, caption);
}

void html_fan(struct buf *b, struct str caption, struct str unit, const struct html_point *list,
              size_t n)
{
    struct axis x = axis_of(false, 80, WIDTH - 90);
    struct axis y = axis_of(false, HIGH - LOW_EDGE, 12);
    widen(&x, 0);
    widen(&y, 0);
    for (size_t i = 0; i < n; i++) {
        if (!fits(list[i].p10, false) || !fits(list[i].p50, false) || !fits(list[i].p90, false))
            return;
        widen(&x, list[i].x);
        widen(&y, list[i].p90);
    }
    if (n == 0 || !settle(&x) || !settle(&y))
        return;
    x.from = y.from = 0;
    open_svg(b, caption, HIGH);
    ticks_up(b, &x, &y);
    buf_printf(b, "<polygon class=\"band\" points=\"%.1f,%.1f", place(&x, 0), place(&y, 0));
    for (size_t i = 0; i < n; i++)
        buf_printf(b, " %.1f,%.1f", place(&x, list[i].x), place(&y, list[i].p90));
    for (size_t i = n; i-- > 0;)
        buf_printf(b, " %.1f,%.1f", place(&x, list[i].x), place(&y, list[i].p10));
    buf_printf(b, "\"/>\n<polyline class=\"mark\" points=\"%.1f,%.1f", place(&x, 0), place(&y, 0));
    for (size_t i = 0; i < n; i++)
        buf_printf(b, " %.1f,%.1f", place(&x, list[i].x), place(&y, list[i].p50));
    buf_add_z(b, "\"/>\n");
    for (size_t i = 0; i < n; i++) {
        figure_text(b, place(&x, list[i].x), HIGH - 16, "middle", list[i].x);
        figure_text(b, place(&x, list[i].x) + 6, place(&y, list[i].p50) - 6, "start", list[i].p50);
    }
    text_at(b, x.begin, HIGH - 2, "start", unit);
    close_svg(b, caption);
}

void html_curve(struct buf *b, struct str caption, struct str unit, const struct html_point *list,
                size_t n)
{
    struct axis x = axis_of(false, 80, WIDTH - 90);
    struct axis y = axis_of(false, HIGH - LOW_EDGE - 16, 12);
    x.from = 0;
    x.to = 1;
    widen(&y, 0);
    for (size_t i = 0; i < n; i++) {
        if (!fits(list[i].p10, false) || !fits(list[i].p50, false) || !fits(list[i].p90, false))
            return;
        widen(&y, list[i].p10);
        widen(&y, list[i].p90);
    }
    if (n == 0 || !settle(&y))
        return;
    open_svg(b, caption, HIGH);
    ticks_up(b, &x, &y);
    for (int i = 0; i <= TICKS; i++)
        figure_text(b, place(&x, (double)i / TICKS), HIGH - LOW_EDGE, "middle", 100.0 * i / TICKS);
    buf_printf(b, "<polygon class=\"band\" points=\"%.1f,%.1f", x.begin, place(&y, 0));
    for (size_t i = 0; i < n; i++)
        buf_printf(b, " %.1f,%.1f", place(&x, list[i].x), place(&y, list[i].p90));
    for (size_t i = n; i-- > 0;)
        buf_printf(b, " %.1f,%.1f", place(&x, list[i].x), place(&y, list[i].p10));
    buf_printf(b, "\"/>\n<polyline class=\"mark\" points=\"%.1f,%.1f", x.begin, place(&y, 0));
    for (size_t i = 0; i < n; i++)
        buf_printf(b, " %.1f,%.1f", place(&x, list[i].x), place(&y, list[i].p50));
    buf_add_z(b, "\"/>\n");
    line(b, "reference", x.begin, place(&y, 0), x.end, place(&y, list[n - 1].p50));
    text_at(b, x.begin, HIGH - 6, "start", unit);
    close_svg(b, caption);
}

void html_calibration(struct buf *b, struct str caption, const struct html_point *list, size_t n)
{
    struct axis x = axis_of(true, 80, WIDTH - 90);
    struct axis y = axis_of(true, HIGH - LOW_EDGE, 12);
    for (size_t i = 0; i < n; i++) {
        const double v[] = {list[i].x, list[i].p10, list[i].p50, list[i].p90};
        for (size_t k = 0; k < sizeof(v) / sizeof(v[0]); k++) {
            widen(&x, v[k]);
            widen(&y, v[k]);
        }
    }
    if (!settle(&x) || !settle(&y))
        return;
    open_svg(b, caption, HIGH);
    ticks_across(b, &x, 12, HIGH - LOW_EDGE);
    ticks_up(b, &x, &y);
    line(b, "reference", x.begin, y.begin, x.end, y.end);
    for (size_t i = 0; i < n; i++) {
        const struct html_point *p = &list[i];
        if (!fits(p->x, true))
            continue;
        if (fits(p->p10, true) && fits(p->p90, true))
            line(b, "mark", place(&x, p->x), place(&y, p->p10), place(&x, p->x), place(&y, p->p90));
        if (fits(p->p50, true))
            buf_printf(b, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n",
                       place(&x, p->x), place(&y, p->p50));
    }
    close_svg(b, caption);
}

void html_upset(struct buf *b, struct str caption, const struct str *names, size_t n_names,
                const struct html_region *list, size_t n)
{
    enum { BARS = 120, COLUMN = 58 };
    double most = 0;
    size_t shown = n < HTML_REGIONS_MAX ? n : HTML_REGIONS_MAX;
    size_t sets = n_names < HTML_SETS_MAX ? n_names : HTML_SETS_MAX;
    for (size_t i = 0; i < shown; i++) {
        most = fits(list[i].count, false) ? fmax(most, list[i].count) : most;
        most = fits(list[i].expected, false) ? fmax(most, list[i].expected) : most;
    }
    if (!(most > 0))
        return;
    open_svg(b, caption, BARS + 30 + ROW * (double)sets);
    for (size_t k = 0; k < sets; k++)
        label_at(b, LEFT - 10, BARS + 36 + ROW * (double)k, names[k]);
    for (size_t i = 0; i < shown; i++) {
        double at = LEFT + 20 + COLUMN * (double)i;
        double high = fits(list[i].count, false) ? BARS * list[i].count / most : 0;
        buf_printf(b, "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"30\" height=\"%.1f\"/>\n",
                   at - 15, BARS + 16 - high, high);
        double over = high;
        if (fits(list[i].expected, false)) {
            double expected = BARS * list[i].expected / most;
            line(b, "mark", at - 20, BARS + 16 - expected, at + 20, BARS + 16 - expected);
            over = fmax(high, expected);
        }
        figure_text(b, at, BARS + 12 - over, "middle", list[i].count);
        for (size_t k = 0; k < sets; k++)
            buf_printf(b, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"/>\n",
                       list[i].sets >> k & 1 ? "dot" : "off", at, BARS + 32 + ROW * (double)k);
    }
    close_svg(b, caption);
}
