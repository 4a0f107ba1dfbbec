#include <malloc.h>
#include <stdio.h>

#include "cli/command.h"
#include "http/server.h"

static const struct option_spec options[] = {
    {"listen", "ADDR:PORT", "where (default 127.0.0.1:8080; port 0: any free one)"},
    {"threads", "N", "loops that answer (default one per core)"},
    {"train-every", "TIME", "train by itself, as 30m, 1h, 1d (default never)"},
    {"try-new", NULL, "try new titles in three places of the row New, and learn which are liked"},
    {"exploration", "X",
     "of pictures, new titles, swaps: 1 by their chance to be the best (default), 0 no chance "
     "at all"},
    {"swaps", "SHARE",
     "of home pages on which two neighbours change places by chance, to tell how often a place is "
     "looked at (default 0, at most 0.2)"},
    {"canary", "SHARE",
     "serve what it trained to this share of the viewers first (default 0: to all)"},
    {"canary-every", "TIME", "look at a canary, as 10m (the default)"},
    {"keep-events", "TIME", "remove what viewers did longer ago, as 400d (default never)"},
    {"tls-cert", "FILE", "certificate chain in PEM"},
    {"tls-key", "FILE", "its key in PEM"},
    {"aws-key", "FILE", "access key id and secret that the AWS SDKs' requests are signed with"},
    {"cors", "ORIGIN,...", "web pages that may ask, as https://watch.example.com (again for more)"},
    {"image-hosts", "HOST,...", "whose pictures the dashboard may show (default none)"},
    {"max-body", "BYTES", "most bytes of a request's body (default 10485760)"},
    {"max-connections", "N", "most open connections (default 4096)"},
    {"rate", "N", "requests a second of one key, or address without keys (default no limit)"},
    {"events-rate", "N", "events a second of one key, or address without keys (default no limit)"},
    {"queue", "N", "events waiting to be written before senders are told to wait (default 65536)"},
    {NULL, NULL, NULL},
};

enum { LISTED_MAX = 64, LISTED_BYTES = 8192 };

struct listed {
    char text[LISTED_BYTES];
    size_t used;
    const char *list[LISTED_MAX];
    size_t n;
};

/* An option that lists, and may be given again for more. */
static bool take_list(const struct args *a, const char *option, struct listed *o)
{
    for (size_t i = 0; i < a->n_given; i++) {
        if (strcmp(a->given[i].name, option) != 0)
            continue;
        struct str rest = str_of(a->given[i].value);
        while (rest.p) {
            struct str one = str_trim(str_cut(&rest, ','));
            if (one.n == 0)
                continue;
            if (o->n == LISTED_MAX || o->used + one.n + 1 > LISTED_BYTES) {
                cli_usage(a, "--%s: too many: at most %d", option, LISTED_MAX);
                return false;
            }
            memcpy(o->text + o->used, one.p, one.n);
            o->text[o->used + one.n] = '\0';
            o->list[o->n++] = o->text + o->used;
            o->used += one.n + 1;
        }
    }
    return true;
}

static void say(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "marquee: %s\n", line);
}

/* A training beside requests takes and gives back large pieces of memory. Each time the system is asked for one, or given one
 * back, all threads that want the same wait; so pieces are kept for the next who wants one. */
static void keep_memory(void)
{
    enum { LARGEST = 32 << 20 /* that the C library lets be kept */, SPARE = 1 << 30 };
    (void)mallopt(M_MMAP_THRESHOLD, LARGEST);
    (void)mallopt(M_TRIM_THRESHOLD, SPARE);
}

static int run(const struct args *a)
{
    static struct listed origins, image_hosts;
    uint64_t threads = 0;
    uint64_t max_body = 0;
    uint64_t max_connections = 0;
    uint64_t queue = 0;
    double exploration = 1;
    struct server_options o = {.data = a->data,
                               .listen = args_get(a, "listen"),
                               .tls_cert = args_get(a, "tls-cert"),
                               .tls_key = args_get(a, "tls-key"),
                               .aws_key = args_get(a, "aws-key"),
                               .canary_every_s = 600,
                               .pictures_every_s = 600,
                               .say = say};
    struct mq_error err;
    if (a->n_positions > 0)
        return cli_usage(a, "%s: serve takes options only", a->position[0]);
    if (!args_unsigned(a, "threads", 64, &threads) ||
        !args_unsigned(a, "max-body", UINT64_C(1) << 30, &max_body) ||
        !args_unsigned(a, "max-connections", 1000000, &max_connections) ||
        !args_unsigned(a, "queue", 10000000, &queue) || !args_double(a, "rate", &o.rate) ||
        !args_double(a, "events-rate", &o.events_rate) ||
        !args_interval(a, "train-every", &o.train_every_s) ||
        !args_interval(a, "canary-every", &o.canary_every_s) ||
        !args_double(a, "canary", &o.canary) || !args_double(a, "exploration", &exploration) ||
        !args_double(a, "swaps", &o.swaps) || !args_interval(a, "keep-events", &o.keep_events_s) ||
        !take_list(a, "cors", &origins) || !take_list(a, "image-hosts", &image_hosts))
        return EXIT_USAGE;
    if (!(exploration >= 0 && exploration <= 1))
        return cli_usage(a, "--exploration: give 0 to 1");
    if (!(o.swaps >= 0 && o.swaps <= MQ_SWAPS_MAX))
        return cli_usage(a, "--swaps: give a share of the pages from 0 to %g", MQ_SWAPS_MAX);
    o.exploration = exploration > 0 ? exploration : -1;
    o.try_new = args_has(a, "try-new");
    o.threads = (unsigned)threads;
    o.max_body = (size_t)max_body;
    o.max_connections = (unsigned)max_connections;
    o.queue_events = (size_t)queue;
    o.origins = origins.list;
    o.n_origins = origins.n;
    o.image_hosts = image_hosts.list;
    o.n_image_hosts = image_hosts.n;
    keep_memory();
    return server_run(&o, &err) != 0 ? cli_error(&err) : EXIT_DONE;
}

const struct command cmd_serve = {
    .name = "serve",
    .summary = "answer over HTTP",
    .positions = "",
    .details =
        "Serves until SIGTERM or SIGINT, then finishes what was begun. docs/http.md lists the "
        "routes;\n"
        "http://127.0.0.1:8080/ shows home pages. Commands on the same folder go through the "
        "server.\n"
        "On an address that others can reach it starts only with keys (marquee keys create).",
    .example = "  marquee serve --train-every 1h\n"
               "  marquee serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem",
    .options = options,
    .run = run,
};
