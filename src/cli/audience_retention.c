#include "cli/audience_retention.h"

#include <json-c/json.h>
#include <stdio.h>

#include "cli/print.h"
#include "cli/target.h"

enum { BAR = 40 };

static double number(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    return json_object_object_get_ex(o, key, &v) && v ? json_object_get_double(v) : -1;
}

static void print_share(double x)
{
    if (x < 0)
        printf("      -");
    else
        printf(" %5.1f%%", 100 * x);
}

static void print_minute(struct json_object *m)
{
    double still = number(m, "still");
    printf("%6.0f", number(m, "minute"));
    print_share(still);
    print_share(number(m, "watched"));
    print_share(number(m, "rewatched"));
    print_share(number(m, "skipped"));
    printf("  ");
    for (int i = 0; i < (int)(still * BAR + 0.5); i++)
        putchar('#');
    putchar('\n');
}

static void print_count(struct json_object *o, const char *key, const char *word)
{
    double v = number(o, key);
    if (v < 0)
        printf("%s withheld", word);
    else
        printf("%s %.0f", word, v);
}

static int print_retention(struct str answer, bool json)
{
    if (json)
        return print_fields(answer, true);
    struct json_tokener *t = json_tokener_new();
    struct json_object *o = t ? json_tokener_parse_ex(t, answer.p, (int)answer.n) : NULL;
    struct json_object *v = NULL;
    if (!o) {
        json_tokener_free(t);
        return EXIT_FAILED;
    }
    json_object_object_get_ex(o, "name", &v);
    printf("%s: ", json_object_get_string(v));
    print_count(o, "viewers", "viewers");
    print_count(o, "finished", ", finished");
    print_count(o, "left", ", left for good");
    print_count(o, "open", ", may come back");
    printf("\n\nminute  still watched  again skipped\n");
    if (json_object_object_get_ex(o, "minutes", &v)) {
        for (size_t i = 0; i < json_object_array_length(v); i++)
            print_minute(json_object_array_get_idx(v, i));
    }
    json_object_put(o);
    json_tokener_free(t);
    return EXIT_DONE;
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
