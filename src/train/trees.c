/* trees.c - XGBoost's C interface on one side, the flat forest on the other.
 *
 * A tree crosses as XGBoost's text dump, whose numbers are the shortest that read back to the same float:
 *   0:[f2<0.5] yes=1,no=2,missing=1
 *       1:leaf=0.25
 * Node numbers are XGBoost's; the flat layout numbers anew, breadth first, so that children stand side by side. */
#include "train/trees.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xgboost/c_api.h>

struct parsed {
    uint32_t feature, yes, no, missing;
    float value;
    bool there;
};

static int broke(struct mq_error *err)
{
    return mq_fail(err, MQ_BUG, "trees: XGBoost: %.200s", XGBGetLastError());
}

/* "f12<0.5] yes=1,no=2,missing=1" */
static bool read_split(const char *p, struct parsed *n)
{
    char *end;
    if (*p++ != 'f')
        return false;
    n->feature = (uint32_t)strtoul(p, &end, 10);
    if (end == p || *end != '<')
        return false;
    n->value = strtof(end + 1, &end);
    return sscanf(end, "] yes=%" SCNu32 ",no=%" SCNu32 ",missing=%" SCNu32, &n->yes, &n->no,
                  &n->missing) == 3;
}

/* One line of a dump. */
static bool read_line(const char *p, struct parsed *all, uint32_t cap)
{
    char *end;
    unsigned long id = strtoul(p, &end, 10);
    if (end == p || *end != ':' || id >= cap)
        return false;
    struct parsed *n = &all[id];
    n->there = true;
    p = end + 1;
    if (*p == '[')
        return read_split(p + 1, n);
    if (strncmp(p, "leaf=", 5) != 0)
        return false;
    n->feature = FOREST_LEAF;
    n->value = strtof(p + 5, &end);
    return end != p + 5;
}

static bool read_lines(const char *text, struct parsed *all, uint32_t cap)
{
    for (const char *p = text; *p;) {
        while (*p == '\t' || *p == ' ')
            p++;
        if (*p && *p != '\n' && !read_line(p, all, cap))
            return false;
        p = strchr(p, '\n');
        if (!p)
            break;
        p++;
    }
    return true;
}

/* Breadth first: place[i] is XGBoost's number of the node at `first` + i. */
static uint32_t lay_out(const struct parsed *all, uint32_t cap, uint32_t first, uint32_t n_features,
                        struct forest_node *ret, uint32_t *place)
{
    uint32_t n = 1;
    place[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct parsed *p = &all[place[i]];
        if (!p->there)
            return 0;
        ret[i] = (struct forest_node){.feature = p->feature, .value = p->value};
        if (p->feature == FOREST_LEAF)
            continue;
        if (p->feature >= n_features || p->yes >= cap || p->no >= cap || n + 2 > cap)
            return 0;
        ret[i].child = first + n;
        ret[i].missing = p->missing == p->no;
        place[n++] = p->yes;
        place[n++] = p->no;
    }
    return n;
}

uint32_t trees_read_dump(const char *text, uint32_t first, uint32_t n_features,
                         struct forest_node *ret, uint32_t cap)
{
    struct parsed *all = calloc(cap, sizeof(*all));
    uint32_t *place = calloc(cap, sizeof(*place));
    uint32_t n = 0;
    if (all && place && cap > 0 && read_lines(text, all, cap))
        n = lay_out(all, cap, first, n_features, ret, place);
    free(all);
    free(place);
    return n;
}

static uint32_t count_lines(const char *text)
{
    uint32_t n = 1;
    for (const char *p = text; *p; p++)
        n += *p == '\n';
    return n;
}

/* A node's number in a dump can pass the number of lines when the grower pruned: room for the highest. */
static uint32_t highest_node(const char *text)
{
    unsigned long high = 0;
    for (const char *p = text; p && *p; p = strchr(p, '\n')) {
        while (*p == '\t' || *p == ' ' || *p == '\n')
            p++;
        unsigned long id = strtoul(p, NULL, 10);
        high = id > high ? id : high;
        if (!*p)
            break;
    }
    return (uint32_t)(high < FOREST_NODES_MAX ? high : FOREST_NODES_MAX);
}

