/* strategy_html.h - answers about what to make, as pages for a meeting (html_page.h). */
#ifndef MQ_HTTP_STRATEGY_HTML_H
#define MQ_HTTP_STRATEGY_HTML_H

#include "base/buf.h"
#include "base/error.h"

enum { STRATEGY_HTML_MAX = 16 << 20 };

/* kind: "forecast", "opportunities", "slate", "backtest", "campaign" (a reading). answer: its JSON, as the command prints and the route answers. name:
 * what it is about (a concept's file). MQ_INVALID: another kind, or no such answer; MQ_TOO_LARGE. */
int strategy_html(const char *kind, struct str name, struct str answer, struct buf *out,
                  struct mq_error *err);

#endif
