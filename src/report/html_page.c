#include "report/html_page.h"

#include <math.h>
#include <stdio.h>

static const char style[] =
    ":root{color-scheme:light "
    "dark;--ink:#1d2330;--soft:#5b6475;--line:#d5dae3;--page:#fff;--band:#9db8e8;"
    "--mark:#1f4fa8}"
    "@media "
    "(prefers-color-scheme:dark){:root{--ink:#e6e9f0;--soft:#a4adbd;--line:#3a4252;--page:#14171e;"
    "--band:#38548c;--mark:#9cc0ff}}"
    "body{font:15px/1.5 "
    "system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:62rem;"
    "margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}p{max-width:46rem}"
    "p.below,figcaption,caption{color:var(--soft)}table{border-collapse:collapse;width:100%}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid "
    "var(--line);text-align:left;vertical-align:top}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}figure{margin:1rem "
    "0;break-inside:avoid}"
    "svg{width:100%;height:auto}svg text{fill:var(--ink);font-size:12px}svg .soft{fill:var(--soft)}"
    "svg .grid{stroke:var(--line)}svg .band{fill:var(--band)}svg "
    ".mark{stroke:var(--mark);stroke-width:2.5;"
    "fill:none}svg .dot{fill:var(--mark)}svg .off{fill:var(--line)}"
    "svg .reference{stroke:var(--soft);stroke-dasharray:4 3;fill:none}"
    "@media print{body{margin:0;max-width:none}h2{break-after:avoid}}";

void html_text(struct buf *b, struct str s)
{
    static const struct str lost = {"\xef\xbf\xbd", 3};
    for (size_t i = 0; i < s.n;) {
        size_t width = str_utf8_width(s, i);
        unsigned char c = (unsigned char)s.p[i];
        const char *entity = c == '&'    ? "&amp;"
                             : c == '<'  ? "&lt;"
                             : c == '>'  ? "&gt;"
                             : c == '"'  ? "&quot;"
                             : c == '\'' ? "&#39;"
                                         : NULL;
        if (entity)
            buf_add_z(b, entity);
        else if (width == 0 || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            buf_add_str(b, lost);
        else
            buf_add(b, s.p + i, width);
        i += width ? width : 1;
    }
}

static void element(struct buf *b, const char *open, struct str s, const char *close)
{
    buf_add_z(b, open);
    html_text(b, s);
    buf_add_z(b, close);
}

void html_open(struct buf *b, struct str title, struct str below)
{
    buf_add_z(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "style-src 'unsafe-inline'\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width\">\n");
    element(b, "<title>", title, "</title>\n");
    buf_add_z(b, "<style>");
    buf_add_z(b, style);
    buf_add_z(b, "</style>\n</head>\n<body>\n");
    element(b, "<h1>", title, "</h1>\n");
    element(b, "<p class=\"below\">", below, "</p>\n");
}

void html_close(struct buf *b)
{
    buf_add_z(b, "</body>\n</html>\n");
}

void html_heading(struct buf *b, struct str s)
{
    element(b, "<h2>", s, "</h2>\n");
}

void html_paragraph(struct buf *b, struct str s)
{
    element(b, "<p>", s, "</p>\n");
}

void html_figure(struct buf *b, double v)
{
    char text[64];
    if (!isfinite(v) || fabs(v) >= 1e15) {
        buf_add_z(b, isfinite(v) ? "&gt; 10^15" : "\xe2\x80\x93");
        return;
    }
    if (fabs(v) < 100 && v != round(v)) {
        buf_printf(b, "%.3g", v);
        return;
    }
    int n = snprintf(text, sizeof(text), "%.0f", fabs(v));
    if (v < 0)
        buf_add_char(b, '-');
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            buf_add_char(b, ',');
        buf_add_char(b, text[i]);
    }
}

void html_table(struct buf *b, const char *const *heads, size_t n)
{
    buf_add_z(b, "<table>\n<thead><tr>");
    for (size_t i = 0; i < n; i++) {
        /* A head that begins with '#' stands over figures. */
        bool number = heads[i][0] == '#';
        element(b, number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">",
                str_of(heads[i] + number), "</th>");
    }
    buf_add_z(b, "</tr></thead>\n<tbody>\n");
}

void html_row(struct buf *b)
{
    buf_add_z(b, "<tr>");
}

void html_cell(struct buf *b, struct str s)
{
    element(b, "<td>", s, "</td>");
}

void html_number(struct buf *b, double v)
{
    buf_add_z(b, "<td class=\"n\">");
    html_figure(b, v);
    buf_add_z(b, "</td>");
}

void html_row_end(struct buf *b)
{
    buf_add_z(b, "</tr>\n");
}

void html_table_end(struct buf *b)
{
    buf_add_z(b, "</tbody>\n</table>\n");
}
