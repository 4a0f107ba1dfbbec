#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/command.h"

static const struct option_spec common[] = {
    {"data", "DIR", "the data folder (default $MARQUEE_DATA, else ./marquee-data)"},
    {"json", NULL, "print one JSON object on stdout"},
    {"help", NULL, "print this help"},
    {NULL, NULL, NULL},
};

int cli_error(const struct mq_error *err)
{
    fprintf(stderr, "marquee: %s\n", err->text);
    return EXIT_FAILED;
}

int cli_usage(const struct args *a, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("marquee: ", stderr);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "\nTry 'marquee %s --help'.\n", a->command->name);
    return EXIT_USAGE;
}

const char *args_get(const struct args *a, const char *name)
{
    for (size_t i = a->n_given; i > 0; i--) {
        const char *given = a->given[i - 1].name;
        if (given && strcmp(given, name) == 0)
            return a->given[i - 1].value ? a->given[i - 1].value : "";
    }
    return NULL;
}

bool args_has(const struct args *a, const char *name)
{
    return args_get(a, name) != NULL;
}

bool args_unsigned(const struct args *a, const char *name, uint64_t max, uint64_t *ret)
{
    const char *value = args_get(a, name);
    uint64_t v;
    if (!value)
        return true;
    if (!str_to_u64(str_of(value), &v) || v > max) {
        cli_usage(a, "--%s: %s: give a whole number up to %llu", name, value,
                  (unsigned long long)max);
        return false;
    }
    *ret = v;
    return true;
}

bool args_double(const struct args *a, const char *name, double *ret)
{
    const char *value = args_get(a, name);
    if (!value)
        return true;
    if (str_to_double(str_of(value), ret))
        return true;
    cli_usage(a, "--%s: %s: give a number", name, value);
    return false;
}

bool args_time(const struct args *a, const char *name, int64_t *ret_ms)
{
    const char *value = args_get(a, name);
    if (!value || time_asked(str_of(value), ret_ms))
        return true;
    cli_usage(a, "--%s: %s: give a time as 2026-03-01T21:00:00Z or a date", name, value);
    return false;
}

static void print_option(const struct option_spec *o)
{
    char left[64];
    snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "",
             o->value ? o->value : "");
    printf("  %-26s %s\n", left, o->help);
}

static void print_help(const struct command *c)
{
    printf("marquee %s: %s\n\nUsage: marquee %s%s%s [options]\n", c->name, c->summary, c->name,
           c->positions[0] ? " " : "", c->positions);
    if (c->details[0])
        printf("\n%s\n", c->details);
    printf("\nOptions:\n");
    for (const struct option_spec *o = c->options; o && o->name; o++)
        print_option(o);
    for (const struct option_spec *o = common; o->name; o++)
        print_option(o);
    printf("\nExample:\n%s\n", c->example);
}

static size_t add_specs(struct option *to, size_t n, const struct option_spec *specs)
{
    for (const struct option_spec *o = specs; o && o->name; o++) {
        to[n++] = (struct option){o->name, o->value ? required_argument : no_argument, NULL, 0};
    }
    return n;
}

bool args_interval(const struct args *a, const char *name, unsigned *ret)
{
    const char *value = args_get(a, name);
    static const struct {
        char unit;
        unsigned seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    if (!value)
        return true;
    struct str s = str_of(value);
    uint64_t times = 1;
    uint64_t n;
    for (size_t i = 0; s.n > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (s.p[s.n - 1] == units[i].unit) {
            times = units[i].seconds;
            s.n--;
            break;
        }
    }
    if (!str_to_u64(s, &n) || n == 0 || n * times > 365 * UINT64_C(86400) || n > 365 * 86400) {
        cli_usage(a, "--%s: %s: give a time as 30m, 1h or 1d", name, value);
        return false;
    }
    *ret = (unsigned)(n * times);
    return true;
}

bool args_parse(const struct command *c, int argc, char **argv, struct args *ret, int *ret_exit)
{
    struct option options[ARGS_MAX + 4] = {0};
    size_t n = add_specs(options, 0, c->options);
    add_specs(options, n, common);
    *ret = (struct args){.command = c};
    *ret_exit = EXIT_USAGE;
    opterr = 0;
    optind = 2;
    for (;;) {
        int index = 0;
        int got = getopt_long(argc, argv, ":", options, &index);
        if (got == -1)
            break;
        if (got == ':' || got == '?') {
            cli_usage(ret, got == ':' ? "%s: needs a value" : "%s: is no option", argv[optind - 1]);
            return false;
        }
        if (ret->n_given == ARGS_MAX) {
            cli_usage(ret, "too many options: at most %d", ARGS_MAX);
            return false;
        }
        ret->given[ret->n_given].name = options[index].name;
        ret->given[ret->n_given++].value = optarg;
    }
    for (int i = optind; i < argc; i++) {
        if (ret->n_positions == POSITIONS_MAX) {
            cli_usage(ret, "too many arguments: at most %d", POSITIONS_MAX);
            return false;
        }
        ret->position[ret->n_positions++] = argv[i];
    }
    if (args_has(ret, "help")) {
        print_help(c);
        *ret_exit = EXIT_DONE;
        return false;
    }
    if (ret->n_positions > 0 && c->positions[0] == '\0') {
        cli_usage(ret, "%s: is not expected: %s takes options alone", ret->position[0], c->name);
        return false;
    }
    const char *environment = getenv("MARQUEE_DATA");
    ret->data = args_get(ret, "data");
    if (!ret->data)
        ret->data = environment && environment[0] ? environment : "marquee-data";
    ret->json = args_has(ret, "json");
    return true;
}
