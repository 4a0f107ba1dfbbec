#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "cli/train_engagement.h"
#include "http/render.h"

static const struct option_spec options[] = {
    {"only", "M,...",
     "the best of these alone, without a second stage: popularity, item_knn, ials, ease, sequence, "
     "blend; engagement: fit the weights of what was done"},
    {"seed", "N", "of the initial factors (default 1)"},
    {"rank", "N", "factors per title"},
    {"epochs", "N", "passes over the data"},
    {"regularisation", "X", "lambda"},
    {"unobserved", "X", "alpha_0, the weight of what was not seen"},
    {"no-ranker", NULL, "leave the second stage out"},
    {"canary", "SHARE", "serve it to this share of the viewers first (marquee canary)"},
    {"rollback", NULL, "make the previous version live instead of training"},
    {NULL, NULL, NULL},
};

static bool take_options(const struct args *a, struct mq_train_options *o)
{
    uint64_t rank = 0;
    uint64_t epochs = 0;
    o->seed = 1;
    struct mq_error err;
    o->only = args_get(a, "only");
    bool ok = args_unsigned(a, "seed", UINT64_MAX, &o->seed) &&
              args_unsigned(a, "rank", 512, &rank) && args_unsigned(a, "epochs", 1000, &epochs) &&
              args_double(a, "regularisation", &o->regularisation) &&
              args_double(a, "unobserved", &o->unobserved) && args_double(a, "canary", &o->canary);
    o->rank = (unsigned)rank;
    o->no_ranker = args_has(a, "no-ranker");
    o->epochs = (unsigned)epochs;
    if (ok && mq_train_check(o, &err) != 0) {
        cli_usage(a, "--%s", err.text);
        return false;
    }
    return ok;
}

static int train_folder(struct target *t, const struct mq_train_options *asked, struct buf *out,
                        struct mq_error *err)
{
    struct progress progress;
    struct mq_model_info info;
    progress_begin(&progress);
    struct mq_train_options o = *asked;
    o.progress = progress_show;
    o.progress_ctx = &progress;
    int rc = mq_train(t->engine, &o, &info, err);
    progress_end(&progress);
    if (rc)
        return rc;
    struct json j;
    json_init(&j, out);
    render_model(&j, &info);
    return 0;
}

static int train_server(struct target *t, const struct mq_train_options *o, struct buf *out,
                        struct mq_error *err)
{
    struct json j;
    json_init(&j, out);
    json_object(&j);
    json_kv_u64(&j, "seed", o->seed);
    json_kv_u64(&j, "rank", o->rank);
    json_kv_u64(&j, "epochs", o->epochs);
    json_kv_double(&j, "regularisation", o->regularisation, 9);
    json_kv_double(&j, "unobserved", o->unobserved, 9);
    if (o->only)
        json_kv_z(&j, "only", o->only);
    json_kv_bool(&j, "no_ranker", o->no_ranker);
    json_kv_double(&j, "canary", o->canary, 9);
    json_object_end(&j);
    int rc = target_call(t, API_POST, "/v1/train", buf_str(out), err);
    buf_reset(out);
    if (rc == 0)
        buf_add_str(out, buf_str(&t->reply));
    return rc;
}

static int run(const struct args *a)
{
    struct target t;
    struct mq_error err;
    struct mq_train_options o = {0};
    const char *only = args_get(a, "only");
    if (only && strcmp(only, "engagement") == 0)
        return train_engagement(a);
    if (!take_options(a, &o))
        return EXIT_USAGE;
    if (target_open(a->data, false, &t, &err) != 0)
        return cli_error(&err);
    struct buf out;
    buf_init(&out, 1 << 20);
    int rc;
    if (args_has(a, "rollback")) {
        rc = target_call(&t, API_POST, "/v1/models:rollback", STR_NONE, &err);
        buf_add_str(&out, buf_str(&t.reply));
    } else {
        rc = target_is_server(&t) ? train_server(&t, &o, &out, &err)
                                  : train_folder(&t, &o, &out, &err);
    }
    int code = rc ? cli_error(&err) : print_fields(buf_str(&out), a->json);
    buf_release(&out);
    target_close(&t);
    return code;
}

const struct command cmd_train = {
    .name = "train",
    .summary = "learn from the log and publish a model",
    .positions = "",
    .details = "Prints what the model gained over popularity on a held-out time split.\n"
               "While a server has the folder open, it trains and swaps without a pause.\n"
               "--only engagement: how much finishing, leaving, rewinding ... say of a later "
               "rating or thumb, with "
               "intervals,\nbeside raw completion on viewers held out; kept in the data folder "
               "(docs/engagement.md).",
    .example =
        "  marquee train --seed 7\n  marquee train --only ials,ease\n  marquee train --rollback\n"
        "  marquee train --only engagement",
    .options = options,
    .run = run,
};
