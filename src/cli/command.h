/* command.h - a command is a row of a table: its words, its options, its function. The table yields the
 * parser, --help and the overview. One file each, cmd_<name>.c. */
#ifndef MQ_CLI_COMMAND_H
#define MQ_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "marquee.h"

/* Exit codes. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct option_spec {
    const char *name;  /* without the dashes; NULL ends the list */
    const char *value; /* what it takes, for the help ("DIR"); NULL: a flag */
    const char *help;
};

enum { ARGS_MAX = 64, POSITIONS_MAX = 1024 };

struct args {
    const struct command *command;
    struct {
        const char *name, *value;
    } given[ARGS_MAX];
    size_t n_given;
    const char *position[POSITIONS_MAX]; /* what is no option, in order */
    size_t n_positions;
    const char *data; /* --data, $MARQUEE_DATA or ./marquee-data */
    bool json;
};

struct command {
    const char *name;
    const char *summary;               /* one line, for the overview */
    const char *positions;             /* "PATH...", or "" */
    const char *details;               /* further lines of the help, or "" */
    const char *example;               /* whole lines, indented by two */
    const struct option_spec *options; /* beside --data, --json, --help */
    int (*run)(const struct args *a);
};

extern const struct command cmd_import, cmd_train, cmd_tune, cmd_models, cmd_home, cmd_recommend,
    cmd_similar, cmd_explain, cmd_audience, cmd_serve, cmd_evaluate, cmd_simulate, cmd_erase,
    cmd_export, cmd_backup, cmd_restore, cmd_check, cmd_stats, cmd_strategy, cmd_keys, cmd_doctor,
    cmd_viewings, cmd_identity, cmd_experiment, cmd_canary, cmd_shadow, cmd_settings, cmd_campaign;

/* The value given last, or NULL; "" for a flag that is set. */
const char *args_get(const struct args *a, const char *name);
bool args_has(const struct args *a, const char *name);
/* Parses; prints what is wrong and returns false (the command then ends in EXIT_USAGE). Not given: `ret` is
 * left as it is. */
bool args_unsigned(const struct args *a, const char *name, uint64_t max, uint64_t *ret);
bool args_double(const struct args *a, const char *name, double *ret);
/* "90", "90s", "30m", "1h", "1d", at most a year, in seconds. */
bool args_interval(const struct args *a, const char *name, unsigned *ret);
/* RFC 3339 or a date. */
bool args_time(const struct args *a, const char *name, int64_t *ret_ms);

/* Parses argv[2..]; prints usage errors. Returns false with *ret_exit set when the command is not to run
 * (--help was printed, or wrong usage). */
bool args_parse(const struct command *c, int argc, char **argv, struct args *ret, int *ret_exit);

/* "marquee: text" on stderr. Returns EXIT_FAILED or, for MQ_INVALID of arguments, what the caller says. */
int cli_error(const struct mq_error *err);
int cli_usage(const struct args *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
