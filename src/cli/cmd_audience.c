/* cmd_audience.c - who they are, and what they have in common: one word says which question. */
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"

static const struct option_spec options[] = {
    {"strata", "N", "compare within N strata of activity (default 50)"},
    {"floor", "K", "smallest group that is shown (default 50, at least 20)"},
    {"research", NULL, "public data: exact counts, no floor; the answer is marked"},
    {"as-of", "TIME", "answer from what was known then; @N: from the log's first N events"},
    {NULL, NULL, NULL},
};

enum { BODY_BYTES = 64 * 1024 };

static void add_number(const struct args *a, struct json *j, const char *option, const char *key,
                       bool *ok)
{
    uint64_t v = 0;
    if (!args_has(a, option) || !*ok)
        return;
    *ok = args_unsigned(a, option, 1000000, &v);
    json_kv_u64(j, key, v);
}

static int overlap(const struct args *a)
{
    struct target t;
    struct mq_error err;
    struct buf body;
    struct json j;
    bool ok = true;
    if (a->n_positions < 3 || a->n_positions > 4)
        return cli_usage(a, "overlap: %zu expressions: give two or three", a->n_positions - 1);
    buf_init(&body, BODY_BYTES);
    json_init(&j, &body);
    json_object(&j);
    json_key(&j, STR("expressions"));
    json_array(&j);
    for (size_t i = 1; i < a->n_positions; i++)
        json_str(&j, str_of(a->position[i]));
    json_array_end(&j);
    add_number(a, &j, "strata", "strata", &ok);
    add_number(a, &j, "floor", "floor", &ok);
    json_kv_bool(&j, "research", args_has(a, "research"));
    if (args_has(a, "as-of"))
        json_kv_z(&j, "as_of", args_get(a, "as-of"));
    json_object_end(&j);
    int code = EXIT_USAGE;
    if (ok && body.failed)
        code = cli_usage(a, "overlap: expressions of over %d bytes", BODY_BYTES);
    else if (ok && target_open(a->data, false, &t, &err) != 0)
        code = cli_error(&err);
    else if (ok) {
        code = target_call(&t, API_POST, "/v1/audiences/overlap", buf_str(&body), &err) != 0
                   ? cli_error(&err)
                   : print_overlap(buf_str(&t.reply), a->json);
        target_close(&t);
    }
    buf_release(&body);
    return code;
}

static const struct {
    const char *word;
    int (*run)(const struct args *a);
} questions[] = {
    {"overlap", overlap},
};

static int run(const struct args *a)
{
    const char *word = a->n_positions > 0 ? a->position[0] : "";
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        if (strcmp(word, questions[i].word) == 0)
            return questions[i].run(a);
    }
    return cli_usage(a, word[0] ? "audience: %s: is no question" : "audience: which question?",
                     word);
}

const struct command cmd_audience = {
    .name = "audience",
    .summary = "who watches what, and what they have in common",
    .positions = "overlap EXPR EXPR [EXPR]",
    .details = "overlap: how many are in both of two audiences (or of three, in every region), "
               "beside what the viewers'\n"
               "activity alone would explain.\n\n"
               "An EXPR is SIGNAL:KIND=VALUE, joined by & (and), | (or), - (and not), with "
               "parentheses. SIGNAL: watched,\n"
               "finished, liked, disliked, abandoned, rewatched, follows. KIND: title, director, "
               "actor, producer, writer,\n"
               "creator, person, genre, tag, country, community, device, daypart, all. "
               "docs/audiences.md says more.",
    .example =
        "  marquee audience overlap 'liked:director=David Fincher' 'liked:actor=Kevin Spacey'",
    .options = options,
    .run = run,
};
