#include "cli/asking.h"
#include "cli/print.h"
#include "cli/target.h"

static const struct option_spec options[] = {
    {"title", "ID", "similar to which title"},
    {"n", "N", "how many (default 20)"},
    {"at", "TIME", "the moment asked about (default now; on an archive its newest event)"},
    {"country", "CC", "two letters, as GB"},
    {"as-of", "TIME", "answer from what was known then; @N: from the log's first N events"},
    {"model", "VERSION", "ask this model version (default the live one)"},
    RULE_OPTIONS,
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    const char *title = args_get(a, "title");
    uint64_t n = 20;
    struct target t;
    struct mq_error err;
    if (!title || !title[0])
        return cli_usage(a, "--title: missing: say which");
    if (!args_unsigned(a, "n", 1000, &n))
        return EXIT_USAGE;
    if (target_open(a->data, false, &t, &err) != 0)
        return cli_error(&err);
    struct buf path;
    buf_init(&path, 64 * 1024);
    buf_add_z(&path, "/v1/titles/");
    url_add(&path, title);
    buf_printf(&path, "/similar?n=%llu", (unsigned long long)n);
    asking_rules(a, &path);
    static const char *const parameters[][2] = {
        {"at", "&at="}, {"country", "&country="}, {"as-of", "&as_of="}, {"model", "&model="}};
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        if (args_get(a, parameters[i][0])) {
            buf_add_z(&path, parameters[i][1]);
            url_add(&path, args_get(a, parameters[i][0]));
        }
    }
    buf_add_char(&path, '\0');
    int code = path.failed ? cli_usage(a, "--title: too long")
               : target_call(&t, API_GET, path.p, STR_NONE, &err) != 0
                   ? cli_error(&err)
                   : print_list(buf_str(&t.reply), a->json);
    buf_release(&path);
    target_close(&t);
    return code;
}

const struct command cmd_similar = {
    .name = "similar",
    .summary = "titles whose viewers are the same",
    .positions = "",
    .details = "",
    .example = "  marquee similar --title 2959 --n 10",
    .options = options,
    .run = run,
};
