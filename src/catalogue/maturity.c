/* maturity.c - who may watch it, and when and where. */
#include "catalogue/catalogue.h"

/* Ages as the bodies themselves state or advise them; "PG" of the MPA and the BBFC alike is for about eight. */
static const struct {
    const char *word;
    uint8_t age;
} certificates[] = {
    {"G", 0},     {"U", 0},      {"TV-Y", 0},   {"TV-G", 0}, {"ALL", 0},    {"0", 0},
    {"TV-Y7", 7}, {"PG", 8},     {"TV-PG", 10}, {"12A", 12}, {"PG-13", 13}, {"TV-14", 14},
    {"R", 17},    {"TV-MA", 17}, {"NC-17", 18}, {"R18", 18}, {"X", 18},
};

/* "16", "16+", "FSK 16", "FSK-16", "PEGI16": at most 21. */
static bool number_of(struct str s, uint8_t *ret)
{
    enum { OLDEST = 21 };
    uint64_t n;
    size_t at = 0;
    if (s.n > 1 && s.p[s.n - 1] == '+')
        s.n--;
    while (at < s.n && at < 5 && (s.p[at] < '0' || s.p[at] > '9'))
        at++;
    struct str word = str_trim((struct str){s.p, at});
    bool body = word.n == 0 || str_eq_nocase(word, STR("FSK")) ||
                str_eq_nocase(word, STR("FSK-")) || str_eq_nocase(word, STR("PEGI"));
    if (!body || at == s.n || !str_to_u64((struct str){s.p + at, s.n - at}, &n) || n > OLDEST)
        return false;
    *ret = (uint8_t)n;
    return true;
}

uint8_t maturity_age(struct str text)
{
    struct str s = str_trim(text);
    uint8_t age;
    for (size_t i = 0; i < sizeof(certificates) / sizeof(certificates[0]); i++) {
        if (str_eq_nocase(s, str_of(certificates[i].word)))
            return certificates[i].age;
    }
    return s.n > 0 && number_of(s, &age) ? age : AGE_UNKNOWN;
}

static bool holds_in(const struct window *w, country_code country)
{
    if (w->n_countries == 0)
        return true;
    for (uint16_t i = 0; country != 0 && i < w->n_countries; i++) {
        if (w->countries[i] == country)
            return true;
    }
    return false;
}

bool title_available(const struct title_row *row, int64_t at_ms, country_code country)
{
    if (row->n_windows == 0)
        return true;
    for (uint16_t i = 0; i < row->n_windows; i++) {
        const struct window *w = &row->windows[i];
        if ((w->from_ms == 0 || at_ms >= w->from_ms) && (w->until_ms == 0 || at_ms < w->until_ms) &&
            holds_in(w, country))
            return true;
    }
    return false;
}