static int take_trees(const char **dump, uint32_t n_trees, uint32_t n_features, struct forest *ret,
                      struct mq_error *err)
{
    size_t cap = 0;
    for (uint32_t t = 0; t < n_trees; t++)
        cap += count_lines(dump[t]) + (size_t)highest_node(dump[t]) + 1;
    uint32_t *root = calloc(n_trees ? n_trees : 1, sizeof(*root));
    struct forest_node *node = cap < FOREST_NODES_MAX ? calloc(cap + 1, sizeof(*node)) : NULL;
    uint32_t used = 0;
    bool good = root && node;
    for (uint32_t t = 0; good && t < n_trees; t++) {
        root[t] = used;
        uint32_t n = trees_read_dump(dump[t], used, n_features, node + used,
                                     count_lines(dump[t]) + highest_node(dump[t]) + 1);
        good = n > 0;
        used += n;
    }
    if (!good) {
        bool memory = !root || !node;
        free(root);
        free(node);
        return memory ? mq_fail(err, MQ_NO_MEMORY, "trees: no memory for %u trees", n_trees)
                      : mq_fail(err, MQ_BUG, "trees: XGBoost's dump is none that is known");
    }
    *ret = (struct forest){
        .n_trees = n_trees, .n_nodes = used, .n_features = n_features, .root = root, .node = node};
    return 0;
}

static int set(BoosterHandle b, const char *name, const char *value, struct mq_error *err)
{
    return XGBoosterSetParam(b, name, value) == 0 ? 0 : broke(err);
}

static int set_number(BoosterHandle b, const char *name, double v, double otherwise,
                      struct mq_error *err)
{
    char text[32];
    snprintf(text, sizeof(text), "%.9g", v > 0 ? v : otherwise);
    return set(b, name, text, err);
}

static int configure(BoosterHandle b, const struct trees_settings *s, struct mq_error *err)
{
    static const char *const fixed[][2] = {
        {"objective", "reg:squarederror"},
        {"base_score", "0"},
        {"tree_method", "hist"},
        {"nthread", "1"},
        {"verbosity", "0"},
    };
    char seed[16];
    snprintf(seed, sizeof(seed), "%u", (unsigned)(s->seed & 0x7fffffff));
    int rc = set(b, "seed", seed, err);
    for (size_t i = 0; rc == 0 && i < sizeof(fixed) / sizeof(fixed[0]); i++)
        rc = set(b, fixed[i][0], fixed[i][1], err);
    if (rc == 0)
        rc = set_number(b, "max_depth", s->depth, 5, err);
    if (rc == 0)
        rc = set_number(b, "eta", (double)s->rate, 0.05, err);
    if (rc == 0)
        rc = set_number(b, "min_child_weight", (double)s->min_child, 1, err);
    if (rc == 0)
        rc = set_number(b, "subsample", (double)s->rows, 1, err);
    if (rc == 0)
        rc = set_number(b, "colsample_bytree", (double)s->columns, 1, err);
    return rc ? rc : set_number(b, "lambda", (double)s->lambda, 1, err);
}

/* Growing with gradients of ours: values are kept here, by the flat trees. */
struct growing {
    const float *x, *target, *weight;
    uint32_t rows, cols;
    const struct trees_settings *s;
    float base;
    float *value, *first, *second;
};

static void gradients(struct growing *g)
{
    if (g->s->gradient) {
        g->s->gradient(g->s->ctx, g->value, g->target, g->rows, g->first, g->second);
    } else {
        for (uint32_t i = 0; i < g->rows; i++) {
            g->first[i] = g->target[i] > g->value[i] ? -g->s->quantile : 1 - g->s->quantile;
            g->second[i] = 1;
        }
    }
    for (uint32_t i = 0; g->weight && i < g->rows; i++) {
        g->first[i] *= g->weight[i];
        g->second[i] *= g->weight[i];
    }
}

static int dump_trees(BoosterHandle b, uint32_t cols, struct forest *ret, struct mq_error *err)
{
    bst_ulong n = 0;
    const char **text = NULL;
    if (XGBoosterDumpModelEx(b, "", 0, "text", &n, &text) != 0)
        return broke(err);
    if (n > FOREST_TREES_MAX)
        return mq_fail(err, MQ_BUG, "trees: %llu trees: too many", (unsigned long long)n);
    return take_trees(text, (uint32_t)n, cols, ret, err);
}

/* XGBoost adds what its trees say to the values it hands back. */
static int values_now(BoosterHandle b, DMatrixHandle m, struct growing *g, struct mq_error *err)
{
    bst_ulong n = 0;
    const float *out = NULL;
    if (XGBoosterPredict(b, m, 1, 0, 1, &n, &out) != 0)
        return broke(err);
    if (n != g->rows)
        return mq_fail(err, MQ_BUG, "trees: XGBoost answered with %llu of %u values",
                       (unsigned long long)n, g->rows);
    for (uint32_t i = 0; i < g->rows; i++)
        g->value[i] = g->base + out[i];
    return 0;
}

