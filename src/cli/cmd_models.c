#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"

static const struct option_spec options[] = {
    {"publish", "VERSION", "make this version live"},
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    struct target t;
    struct mq_error err;
    uint64_t version = 0;
    if (!args_unsigned(a, "publish", UINT64_MAX, &version))
        return EXIT_USAGE;
    if (target_open(a->data, false, &t, &err) != 0)
        return cli_error(&err);
    int rc = 0;
    if (version) {
        char path[64];
        struct buf b;
        buf_over(&b, path, sizeof(path));
        buf_add_z(&b, "/v1/models/");
        buf_add_u64(&b, version);
        buf_add_z(&b, ":publish");
        buf_add_char(&b, '\0');
        rc = target_call(&t, API_POST, path, STR_NONE, &err);
    }
    if (rc == 0)
        rc = target_call(&t, API_GET, "/v1/models", STR_NONE, &err);
    int code = rc ? cli_error(&err) : print_models(buf_str(&t.reply), a->json);
    target_close(&t);
    return code;
}

const struct command cmd_models = {
    .name = "models",
    .summary = "the model versions there are; publish one",
    .positions = "",
    .details = "",
    .example = "  marquee models\n  marquee models --publish 3",
    .options = options,
    .run = run,
};
