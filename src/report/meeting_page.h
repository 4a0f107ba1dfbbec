/* meeting_page.h - answers about what to make, as pages for a meeting (html_page.h). */
#ifndef MQ_REPORT_MEETING_PAGE_H
#define MQ_REPORT_MEETING_PAGE_H

#include "base/buf.h"
#include "base/error.h"

enum { MEETING_PAGE_MAX = 16 << 20 };

/* kind: "forecast", "opportunities", "slate", "backtest", "campaign" (a reading). answer: its JSON, as the command prints and the route answers. name:
 * what it is about (a concept's file). MQ_INVALID: another kind, or no such answer; MQ_TOO_LARGE. */
int meeting_page(const char *kind, struct str name, struct str answer, struct buf *out,
                 struct mq_error *err);

#endif
