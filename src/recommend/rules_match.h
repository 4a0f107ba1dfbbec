/* rules_match.h - the titles that a rule speaks of, as bits. Inside the room only. */
#ifndef MQ_RECOMMEND_RULES_MATCH_H
#define MQ_RECOMMEND_RULES_MATCH_H

#include "recommend/recommender.h"
#include "recommend/rules.h"

/* ret (words). Conditions asked before of the same catalogue are remembered (RULE_CACHE of them): then O(words),
 * else O(titles), of people O(people). */
void rule_match(struct recommender *r, const struct rule *rule, uint64_t *ret);

#endif
