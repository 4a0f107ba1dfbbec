/* title_taste.c - taste vectors of titles and communities.
 *
 * Every feature (a genre, tag, person, country, language, decade) has a random vector of independent standard
 * normals, drawn from its name and the seed. A title is the weighted sum of its features' vectors, a
 * community the sum of its defining features'; titles are centred by the catalogue's mean, both are scaled to
 * unit length, titles with noise of their own. So titles that share features lie near each other, and near
 * the communities that these features define. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "sim/sim_world.h"

static const struct {
    const char *name, *features;
} communities[SIM_COMMUNITIES] = {
    {"power and intrigue", "gPolitical|gThriller|tpolitics|tconspiracy|tpresident|tcorruption"},
    {"crown and costume", "gHistory|gBiography|troyalty|ttudor|tvictorian|cGB"},
    {"crime and mystery", "gCrime|gMystery|tdetective|tserial killer|tpolice"},
    {"laughs", "gComedy|toffice|tfriendship|tmarriage"},
    {"family and animation", "gFamily|gAnimation|gAdventure|tchildren"},
    {"other worlds", "gSciFi|gFantasy|tspace|trobots|tfuture"},
    {"guns and battles", "gAction|gWar|gAdventure|tworld war ii|tvietnam|tspies"},
    {"hearts", "gRomance|gDrama|tlove|tfamily secrets|tmarriage"},
    {"world cinema", "gDrama|lfr|lit|lja|lsv|cFR|cIT|cJP|d1960"},
    {"true stories", "gDocumentary|gBiography|gMusic|ttrue story|tbiopic|tjournalism"},
};

#define TITLE_NOISE 0.35

void feature_add(const struct sim_world *w, char kind, struct str name, double weight,
                 float x[SIM_RANK])
{
    struct rng r;
    uint64_t salt =
        hash_mix(hash_mix(w->settings.seed, STREAM_FEATURE), (uint64_t)(unsigned char)kind);
    rng_seed(&r, hash_str(name, salt));
    for (int k = 0; k < SIM_RANK; k++)
        x[k] += (float)(weight * rng_normal(&r));
}

void vector_unit(float x[SIM_RANK])
{
    double sum = 0;
    for (int k = 0; k < SIM_RANK; k++)
        sum += (double)x[k] * (double)x[k];
    double scale = sum > 0 ? 1 / sqrt(sum) : 0;
    for (int k = 0; k < SIM_RANK; k++)
        x[k] = (float)((double)x[k] * scale);
}

static double credit_weight(const struct credit *c)
{
    switch (c->role) {
    case ROLE_DIRECTOR:
    case ROLE_CREATOR:
        return c->billing == 1 ? 0.8 : 0;
    case ROLE_ACTOR:
        return c->billing == 1 ? 0.5 : c->billing == 2 ? 0.3 : 0;
    default:
        return 0;
    }
}

static void add_features(const struct sim_world *w, struct sim_title *t)
{
    const struct title *record = &t->record;
    for (uint16_t i = 0; i < record->n_genres; i++)
        feature_add(w, 'g', record->genres[i], 1.2 / sqrt(record->n_genres), t->x);
    for (uint16_t i = 0; i < record->n_tags; i++)
        feature_add(w, 't', record->tags[i], 1.0 / sqrt(record->n_tags), t->x);
    for (uint32_t i = 0; i < record->n_credits; i++) {
        double weight = credit_weight(&record->credits[i]);
        if (weight > 0)
            feature_add(w, 'p', record->credits[i].person, weight, t->x);
    }
    if (record->n_countries > 0)
        feature_add(w, 'c', record->countries[0], 0.5, t->x);
    feature_add(w, 'l', record->language, 0.5, t->x);
    char decade[8];
    int n = snprintf(decade, sizeof(decade), "%d", record->year / 10 * 10);
    feature_add(w, 'd', (struct str){decade, (size_t)n}, 0.4, t->x);
}

static void subtract(float x[SIM_RANK], const double mean[SIM_RANK])
{
    for (int k = 0; k < SIM_RANK; k++)
        x[k] = (float)((double)x[k] - mean[k]);
}

static void community_build(const struct sim_world *w, struct sim_community *c)
{
    struct str rest = str_of(c->features);
    memset(c->x, 0, sizeof(c->x));
    while (rest.p) {
        struct str feature = str_cut(&rest, '|');
        feature_add(w, feature.p[0], (struct str){feature.p + 1, feature.n - 1}, 1, c->x);
    }
    vector_unit(c->x);
}

void title_taste_build(struct sim_world *w)
{
    double mean[SIM_RANK] = {0};
    for (uint32_t i = 0; i < w->n_titles; i++) {
        struct sim_title *t = &w->titles[i];
        struct rng r;
        rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_TITLE), i);
        t->quality = (float)rng_normal(&r);
        struct rng looks;
        rng_seed_stream(&looks, hash_mix(w->settings.seed, STREAM_LURE), i);
        t->lure = (float)rng_normal(&looks);
        add_features(w, t);
        vector_unit(t->x);
        for (int k = 0; k < SIM_RANK; k++)
            t->x[k] += (float)(TITLE_NOISE / sqrt(SIM_RANK) * rng_normal(&r));
        for (int k = 0; k < SIM_RANK; k++)
            mean[k] += (double)t->x[k] / w->n_titles;
    }
    for (uint32_t i = 0; i < w->n_titles; i++) {
        subtract(w->titles[i].x, mean);
        vector_unit(w->titles[i].x);
    }
    for (int c = 0; c < SIM_COMMUNITIES; c++) {
        w->communities[c].name = communities[c].name;
        w->communities[c].features = communities[c].features;
        community_build(w, &w->communities[c]);
    }
}
