/* render.h - answers of the public API as JSON. One text for every way out: routes, the command line with
 * --json, and the tests compare nothing else. */
#ifndef MQ_HTTP_RENDER_H
#define MQ_HTTP_RENDER_H

#include "base/json_writer.h"
#include "marquee.h"

/* Each writes one JSON value; nothing is allocated beside j's buffer. Shapes: docs/http.md. */
void render_page(struct json *j, const struct mq_page *p);
void render_list(struct json *j, const struct mq_list *l);
void render_explanation(struct json *j, const struct mq_explanation *e);
void render_stats(struct json *j, const struct mq_stats *s);
void render_check(struct json *j, const struct mq_check *c);
void render_import(struct json *j, const struct mq_import_report *r);
void render_tuning(struct json *j, const struct mq_tuning *t);
void render_ranker_features(struct json *j, const struct mq_ranker_features *f);
void render_signals(struct json *j, const struct mq_signals *s);
void render_rating_check(struct json *j, const struct mq_rating_check *r);
struct effect;
/* One arm beside the control; what is not finite is null. */
void render_effect(struct json *j, const char *key, const struct effect *f);
/* The same with other names for its arms. */
void render_effect_of(struct json *j, const char *key, const struct effect *f, const char *control,
                      const char *treatment);
void render_model(struct json *j, const struct mq_model_info *m);
void render_receipt(struct json *j, const char *viewer, const struct mq_receipt *r);
void render_overlap(struct json *j, const struct mq_overlap *o);
void render_audience(struct json *j, const struct mq_audience *a);
void render_communities(struct json *j, const struct mq_communities *c);
void render_pairs(struct json *j, const struct mq_pairs *p);

/* RFC 9457 problem details: {type, title, status, detail, remedy, code}. The message "what: value: remedy" is
 * taken apart at its last colon. `at` (may be NULL) is the request's path. */
void render_problem(struct json *j, const struct mq_error *err, const char *instance);

void render_backtest(struct json *j, const struct mq_backtest *b);
void render_retro_test(struct json *j, const struct mq_retro_test *t);
void render_forecast(struct json *j, const struct mq_forecast *f);
void render_fit(struct json *j, const struct mq_fit *f);
void render_interval(struct json *j, const char *name, const struct mq_interval *v);
void render_opportunities(struct json *j, const struct mq_opportunities *o);
void render_pitch(struct json *j, const struct mq_pitch *p);
void render_slate(struct json *j, const struct mq_slate *s);
void render_ledger(struct json *j, const struct mq_ledger *l);

#endif
