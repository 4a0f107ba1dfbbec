#include "catalogue/title.h"

#include <math.h>

static const char *const kind_names[TITLE_KINDS] = {
    [TITLE_UNKNOWN] = "",      [TITLE_FILM] = "film",       [TITLE_SERIES] = "series",
    [TITLE_SEASON] = "season", [TITLE_EPISODE] = "episode", [TITLE_SPECIAL] = "special",
};

static const char *const role_names[ROLES] = {
    [ROLE_DIRECTOR] = "director", [ROLE_ACTOR] = "actor",     [ROLE_PRODUCER] = "producer",
    [ROLE_WRITER] = "writer",     [ROLE_CREATOR] = "creator",
};

struct word {
    const char *word;
    int value;
};

static const struct word kind_words[] = {
    {"movie", TITLE_FILM},        {"feature", TITLE_FILM},        {"tv", TITLE_SERIES},
    {"show", TITLE_SERIES},       {"tvseries", TITLE_SERIES},     {"tv series", TITLE_SERIES},
    {"miniseries", TITLE_SERIES}, {"tvminiseries", TITLE_SERIES}, {"tvmovie", TITLE_FILM},
    {"tvepisode", TITLE_EPISODE}, {"tvspecial", TITLE_SPECIAL},
};

static const struct word role_words[] = {
    {"actress", ROLE_ACTOR},     {"cast", ROLE_ACTOR},
    {"star", ROLE_ACTOR},        {"executive producer", ROLE_PRODUCER},
    {"screenplay", ROLE_WRITER}, {"story", ROLE_WRITER},
    {"novel", ROLE_WRITER},
};

void title_init(struct title *t)
{
    *t = (struct title){.release_day = TITLE_NO_DATE, .title_id = {ID_NONE}};
}

const char *title_kind_name(enum title_kind k)
{
    return (unsigned)k < TITLE_KINDS ? kind_names[k] : "";
}

const char *role_name(enum role r)
{
    return (unsigned)r < ROLES ? role_names[r] : "";
}

static bool find_word(const struct word *words, size_t n, struct str word, int *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_nocase(word, str_of(words[i].word))) {
            *ret = words[i].value;
            return true;
        }
    }
    return false;
}

bool title_kind_from(struct str word, enum title_kind *ret)
{
    int found = TITLE_UNKNOWN;
    for (int k = 0; k < TITLE_KINDS; k++) {
        if (str_eq_nocase(word, str_of(kind_names[k]))) {
            *ret = (enum title_kind)k;
            return true;
        }
    }
    if (!find_word(kind_words, sizeof(kind_words) / sizeof(kind_words[0]), word, &found))
        return false;
    *ret = (enum title_kind)found;
    return true;
}

bool role_from(struct str word, enum role *ret)
{
    int found = 0;
    for (int r = 0; r < ROLES; r++) {
        if (str_eq_nocase(word, str_of(role_names[r]))) {
            *ret = (enum role)r;
            return true;
        }
    }
    if (!find_word(role_words, sizeof(role_words) / sizeof(role_words[0]), word, &found))
        return false;
    *ret = (enum role)found;
    return true;
}

static int check_text(const char *field, struct str s, size_t max, bool lines, struct mq_error *err)
{
    if (s.n > max)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu bytes: at most %zu are allowed", field, s.n,
                       max);
    if (!str_is_utf8(s))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: is not UTF-8", field, STR_ARG(s));
    /* A description may hold line breaks, nothing else may. */
    if (!lines && str_has_control(s))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: holds control characters", field, STR_ARG(s));
    return 0;
}