static int grow(BoosterHandle b, DMatrixHandle m, struct growing *g, struct mq_error *err)
{
    uint32_t rounds = g->s->rounds ? g->s->rounds : 200;
    bool own = g->s->gradient || g->s->quantile > 0;
    int rc = 0;
    for (uint32_t r = 0; rc == 0 && r < rounds; r++) {
        if (!own) {
            rc = XGBoosterUpdateOneIter(b, (int)r, m) == 0 ? 0 : broke(err);
            continue;
        }
        if (r == 0)
            for (uint32_t i = 0; i < g->rows; i++)
                g->value[i] = g->base;
        else
            rc = values_now(b, m, g, err);
        if (rc == 0) {
            gradients(g);
            rc = XGBoosterBoostOneIter(b, m, g->first, g->second, g->rows) == 0 ? 0 : broke(err);
        }
    }
    return rc;
}

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

static float quantile_of(float *v, uint32_t n, float q)
{
    qsort(v, n, sizeof(*v), by_float);
    uint32_t at = (uint32_t)((float)n * q);
    return v[at < n ? at : n - 1];
}

/* Mean of the target, or its quantile; 0 for the caller's own loss. */
static int start_value(struct growing *g, float *labels, struct mq_error *err)
{
    double sum = 0;
    double weight = 0;
    for (uint32_t i = 0; i < g->rows; i++) {
        double w = g->weight ? (double)g->weight[i] : 1;
        if (!isfinite(g->target[i]) || !(w > 0))
            return mq_fail(err, MQ_INVALID, "trees: row %u: its target or weight is no number", i);
        sum += w * (double)g->target[i];
        weight += w;
    }
    if (g->s->gradient) {
        g->base = 0;
    } else if (g->s->quantile > 0) {
        memcpy(labels, g->target, g->rows * sizeof(*labels));
        g->base = quantile_of(labels, g->rows, g->s->quantile);
    } else {
        g->base = (float)(sum / weight);
    }
    for (uint32_t i = 0; i < g->rows; i++)
        labels[i] = g->target[i] - g->base;
    return 0;
}

static int fit(struct growing *g, float *labels, struct forest *ret, struct mq_error *err)
{
    DMatrixHandle m = NULL;
    BoosterHandle b = NULL;
    int rc = start_value(g, labels, err);
    if (rc == 0)
        rc = XGDMatrixCreateFromMat(g->x, g->rows, g->cols, NAN, &m) == 0 ? 0 : broke(err);
    if (rc == 0 && XGDMatrixSetFloatInfo(m, "label", labels, g->rows) != 0)
        rc = broke(err);
    if (rc == 0 && g->weight && XGDMatrixSetFloatInfo(m, "weight", g->weight, g->rows) != 0)
        rc = broke(err);
    if (rc == 0)
        rc = XGBoosterCreate(&m, 1, &b) == 0 ? 0 : broke(err);
    if (rc == 0)
        rc = configure(b, g->s, err);
    if (rc == 0)
        rc = grow(b, m, g, err);
    if (rc == 0)
        rc = dump_trees(b, g->cols, ret, err);
    if (rc == 0)
        ret->base = g->base;
    if (b)
        XGBoosterFree(b);
    if (m)
        XGDMatrixFree(m);
    return rc;
}

int trees_fit(const float *x, uint32_t rows, uint32_t cols, const float *target,
              const float *weight, const struct trees_settings *settings, struct forest *ret,
              struct mq_error *err)
{
    if (rows == 0 || cols == 0 || cols > FOREST_FEATURES_MAX || settings->quantile >= 1 ||
        settings->rounds > FOREST_TREES_MAX || settings->depth > 16)
        return mq_fail(err, MQ_INVALID,
                       "trees: %u rows, %u columns, %u rounds of depth %u: out of range", rows,
                       cols, settings->rounds, settings->depth);
    struct growing g = {
        .x = x, .target = target, .weight = weight, .rows = rows, .cols = cols, .s = settings};
    float *scratch = calloc((size_t)rows * 4, sizeof(*scratch));
    if (!scratch)
        return mq_fail(err, MQ_NO_MEMORY, "trees: no memory for %u rows", rows);
    g.value = scratch + rows;
    g.first = g.value + rows;
    g.second = g.first + rows;
    int rc = fit(&g, scratch, ret, err);
    free(scratch);
    return rc;
}

void trees_release(struct forest *f)
{
    free((void *)(uintptr_t)f->root);
    free((void *)(uintptr_t)f->node);
    *f = (struct forest){0};
}
