#include "math/ranking_metrics.h"

#include <math.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t hits_at(const bool *hit, size_t n, size_t k)
{
    size_t hits = 0;
    for (size_t i = 0; i < least(n, k); i++)
        hits += hit[i];
    return hits;
}

double recall_at(const bool *hit, size_t n, size_t targets, size_t k)
{
    return (double)hits_at(hit, n, k) / (double)least(k, targets);
}

double hit_rate_at(const bool *hit, size_t n, size_t k)
{
    return hits_at(hit, n, k) > 0 ? 1 : 0;
}

double ndcg_at(const bool *hit, size_t n, size_t targets, size_t k)
{
    double dcg = 0;
    double ideal = 0;
    for (size_t i = 0; i < k; i++) {
        double discount = 1 / log2((double)i + 2);
        if (i < n && hit[i])
            dcg += discount;
        if (i < targets)
            ideal += discount;
    }
    return dcg / ideal;
}
