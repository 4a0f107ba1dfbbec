#include "report/page_parts.h"

#include <stdarg.h>
#include <stdio.h>

struct html_range page_range(struct json_object *interval, struct str label)
{
    return (struct html_range){label, answer_number(interval, "p10"),
                               answer_number(interval, "p50"), answer_number(interval, "p90")};
}

void page_interval(struct buf *b, struct str label, struct json_object *interval)
{
    struct html_range r = page_range(interval, label);
    html_row(b);
    html_cell(b, label);
    html_number(b, r.low);
    html_number(b, r.middle);
    html_number(b, r.high);
    html_row_end(b);
}

void page_say(struct buf *b, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    html_paragraph(b, str_of(line));
}
