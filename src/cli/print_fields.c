/* print_fields.c - any answer as "name  value" lines, for people: nested objects indented, lists of objects as tables, moments
 * (names that end in _ms) as times. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/print.h"

enum { NAME_WIDE = 22, COLUMNS_MAX = 16, VALUE_MAX = 64, STEP = 2 };

static bool is_nested(struct json_object *v)
{
    return json_object_is_type(v, json_type_object) || json_object_is_type(v, json_type_array);
}

/* "launched_ms" -> "launched". */
static struct str name_of(const char *key, struct json_object *v)
{
    struct str name = str_of(key);
    bool moment = json_object_is_type(v, json_type_int) || !v;
    if (moment && name.n > 3 && strcmp(key + name.n - 3, "_ms") == 0)
        name.n -= 3;
    return name;
}

/* Lives in `to` or in the answer. */
static const char *value_of(const char *key, struct json_object *v, char to[VALUE_MAX])
{
    struct buf b;
    if (!v)
        return "-";
    if (!json_object_is_type(v, json_type_int) || name_of(key, v).n == strlen(key))
        return json_object_get_string(v);
    buf_over(&b, to, VALUE_MAX);
    time_format(&b, json_object_get_int64(v));
    buf_add_char(&b, '\0');
    return b.failed ? json_object_get_string(v) : to;
}

#define VALUE(key, v) value_of((key), (v), (char[VALUE_MAX]){0})

/* Letters on the screen, roughly: code points. */
static int wide(const char *s)
{
    int n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

struct column {
    const char *key;
    int wide;
    bool number;
};

struct columns {
    struct column of[COLUMNS_MAX];
    size_t n;
};

static struct column *column_of(struct columns *c, const char *key)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->of[i].key, key) == 0)
            return &c->of[i];
    if (c->n == COLUMNS_MAX)
        return NULL;
    c->of[c->n] = (struct column){.key = key, .number = true};
    return &c->of[c->n++];
}

static void take_row(struct columns *c, struct json_object *row)
{
    json_object_object_foreach(row, key, v)
    {
        struct column *of = is_nested(v) ? NULL : column_of(c, key);
        if (!of)
            continue;
        int cell = wide(VALUE(key, v));
        int head = (int)name_of(key, v).n;
        of->wide = cell > of->wide ? cell : of->wide;
        of->wide = head > of->wide ? head : of->wide;
        of->number &=
            !v ||
            ((json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double)) &&
             name_of(key, v).n == strlen(key));
    }
}

static void pad(int n)
{
    printf("%*s", n > 0 ? n : 0, "");
}

static void print_cell(const char *text, const struct column *c, bool last)
{
    int room = c->wide - wide(text);
    if (c->number)
        pad(room);
    fputs(text, stdout);
    if (!last)
        pad((c->number ? 0 : room) + STEP);
}

static void print_members(struct json_object *o, bool nested_only, int indent);

/* Below each row what does not fit a cell. */
static void print_table(struct json_object *list, int indent)
{
    struct columns c = {.n = 0};
    for (size_t i = 0; i < json_object_array_length(list); i++)
        take_row(&c, json_object_array_get_idx(list, i));
    pad(indent);
    for (size_t k = 0; k < c.n; k++) {
        char head[VALUE_MAX];
        struct json_object *first = json_object_array_get_idx(list, 0);
        struct str name = name_of(c.of[k].key, answer_child(first, c.of[k].key));
        snprintf(head, sizeof(head), "%.*s", STR_ARG(name));
        print_cell(head, &c.of[k], k + 1 == c.n);
    }
    putchar('\n');
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *row = json_object_array_get_idx(list, i);
        pad(indent);
        for (size_t k = 0; k < c.n; k++)
            print_cell(VALUE(c.of[k].key, answer_child(row, c.of[k].key)), &c.of[k], k + 1 == c.n);
        putchar('\n');
        print_members(row, true, indent + 2 * STEP);
    }
}

static void print_list_of(const char *key, struct json_object *list, int indent)
{
    size_t n = json_object_array_length(list);
    bool objects = n > 0;
    for (size_t i = 0; i < n; i++)
        objects &= json_object_is_type(json_object_array_get_idx(list, i), json_type_object);
    if (objects) {
        printf("%*s%s\n", indent, "", key);
        print_table(list, indent + STEP);
        return;
    }
    if (n == 0)
        printf("%*s%-*s none\n", indent, "", NAME_WIDE, key);
    for (size_t i = 0; i < n; i++)
        printf("%*s%-*s %s\n", indent, "", NAME_WIDE, i == 0 ? key : "",
               json_object_get_string(json_object_array_get_idx(list, i)));
}

static void print_members(struct json_object *o, bool nested_only, int indent)
{
    json_object_object_foreach(o, key, v)
    {
        struct str name = name_of(key, v);
        if (json_object_is_type(v, json_type_object)) {
            printf("%*s%s\n", indent, "", key);
            print_members(v, false, indent + STEP);
        } else if (json_object_is_type(v, json_type_array)) {
            print_list_of(key, v, indent);
        } else if (!nested_only) {
            printf("%*s%.*s", indent, "", STR_ARG(name));
            pad(NAME_WIDE - (int)name.n);
            printf(" %s\n", VALUE(key, v));
        }
    }
}

static void say_fields(struct json_object *o)
{
    print_members(o, false, 0);
}

int print_fields(struct str answer, bool json)
{
    return print_answer(answer, json, say_fields);
}
