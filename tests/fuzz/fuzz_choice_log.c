/* fuzz_choice_log.c - a log of choices for off-policy estimates: any bytes, the first line of them a --map when it says so. What is taken is
 * within its limits, and estimates of it are numbers or refused. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "eval/choice_log.h"
#include "eval/policy_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct choice_log *l, uint32_t items)
{
    if (l->n == 0 || l->n_slots == 0 || l->n_slots > CHOICE_SLOTS_MAX)
        abort();
    for (size_t i = 0; i < l->n; i++) {
        const struct choice_row *r = &l->rows[i];
        if (r->item >= items || r->slot >= l->n_slots || !isfinite(r->reward) ||
            !(r->propensity > 0 && r->propensity <= 1))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct policy_value value;
    struct str text = {(const char *)data, size}, rest = text, line = str_cut(&rest, '\n');
    struct choice_map map = {0};
    struct choice_log l;
    struct intern *items = NULL;
    struct mq_error err;
    char words[1024];
    if (str_starts(line, STR("map ")) && line.n < sizeof(words)) {
        memcpy(words, line.p + 4, line.n - 4);
        words[line.n - 4] = '\0';
        text = rest;
        if (choice_map_read(words, &map, &err) != 0)
            return 0;
    }
    if (intern_new(&items, &err) != 0)
        abort();
    if (choice_log_over("log", text, &map, items, &l, &err) == 0) {
        check(&l, (uint32_t)intern_count(items));
        if (l.n < 500 && policy_value(&l, &l, intern_count(items), &value, &err) == 0 &&
            !value.all.snips.refused && !isfinite(value.all.snips.value))
            abort();
        choice_log_release(&l);
    }
    intern_free(items);
    return 0;
}
