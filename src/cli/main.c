/* main.c - finds the command. */
#include <signal.h>
#include <stdio.h>

#include "cli/blas_core.h"
#include "cli/command.h"
#include "cli/large_heap.h"

static const struct command *const commands[] = {
    &cmd_import,     &cmd_train,    &cmd_tune,     &cmd_models,   &cmd_home,     &cmd_recommend,
    &cmd_similar,    &cmd_explain,  &cmd_audience, &cmd_serve,    &cmd_evaluate, &cmd_simulate,
    &cmd_experiment, &cmd_canary,   &cmd_shadow,   &cmd_stats,    &cmd_strategy, &cmd_check,
    &cmd_backup,     &cmd_restore,  &cmd_export,   &cmd_erase,    &cmd_keys,     &cmd_viewings,
    &cmd_identity,   &cmd_settings, &cmd_doctor,   &cmd_campaign,
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_overview(FILE *to)
{
    fprintf(to,
            "Marquee %s: hyper-personalization for video services.\n\n"
            "Usage: marquee COMMAND [options]\n\n",
            mq_version());
    for (int i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(to, "\n'marquee COMMAND --help' tells more. A first walk:\n"
                "  marquee simulate --out world\n"
                "  marquee import --format titles world/titles.csv\n"
                "  marquee import --format credits world/credits.csv\n"
                "  marquee import --format events world/events.ndjson\n"
                "  marquee train\n"
                "  marquee home --viewer v-1\n"
                "  marquee serve\n");
}

int main(int argc, char **argv)
{
    /* A reader that closes the pipe is no error: printing then simply ends. */
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_overview(stderr);
        return EXIT_USAGE;
    }
    blas_core_choose(argv);
    struct str word = str_of(argv[1]);
    if (str_eq(word, STR("serve")))
        large_heap_choose(argv);
    if (str_eq(word, STR("--help")) || str_eq(word, STR("help")) || str_eq(word, STR("-h"))) {
        print_overview(stdout);
        return EXIT_DONE;
    }
    if (str_eq(word, STR("--version")) || str_eq(word, STR("version"))) {
        printf("marquee %s\n", mq_version());
        return EXIT_DONE;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (!str_eq(word, str_of(commands[i]->name)))
            continue;
        static struct args args;
        int code;
        if (!args_parse(commands[i], argc, argv, &args, &code))
            return code;
        return commands[i]->run(&args);
    }
    fprintf(stderr, "marquee: %s: is no command\nTry 'marquee --help'.\n", argv[1]);
    return EXIT_USAGE;
}
