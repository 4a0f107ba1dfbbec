#include "cli/audience_retention.h"

#include <math.h>
#include <stdio.h>

#include "cli/print.h"
#include "cli/target.h"

enum { BAR = 40 };

static void print_share(double x)
{
    if (isnan(x))
        printf("      -");
    else
        printf(" %5.1f%%", 100 * x);
}

static void print_minute(struct json_object *m)
{
    double still = answer_number(m, "still");
    printf("%6.0f", answer_number(m, "minute"));
    print_share(still);
    print_share(answer_number(m, "watched"));
    print_share(answer_number(m, "rewatched"));
    print_share(answer_number(m, "skipped"));
    printf("  ");
    for (int i = 0; i < (isnan(still) ? 0 : (int)(still * BAR + 0.5)); i++)
        putchar('#');
    putchar('\n');
}

static void print_count(struct json_object *o, const char *key, const char *word)
{
    double v = answer_number(o, key);
    if (isnan(v))
        printf("%s withheld", word);
    else
        printf("%s %.0f", word, v);
}

static void say_retention(struct json_object *o)
{
    struct json_object *minutes = answer_child(o, "minutes");
    printf("%s: ", answer_text(o, "name"));
    print_count(o, "viewers", "viewers");
    print_count(o, "finished", ", finished");
    print_count(o, "left", ", left for good");
    print_count(o, "open", ", may come back");
    printf("\n\nminute  still watched  again skipped\n");
    for (size_t i = 0; i < answer_length(minutes); i++)
        print_minute(answer_at(minutes, i));
}

static int print_retention(struct str answer, bool json)
{
    return print_answer(answer, json, say_retention);
}

static void add_query(const struct args *a, struct buf *path)
{
    static const char *const texts[][2] = {{"floor", "floor"}, {"as-of", "as_of"}};
    char separator = '?';
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!args_has(a, texts[i][0]))
            continue;
        buf_add_char(path, separator);
        buf_printf(path, "%s=", texts[i][1]);
        url_add(path, args_get(a, texts[i][0]));
        separator = '&';
    }
    if (args_has(a, "research"))
        buf_printf(path, "%cresearch=1", separator);
    buf_add_char(path, '\0');
}

int audience_retention(const struct args *a)
{
    const char *title = args_get(a, "title");
    struct target t;
    struct mq_error err;
    struct buf path;
    if (!title || !title[0])
        return cli_usage(a, "retention: --title: missing: say which");
    if (a->n_positions > 1)
        return cli_usage(a, "retention: %s: is not expected", a->position[1]);
    buf_init(&path, 16384);
    buf_add_z(&path, "/v1/titles/");
    url_add(&path, title);
    buf_add_z(&path, "/retention");
    add_query(a, &path);
    int code = EXIT_USAGE;
    if (path.failed) {
        code = cli_usage(a, "--title: too long");
    } else if (target_open(a->data, false, &t, &err) != 0) {
        code = cli_error(&err);
    } else {
        code = target_call(&t, API_GET, path.p, STR_NONE, &err) != 0
                   ? cli_error(&err)
                   : print_retention(buf_str(&t.reply), a->json);
        target_close(&t);
    }
    buf_release(&path);
    return code;
}
