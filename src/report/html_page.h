/* html_page.h - pages for a meeting: one file of HTML with its charts as SVG inside, no script, nothing loaded from anywhere (and a
 * content security policy that says so). Light and dark, and on paper.
 *
 * All text is escaped here, whatever it holds; bytes that are no UTF-8, and control characters, become U+FFFD. A figure that
 * is NaN is a dash. Everything appends to a buf, whose errors stick. Pure. */
#ifndef MQ_REPORT_HTML_PAGE_H
#define MQ_REPORT_HTML_PAGE_H

#include "base/buf.h"

void html_open(struct buf *b, struct str title, struct str below);
void html_close(struct buf *b);

/* Escaped text alone, fit for element content and quoted attributes. */
void html_text(struct buf *b, struct str s);
void html_heading(struct buf *b, struct str s);
void html_paragraph(struct buf *b, struct str s);
/* "12,345", "0.123": three significant digits below 100. */
void html_figure(struct buf *b, double v);

void html_table(struct buf *b, const char *const *heads, size_t n);
void html_row(struct buf *b);
void html_cell(struct buf *b, struct str s);
void html_number(struct buf *b, double v);
void html_row_end(struct buf *b);
void html_table_end(struct buf *b);

/* Bars from low to high with a tick in the middle; NaN: left out. */
struct html_range {
    struct str label;
    double low, middle, high;
};
enum { HTML_RANGES_MAX = 60, HTML_REGIONS_MAX = 8, HTML_SETS_MAX = 3 };
/* At most HTML_RANGES_MAX are drawn. log: a logarithmic axis (figures above 0). reference: a line there; NaN: none. */
void html_ranges(struct buf *b, struct str caption, const struct html_range *list, size_t n,
                 bool log, double reference);

/* How a forecast opens over time: the band from P10 to P90 and P50, from nothing at 0 on. x ascending, above 0. */
struct html_point {
    double x, p10, p50, p90;
};
void html_fan(struct buf *b, struct str caption, struct str unit, const struct html_point *list,
              size_t n);
/* A curve from (0, 0) on over shares of a whole (x in (0, 1], ascending) with its band, and the straight line from 0 to its end. Below zero
 * too. */
void html_curve(struct buf *b, struct str caption, struct str unit, const struct html_point *list,
                size_t n);
/* What came (P10, P50, P90) against what was forecast (x), both logarithmic, with the line on which they are equal. */
void html_calibration(struct buf *b, struct str caption, const struct html_point *list, size_t n);

/* An UpSet plot: how many are in just these sets, beside what would be expected (NaN: not had). sets: bit per name. */
struct html_region {
    unsigned sets;
    double count, expected;
};
void html_upset(struct buf *b, struct str caption, const struct str *names, size_t n_names,
                const struct html_region *list, size_t n);

#endif
