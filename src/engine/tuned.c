#include "engine/tuned.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "base/file.h"

static int path_of(const char *dir, char *ret, struct mq_error *err)
{
    int n = snprintf(ret, PATH_MAX, "%s/tuned", dir);
    if (n < 0 || n >= PATH_MAX)
        return mq_fail(err, MQ_INVALID, "data folder %.100s...: name too long: use a shorter one",
                       dir);
    return 0;
}

/* The settings as numbers by name. */
enum { RANK, EPOCHS, REGULARISATION, UNOBSERVED, POWER, EASE, NEIGHBOURS, SHRINK, SETTINGS };
static const struct {
    const char *name;
    double least, most;
} table[SETTINGS] = {
    [RANK] = {"rank", 1, MODEL_RANK_MAX},          [EPOCHS] = {"epochs", 1, 1000},
    [REGULARISATION] = {"regularisation", 0, 1e6}, [UNOBSERVED] = {"unobserved", 0, 1e6},
    [POWER] = {"frequency_power", -4, 4},          [EASE] = {"ease_lambda", 0, 1e9},
    [NEIGHBOURS] = {"neighbours", 0, 1e6},         [SHRINK] = {"shrink", 0, 1e6},
};

static void settings_of(const struct lineup_settings *s, double ret[SETTINGS])
{
    ret[RANK] = s->ials.rank;
    ret[EPOCHS] = s->ials.epochs;
    ret[REGULARISATION] = (double)s->ials.regularisation;
    ret[UNOBSERVED] = (double)s->ials.unobserved;
    ret[POWER] = (double)s->ials.frequency_power;
    ret[EASE] = s->ease_lambda;
    ret[NEIGHBOURS] = s->knn.neighbours;
    ret[SHRINK] = (double)s->knn.shrink;
}

int tuned_write(const char *dir, const struct tuned *t, struct mq_error *err)
{
    const struct lineup_choice *c = &t->choice;
    char path[PATH_MAX];
    double value[SETTINGS];
    struct buf b;
    int rc = path_of(dir, path, err);
    if (rc)
        return rc;
    buf_init(&b, TUNED_BYTES_MAX);
    buf_add_z(
        &b, "# Settings that `marquee tune` found; `marquee train` uses them. Delete this file to "
            "undo it.\n");
    settings_of(&c->settings, value);
    for (int i = 0; i < SETTINGS; i++)
        buf_printf(&b, "%s %.9g\n", table[i].name, value[i]);
    buf_printf(&b, "# Found on the log up to %llu, seed %llu, %u settings tried%s.\n",
               (unsigned long long)t->log_seq, (unsigned long long)t->seed, c->tried,
               c->complete ? "" : " until the time ran out");
    buf_printf(&b, "# NDCG@10 on %zu later events that were held out:\n", c->questions);
    for (unsigned m = 0; m < LINEUP_MODELS; m++)
        buf_printf(&b, "#   %-10s %.4f\n", lineup_model_name((enum lineup_model)m), c->score[m]);
    rc = b.failed ? mq_fail(err, MQ_NO_MEMORY, "%s: no memory", path)
                  : file_write(path, buf_str(&b), 0644, err);
    buf_release(&b);
    return rc;
}

static int bad_line(const char *name, struct str line, const char *why, struct mq_error *err)
{
    return mq_fail(err, MQ_CORRUPT, "%s: \"%.*s\": %s: tune again, or delete the file", name,
                   (int)(line.n < 80 ? line.n : 80), line.p ? line.p : "", why);
}

static int take_line(const char *name, struct str line, double value[SETTINGS],
                     struct mq_error *err)
{
    struct str rest = line;
    struct str word = str_cut(&rest, ' ');
    double v;
    for (int i = 0; i < SETTINGS; i++) {
        if (!str_eq(word, str_of(table[i].name)))
            continue;
        if (!rest.p || !str_to_double(str_trim(rest), &v) || !isfinite(v))
            return bad_line(name, line, "no number", err);
        if (!(v >= table[i].least && v <= table[i].most))
            return bad_line(name, line, "out of range", err);
        value[i] = v;
        return 0;
    }
    return bad_line(name, line, "no such setting", err);
}

int tuned_parse(const char *name, struct str text, struct lineup_settings *ret,
                struct mq_error *err)
{
    double value[SETTINGS] = {0};
    struct str rest = text;
    while (rest.p) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        int rc = line.n == 0 || line.p[0] == '#' ? 0 : take_line(name, line, value, err);
        if (rc)
            return rc;
    }
    *ret = (struct lineup_settings){
        .ials = {.rank = (uint32_t)value[RANK],
                 .epochs = (uint32_t)value[EPOCHS],
                 .regularisation = (float)value[REGULARISATION],
                 .unobserved = (float)value[UNOBSERVED],
                 .frequency_power = (float)value[POWER]},
        .ease_lambda = value[EASE],
        .knn = {(uint32_t)value[NEIGHBOURS], (float)value[SHRINK]},
    };
    return 0;
}

int tuned_read(const char *dir, struct lineup_settings *ret, struct mq_error *err)
{
    char path[PATH_MAX];
    struct buf b;
    int rc = path_of(dir, path, err);
    if (rc)
        return rc;
    buf_init(&b, TUNED_BYTES_MAX);
    rc = file_read(path, &b, err);
    if (rc == 0)
        rc = tuned_parse(path, buf_str(&b), ret, err);
    buf_release(&b);
    return rc;
}
