#include <stdio.h>

#include "cli/command.h"
#include "cli/print.h"
#include "eval/policy_value.h"

static const struct option_spec options[] = {
    {"log", "FILE", "off-policy: choices that were logged, with their propensities"},
    {"target", "FILE", "off-policy: choices of the policy to be valued"},
    {"map", "MAP", "off-policy: item=COL,slot=COL,reward=COL,propensity=COL,viewer=COL,page=COL"},
    {NULL, NULL, NULL},
};

static void print_estimate(const char *name, const struct off_policy *p)
{
    if (p->refused)
        printf("  %-6s refused: %s\n", name, p->why);
    else
        printf("  %-6s %.5f  [%.5f, %.5f]\n", name, p->value, p->low, p->high);
}

static void print_estimates(const struct policy_estimates *e)
{
    printf("  %zu choices, effective sample size %.0f, mean weight %.3f, largest share %.4f\n",
           e->snips.choices, e->snips.effective, e->snips.mean_weight, e->snips.largest_share);
    printf("  logged policy earned %.5f\n", e->snips.logged_value);
    print_estimate("SNIPS", &e->snips);
    print_estimate("DR", &e->dr);
    printf("  target policy earned %.5f  [%.5f, %.5f] in its own log\n", e->target_value,
           e->target_low, e->target_high);
}

static int print_value(const struct policy_value *v, bool json)
{
    if (json) {
        struct buf b;
        struct json j;
        buf_init(&b, 1 << 20);
        json_init(&j, &b);
        policy_value_write(&j, v);
        printf("%.*s\n", (int)b.n, b.p);
        buf_release(&b);
        return EXIT_DONE;
    }
    printf("all slots\n");
    print_estimates(&v->all);
    for (uint32_t s = 0; s < v->n_slots && v->n_slots > 1; s++) {
        printf("slot %u\n", s);
        print_estimates(&v->slot[s]);
    }
    return EXIT_DONE;
}

static int off_policy(const struct args *a)
{
    struct choice_map map = {0};
    struct choice_log logged = {0}, target = {0};
    struct intern *items = NULL;
    struct policy_value value;
    struct mq_error err;

    if (!args_get(a, "log") || !args_get(a, "target"))
        return cli_usage(a, "--log and --target: give the two logs");
    if (args_get(a, "map") && choice_map_read(args_get(a, "map"), &map, &err) != 0)
        return cli_usage(a, "%s", err.text);
    int rc = intern_new(&items, &err);
    if (rc == 0)
        rc = choice_log_read(args_get(a, "log"), &map, items, &logged, &err);
    if (rc == 0)
        rc = choice_log_read(args_get(a, "target"), &map, items, &target, &err);
    if (rc == 0)
        rc = policy_value(&logged, &target, intern_count(items), &value, &err);
    choice_log_release(&logged);
    choice_log_release(&target);
    intern_free(items);
    return rc ? cli_error(&err) : print_value(&value, a->json);
}

static int run(const struct args *a)
{
    const char *verb = a->n_positions > 0 ? a->position[0] : "";
    if (strcmp(verb, "off-policy") == 0 && a->n_positions == 1)
        return off_policy(a);
    return cli_usage(a, "experiment: say off-policy");
}

const struct command cmd_experiment = {
    .name = "experiment",
    .summary = "what can be concluded from what was shown",
    .positions = "off-policy",
    .details =
        "  off-policy  what the policy behind one log would have earned in the place of another's\n"
        "Estimates say what they rest on, and refuse what the log cannot carry.",
    .example = "  marquee experiment off-policy --log random.csv --target sampling.csv",
    .options = options,
    .run = run,
};