static int check_list(const char *field, const struct str *list, size_t n, struct mq_error *err)
{
    if (n > TITLE_LIST_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu entries: at most %d are allowed", field, n,
                       TITLE_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        int rc = check_text(field, list[i], TITLE_NAME_MAX, false, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int check_credits(const struct title *t, struct mq_error *err)
{
    if (t->n_credits > TITLE_CREDITS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "credits: %u: at most %d are allowed", t->n_credits,
                       TITLE_CREDITS_MAX);
    for (uint32_t i = 0; i < t->n_credits; i++) {
        const struct credit *c = &t->credits[i];
        if (c->person.n == 0 && c->person_key.n == 0)
            return mq_fail(err, MQ_INVALID, "credits: entry %u: has no person", i);
        if (c->role >= ROLES)
            return mq_fail(err, MQ_INVALID, "credits: role %u: is none", c->role);
        int rc = check_text("credits.person", c->person, TITLE_NAME_MAX, false, err);
        if (rc == 0)
            rc = check_text("credits.person_id", c->person_key, TITLE_ID_MAX, false, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int check_windows(const struct title *t, struct mq_error *err)
{
    if (t->n_windows > TITLE_WINDOWS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "availability: %u windows: at most %d are allowed",
                       t->n_windows, TITLE_WINDOWS_MAX);
    for (uint16_t i = 0; i < t->n_windows; i++) {
        const struct window *w = &t->windows[i];
        if (w->n_countries > TITLE_LIST_MAX)
            return mq_fail(err, MQ_TOO_LARGE, "availability: %u countries: at most %d are allowed",
                           w->n_countries, TITLE_LIST_MAX);
        if (w->from_ms != 0 && w->until_ms != 0 && w->until_ms <= w->from_ms)
            return mq_fail(err, MQ_INVALID,
                           "availability: window %u: ends before it begins: change from and until",
                           i);
    }
    return 0;
}

static int check_numbers(const struct title *t, struct mq_error *err)
{
    if (t->year != 0 && (t->year < 1870 || t->year > 2200))
        return mq_fail(err, MQ_INVALID, "year: %d: must lie between 1870 and 2200", t->year);
    if (t->kind >= TITLE_KINDS)
        return mq_fail(err, MQ_INVALID, "kind: %u: is none", t->kind);
    if (!isfinite(t->budget) || !isfinite(t->gross) || t->budget < 0 || t->gross < 0)
        return mq_fail(err, MQ_INVALID, "budget, gross: must be numbers of at least 0");
    return 0;
}

int title_check(const struct title *t, struct mq_error *err)
{
    if (t->id.n == 0)
        return mq_fail(err, MQ_INVALID, "title id: missing: give one");
    const struct {
        const char *field;
        struct str s;
        size_t max;
        bool lines;
    } texts[] = {
        {"title id", t->id, TITLE_ID_MAX, false},
        {"title", t->name, TITLE_NAME_MAX, false},
        {"original title", t->original_name, TITLE_NAME_MAX, false},
        {"language", t->language, TITLE_NAME_MAX, false},
        {"maturity", t->maturity, TITLE_NAME_MAX, false},
        {"series", t->series, TITLE_NAME_MAX, false},
        {"image", t->image, TITLE_NAME_MAX, false},
        {"description", t->description, TITLE_TEXT_MAX, true},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int rc = check_text(texts[i].field, texts[i].s, texts[i].max, texts[i].lines, err);
        if (rc)
            return rc;
    }
    int rc = check_list("genres", t->genres, t->n_genres, err);
    if (rc == 0)
        rc = check_list("tags", t->tags, t->n_tags, err);
    if (rc == 0)
        rc = check_list("countries", t->countries, t->n_countries, err);
    if (rc == 0)
        rc = check_list("pictures", t->pictures, t->n_pictures, err);
    if (rc == 0 && t->n_pictures > TITLE_PICTURES_MAX)
        rc = mq_fail(err, MQ_TOO_LARGE, "pictures: %u: at most %d are allowed", t->n_pictures,
                     TITLE_PICTURES_MAX);
    if (rc == 0)
        rc = check_numbers(t, err);
    if (rc == 0)
        rc = check_credits(t, err);
    if (rc == 0)
        rc = check_windows(t, err);
    return rc;
}

static struct str later(struct str base, struct str update)
{
    return update.n > 0 ? update : base;
}

void title_merge(const struct title *base, const struct title *update, struct title *ret)
{
    struct title t = *base;
    const struct title *u = update;
    t.id = later(t.id, u->id);
    t.name = later(t.name, u->name);
    t.original_name = later(t.original_name, u->original_name);
    t.language = later(t.language, u->language);
    t.maturity = later(t.maturity, u->maturity);
    t.description = later(t.description, u->description);
    t.series = later(t.series, u->series);
    t.image = later(t.image, u->image);
    if (u->year)
        t.year = u->year;
    if (u->kind)
        t.kind = u->kind;
    if (u->runtime_min)
        t.runtime_min = u->runtime_min;
    if (u->season)
        t.season = u->season;
    if (u->episode)
        t.episode = u->episode;
    if (u->budget > 0)
        t.budget = u->budget;
    if (u->gross > 0)
        t.gross = u->gross;
    if (u->release_day != TITLE_NO_DATE)
        t.release_day = u->release_day;
    /* The first sighting stays. */
    if (t.added_ms == 0)
        t.added_ms = u->added_ms;
    if (u->n_genres) {
        t.genres = u->genres;
        t.n_genres = u->n_genres;
    }
    if (u->n_tags) {
        t.tags = u->tags;
        t.n_tags = u->n_tags;
    }
    if (u->n_countries) {
        t.countries = u->countries;
        t.n_countries = u->n_countries;
    }
    if (u->n_pictures) {
        t.pictures = u->pictures;
        t.n_pictures = u->n_pictures;
    }
    if (u->has_credits) {
        t.credits = u->credits;
        t.n_credits = u->n_credits;
        t.has_credits = true;
    }
    if (u->has_windows) {
        t.windows = u->windows;
        t.n_windows = u->n_windows;
        t.has_windows = true;
    }
    if (u->title_id.v != ID_NONE)
        t.title_id = u->title_id;
    *ret = t;
}
