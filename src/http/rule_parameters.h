/* rule_parameters.h - a request's rules and filters out of its query. Inside http/ only. */
#ifndef MQ_HTTP_RULE_PARAMETERS_H
#define MQ_HTTP_RULE_PARAMETERS_H

#include "http/call.h"

/* include (also filter), exclude, boost and pin, each as often as wanted; language, max_maturity, seen, fatigue. Text lies in
 * the request's arena. */
int rule_parameters(const struct call *c, struct mq_rules *ret, struct mq_error *err);

#endif
