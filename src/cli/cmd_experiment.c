#include <stdio.h>

#include "cli/command.h"
#include "cli/print.h"
#include "cli/simple.h"
#include "eval/policy_value.h"

static const struct option_spec options[] = {
    {"traffic", "SHARE", "create: of all viewers, the share that takes part (default 1)"},
    {"interleave", NULL,
     "create: both arms on one row, by team draft, for every viewer that takes part"},
    {"as-of", "TIME", "read: what had come of it, from what was known then"},
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

/* ---------------------------------------------------------------- live ones */

enum { BODY_MAX = 16 * 1024, PATH_MAX_BYTES = 1024 };

/* NAME, then its arms. */
static int create(const struct args *a)
{
    struct buf body;
    struct json j;
    double traffic = 1;
    if (a->n_positions < 4)
        return cli_usage(a,
                         "experiment create: give a name and two arms or more, the control first");
    if (!args_double(a, "traffic", &traffic))
        return EXIT_USAGE;
    buf_init(&body, BODY_MAX);
    json_init(&j, &body);
    json_object(&j);
    json_kv_z(&j, "name", a->position[1]);
    json_kv_double(&j, "traffic", traffic, 9);
    json_kv_bool(&j, "interleave", args_has(a, "interleave"));
    json_key(&j, STR("arms"));
    json_array(&j);
    for (size_t i = 2; i < a->n_positions; i++)
        json_str(&j, str_of(a->position[i]));
    json_array_end(&j);
    json_object_end(&j);
    int code = body.failed ? cli_usage(a, "experiment create: too long")
                           : simple_print(a, API_POST, "/v1/experiments", buf_str(&body),
                                          print_experiment_change);
    buf_release(&body);
    return code;
}

static int about(const struct args *a, enum api_method method, const char *verb)
{
    struct buf path;
    if (a->n_positions != 2)
        return cli_usage(a, "experiment: give one name");
    buf_init(&path, PATH_MAX_BYTES);
    buf_add_z(&path, "/v1/experiments/");
    url_add(&path, a->position[1]);
    buf_add_z(&path, verb);
    if (args_has(a, "as-of")) {
        buf_add_z(&path, "?as_of=");
        url_add(&path, args_get(a, "as-of"));
    }
    buf_add_char(&path, '\0');
    int code = path.failed
                   ? cli_usage(a, "experiment: the name is too long")
                   : simple_print(a, method, path.p, STR_NONE,
                                  method == API_GET ? print_experiment : print_experiment_change);
    buf_release(&path);
    return code;
}

static int run(const struct args *a)
{
    const char *verb = a->n_positions > 0 ? a->position[0] : "";
    if (args_has(a, "as-of") && strcmp(verb, "read") != 0)
        return cli_usage(a, "--as-of: only a reading is of a past moment");
    if (strcmp(verb, "off-policy") == 0 && a->n_positions == 1)
        return off_policy(a);
    if (strcmp(verb, "create") == 0)
        return create(a);
    if (strcmp(verb, "list") == 0 && a->n_positions == 1)
        return simple_print(a, API_GET, "/v1/experiments", STR_NONE, print_experiments);
    if (strcmp(verb, "places") == 0 && a->n_positions == 1)
        return simple_print(a, API_GET, "/v1/places", STR_NONE, print_places);
    if (strcmp(verb, "read") == 0)
        return about(a, API_GET, "");
    if (strcmp(verb, "start") == 0)
        return about(a, API_POST, ":start");
    if (strcmp(verb, "stop") == 0)
        return about(a, API_POST, ":stop");
    return cli_usage(a, "experiment: say create, start, read, stop, list, places or off-policy");
}

const struct command cmd_experiment = {
    .name = "experiment",
    .summary = "several ways to serve at once, and what can be concluded from what was shown",
    .positions =
        "create NAME ARM ARM... | start NAME | read NAME | stop NAME | list | places | off-policy",
    .details =
        "An arm is a name, and what it changes: "
        "plain:ranker=off,context=off,model=7,draw=2,weight=3. The first one is\n"
        "the control. draw=N puts N neighbours of each row into an order by chance and notes the "
        "chance.\n"
        "  read        what each arm's viewers chose and came to like, with intervals that may be "
        "looked at often\n"
        "  places      how often each row and column is looked at, by device, from swaps (serve "
        "--swaps) and draws\n"
        "  off-policy  what the policy behind one log would have earned in the place of another's\n"
        "Estimates say what they rest on, and refuse what the log cannot carry "
        "(docs/experiments.md).",
    .example = "  marquee experiment create trees-1 trees plain:ranker=off --traffic 0.5\n"
               "  marquee experiment create draft-1 live new:model=7 --interleave\n"
               "  marquee experiment start trees-1\n"
               "  marquee experiment read trees-1\n"
               "  marquee experiment places\n"
               "  marquee experiment off-policy --log random.csv --target sampling.csv",
    .options = options,
    .run = run,
};
