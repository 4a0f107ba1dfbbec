#include "netflix_title.h"

#include "base/hash.h"

/* "Season 4" -> 4, "Limited Series" -> 1; false for what is no part of a series. */
static bool part_of(struct str s, uint16_t *ret)
{
    static const char *const numbered[] = {"Season ", "Part ", "Volume ",  "Vol. ",
                                           "Series ", "Book ", "Chapter ", "Collection "};
    static const char *const single[] = {"Limited Series", "Miniseries", "Mini-Series"};
    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        if (str_eq_nocase(s, str_of(single[i]))) {
            *ret = 1;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
        size_t n = strlen(numbered[i]);
        int64_t number;
        if (s.n > n && str_eq_nocase((struct str){s.p, n}, str_of(numbered[i])) &&
            str_to_i64((struct str){s.p + n, s.n - n}, &number) && number >= 0 &&
            number <= UINT16_MAX) {
            *ret = (uint16_t)number;
            return true;
        }
    }
    return false;
}

/* Takes " (Episode 7)" off the end. */
static uint16_t take_number(struct str *s)
{
    static const struct str open = {" (Episode ", 10};
    if (s->n == 0 || s->p[s->n - 1] != ')')
        return 0;
    for (size_t i = s->n - 1; i-- > 0;) {
        if (s->p[i] != '(')
            continue;
        int64_t number;
        struct str rest = {s->p + i - (i > 0), s->n - i + (i > 0)};
        if (i == 0 || !str_starts(rest, open) ||
            !str_to_i64((struct str){rest.p + open.n, rest.n - open.n - 1}, &number) ||
            number < 0 || number > UINT16_MAX)
            return 0;
        s->n = i - 1;
        return (uint16_t)number;
    }
    return 0;
}

static struct str unquoted(struct str s)
{
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return (struct str){s.p + 1, s.n - 2};
    return s;
}

/* Where the next ": " begins at or behind `at`; s.n when there is none. */
static size_t next_colon(struct str s, size_t at)
{
    for (; at + 1 < s.n; at++) {
        if (s.p[at] == ':' && s.p[at + 1] == ' ')
            return at;
    }
    return s.n;
}

/* An episode without a part: `Show: "Name"`, or numbered. */
static void parse_loose(struct str s, uint16_t number, struct netflix_title *ret)
{
    size_t colon = next_colon(s, 0);
    if (colon == s.n)
        return;
    struct str name = {s.p + colon + 2, s.n - colon - 2};
    struct str bare = unquoted(name);
    if (number == 0 && bare.n == name.n)
        return;
    *ret = (struct netflix_title){
        .kind = TITLE_EPISODE, .name = bare, .show = {s.p, colon}, .number = number};
}

void netflix_title_parse(struct str s, struct netflix_title *ret)
{
    *ret = (struct netflix_title){.kind = TITLE_UNKNOWN, .name = s};
    struct str rest = s;
    uint16_t number = take_number(&rest);
    for (size_t at = next_colon(rest, 0); at < rest.n;) {
        size_t end = next_colon(rest, at + 2);
        struct str part = {rest.p + at + 2, end - at - 2};
        uint16_t season = 0;
        if (part_of(part, &season)) {
            bool episode = end < rest.n;
            ret->kind = episode ? TITLE_EPISODE : TITLE_SEASON;
            ret->show = (struct str){rest.p, at};
            ret->part = part;
            ret->season = season;
            ret->number = number;
            ret->name = episode ? unquoted((struct str){rest.p + end + 2, rest.n - end - 2}) : rest;
            return;
        }
        at = end;
    }
    parse_loose(rest, number, ret);
}

static struct str make_id(struct str a, struct str b, struct str c, struct arena *arena)
{
    static const struct str head = {"netflix:", 8};
    const struct str piece[] = {head, a, b, c};
    size_t n = 0;
    char *p = arena_alloc(arena, a.n + b.n + c.n + 64);
    if (!p)
        return STR_NONE;
    for (size_t i = 0; i < 4; i++) {
        if (i > 1 && piece[i].n > 0) {
            memcpy(p + n, ": ", 2);
            n += 2;
        }
        if (piece[i].n > 0)
            memcpy(p + n, piece[i].p, piece[i].n);
        n += piece[i].n;
    }
    if (n > TITLE_ID_MAX) {
        struct hash128 h = hash128(p, n);
        struct buf b2;
        buf_over(&b2, p, n);
        buf_printf(&b2, "netflix:%016llx%016llx", (unsigned long long)h.hi,
                   (unsigned long long)h.lo);
        n = b2.n;
    }
    return (struct str){p, n};
}

struct str netflix_title_id(const struct netflix_title *t, struct arena *arena)
{
    if (t->kind != TITLE_EPISODE)
        return make_id(t->name, STR_NONE, STR_NONE, arena);
    return make_id(t->show, t->part, t->name, arena);
}

struct str netflix_name_id(struct str name, struct arena *arena)
{
    return make_id(name, STR_NONE, STR_NONE, arena);
}

bool netflix_title_same(struct str a, struct str b)
{
    struct netflix_title x, y;
    netflix_title_parse(a, &x);
    netflix_title_parse(b, &y);
    return x.kind == y.kind && str_eq(x.name, y.name) && str_eq(x.show, y.show) &&
           str_eq(x.part, y.part);
}

static bool holds(struct str s, const char *word)
{
    return s.p && memmem(s.p, s.n, word, strlen(word)) != NULL;
}

bool netflix_title_is_extra(struct str s)
{
    static const char *const heads[] = {
        "Trailer: ", "Teaser: ", "Main Loop: ", "Bumper: ", "Clip: ", "Recap: "};
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (str_starts(s, str_of(heads[i])))
            return true;
    }
    bool numbered_head = str_starts(s, STR("Season ")) &&
                         (holds(s, " Trailer: ") || holds(s, " Teaser: ") || holds(s, " Recap: "));
    return numbered_head || holds(s, "_hook_") || holds(s, " - Clip ") ||
           str_ends(s, STR(" (Recap)")) || str_ends(s, STR(" (Trailer)")) ||
           str_ends(s, STR(" (Teaser)"));
}
