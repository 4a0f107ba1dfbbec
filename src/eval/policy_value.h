/* policy_value.h - what a policy would have earned in another's place, slot by slot, from two logs.
 *
 * The target policy is what chose in the target log: its chance of an item in a slot is that item's share there. Its
 * own earnings in that log stand beside the estimate, as the truth that the estimate should have come near to. */
#ifndef MQ_EVAL_POLICY_VALUE_H
#define MQ_EVAL_POLICY_VALUE_H

#include "base/json_writer.h"
#include "eval/choice_log.h"

struct policy_estimates {
    struct off_policy snips, dr;
    double target_value, target_low,
        target_high; /* earned in the target log; NaN: the slot is not there */
    size_t target_choices;
};

struct policy_value {
    struct policy_estimates all;
    struct policy_estimates slot[CHOICE_SLOTS_MAX];
    uint32_t n_slots, n_items;
};

/* DR's model of the reward: the item's mean in the slot, shrunk towards the slot's, from the other half of the viewers. */
int policy_value(const struct choice_log *logged, const struct choice_log *target, uint32_t n_items,
                 struct policy_value *ret, struct mq_error *err);

/* {"protocol": "off-policy", "items", "all": {...}, "slots": [{...}]} */
void policy_value_write(struct json *j, const struct policy_value *v);

#endif
