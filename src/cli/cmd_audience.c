/* cmd_audience.c - who they are, and what they have in common: one word says which question. */
#include "base/json_writer.h"
#include "cli/audience_retention.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"

static const struct option_spec options[] = {
    {"title", "ID", "of retention: which title"},
    {"strata", "N", "compare within N strata of activity (default 50)"},
    {"floor", "K", "smallest group that is shown (default 50, at least 20)"},
    {"research", NULL, "public data: exact counts, no floor; the answer is marked"},
    {"as-of", "TIME", "answer from what was known then; @N: from the log's first N events"},
    {"n", "N", "how many of each kind are listed"},
    {"role-a", "ROLE", "pairs: director (default), actor, producer, writer or creator"},
    {"role-b", "ROLE", "pairs: the other side, default actor"},
    {"seed", "N", "pairs: of the shuffled world, default 1"},
    {"no-shuffle", NULL, "pairs: leave the shuffled world out"},
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

/* ---------------------------------------------------------------- questions by GET */

static const struct {
    const char *option, *parameter;
} parameters[] = {
    {"strata", "strata"}, {"floor", "floor"}, {"research", "research"},
    {"as-of", "as_of"},   {"n", "n"},         {"role-a", "role_a"},
    {"role-b", "role_b"}, {"seed", "seed"},   {"no-shuffle", "no_shuffle"},
};

static int ask(const struct args *a, const char *leaf, const char *expression,
               int (*print)(struct str answer, bool json))
{
    struct target t;
    struct mq_error err;
    struct buf path;
    buf_init(&path, BODY_BYTES);
    buf_printf(&path, "/v1/audiences/%s?expression=", leaf);
    url_add(&path, expression);
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        const char *value = args_get(a, parameters[i].option);
        if (!value)
            continue;
        buf_printf(&path, "&%s=", parameters[i].parameter);
        url_add(&path, value[0] ? value : "1");
    }
    buf_add_char(&path, '\0');
    int code;
    if (path.failed)
        code = cli_usage(a, "audience: an expression of over %d bytes", BODY_BYTES);
    else if (target_open(a->data, false, &t, &err) != 0)
        code = cli_error(&err);
    else {
        code = target_call(&t, API_GET, path.p, STR_NONE, &err) != 0
                   ? cli_error(&err)
                   : print(buf_str(&t.reply), a->json);
        target_close(&t);
    }
    buf_release(&path);
    return code;
}

static int show(const struct args *a)
{
    if (a->n_positions != 2)
        return cli_usage(a, "show: %zu expressions: give one", a->n_positions - 1);
    return ask(a, "show", a->position[1], print_audience);
}

static int pairs(const struct args *a)
{
    if (a->n_positions != 1)
        return cli_usage(a, "pairs: %s: takes no expression", a->position[1]);
    return ask(a, "pairs", "", print_pairs);
}

static int communities(const struct args *a)
{
    if (a->n_positions != 1)
        return cli_usage(a, "communities: %s: takes no expression", a->position[1]);
    return ask(a, "communities", "", print_communities);
}

static const struct {
    const char *word;
    int (*run)(const struct args *a);
} questions[] = {
    {"show", show},
    {"overlap", overlap},
    {"pairs", pairs},
    {"communities", communities},
    {"retention", audience_retention},
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
    .positions =
        "show EXPR | overlap EXPR EXPR [EXPR] | pairs | communities | retention --title ID",
    .details = "show: what sets an audience apart: titles, people, genres, and where, when and on "
               "what it watches.\n"
               "overlap: how many are in both of two audiences (or of three, in every region), "
               "beside what the viewers'\n"
               "activity alone would explain.\n"
               "pairs: all pairs of people whose audiences go together beyond that, and how many "
               "would seem to by chance.\n"
               "communities: groups of like taste, named by what sets them apart; found anew after "
               "each training.\n"
               "retention: the share still watching minute by minute, where they left for good, "
               "and which minutes\nwere watched again or skipped.\n\n"
               "An EXPR is SIGNAL:KIND=VALUE, joined by & (and), | (or), - (and not), with "
               "parentheses. SIGNAL: watched,\n"
               "finished, liked, disliked, abandoned, rewatched, follows. KIND: title, director, "
               "actor, producer, writer,\n"
               "creator, person, genre, tag, country, community, device, daypart, all. "
               "docs/audiences.md says more.",
    .example =
        "  marquee audience overlap 'liked:director=David Fincher' 'liked:actor=Kevin Spacey'\n"
        "  marquee audience retention --title t-42",
    .options = options,
    .run = run,
};
