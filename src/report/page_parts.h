/* page_parts.h - what the pages of this room share, and the pages. */
#ifndef MQ_REPORT_PAGE_PARTS_H
#define MQ_REPORT_PAGE_PARTS_H

#include "report/answer_fields.h"
#include "report/html_page.h"

enum { PAGE_LABEL_BYTES = 256 };

/* {p10, p50, p90} -> a range; NaN where one is missing. */
struct html_range page_range(struct json_object *interval, struct str label);
/* The same as a row of a table. */
void page_interval(struct buf *b, struct str label, struct json_object *interval);
/* A paragraph, of at most 1,023 bytes. */
void page_say(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One per kind of answer (meeting_page.h): all between html_open, which they call, and html_close. */
void forecast_page(struct buf *b, struct str name, struct json_object *o);
void campaign_page(struct buf *b, struct str name, struct json_object *o);

#endif
