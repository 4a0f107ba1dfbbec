#include "wire/film_name.h"

/* Articles of the languages that MovieLens' titles come in, as they stand behind the last comma. */
static const char *const articles[] = {
    "The", "A",   "An",  "Le", "La",  "Les", "L'",  "Un",  "Une", "Des", "Il",   "Lo", "I",
    "Gli", "Uno", "Una", "El", "Los", "Las", "Der", "Die", "Das", "Ein", "Eine", "De", "Het",
    "Den", "Det", "En",  "Et", "O",   "Os",  "As",  "Um",  "Uma", "Els", "L’",
};

/* "Usual Suspects, The" -> "The Usual Suspects", "Avventura, L'" -> "L'Avventura"; else as it is. p == NULL
 * without room in the arena. */
static struct str article_to_front(struct str s, struct arena *arena)
{
    size_t comma = s.n;
    while (comma > 0 && s.p[comma - 1] != ',')
        comma--;
    if (comma < 2 || comma == s.n || s.p[comma] != ' ')
        return s;
    struct str article = str_trim((struct str){s.p + comma, s.n - comma});
    struct str rest = {s.p, comma - 1};
    for (size_t i = 0; i < sizeof articles / sizeof *articles; i++) {
        if (!str_eq_nocase(article, str_of(articles[i])))
            continue;
        bool joined = str_ends(article, STR("'")) || str_ends(article, STR("’"));
        char *p = arena_alloc(arena, s.n + 1);
        if (!p)
            return STR_NONE;
        memcpy(p, article.p, article.n);
        p[article.n] = ' ';
        size_t at = article.n + !joined;
        memcpy(p + at, rest.p, rest.n);
        return (struct str){p, at + rest.n};
    }
    return s;
}

/* Take "(...)" off the end; the parentheses may hold others. False when there is none, or nothing before
 * it, or when a space before it is asked for and there is none ("Fire(s)" is one word). */
static bool take_group(struct str *s, bool spaced, struct str *ret_inner)
{
    if (s->n < 3 || s->p[s->n - 1] != ')')
        return false;
    size_t depth = 0, i = s->n;
    while (i > 0) {
        i--;
        if (s->p[i] == ')')
            depth++;
        else if (s->p[i] == '(' && --depth == 0)
            break;
    }
    if (depth != 0 || i == 0 || (spaced && s->p[i - 1] != ' '))
        return false;
    *ret_inner = str_trim((struct str){s->p + i + 1, s->n - i - 2});
    *s = str_trim((struct str){s->p, i});
    return s->n > 0;
}

/* "1995", "1995-1999", "1995–1999", "2006-": the first year. */
static bool year_of(struct str s, int16_t *ret)
{
    int64_t year;
    if (s.n < 4 || !str_to_i64((struct str){s.p, 4}, &year) || year < 1870 || year > 2200)
        return false;
    for (size_t i = 4; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!(c >= '0' && c <= '9') && c != '-' && c < 0x80)
            return false;
    }
    *ret = (int16_t)year;
    return true;
}

/* "Birdman: Or (The Unexpected Virtue of Ignorance)": the parentheses belong to the name. */
static bool belongs_to_name(struct str before)
{
    return str_ends(before, STR(" Or")) || str_ends(before, STR(" or")) ||
           str_ends(before, STR(":"));
}

static struct str without_aka(struct str s, bool *ret_was)
{
    static const char *const marks[] = {"a.k.a. ", "a.k.a ", "aka "};
    *ret_was = true;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        if (s.n > n && str_eq_nocase((struct str){s.p, n}, str_of(marks[i])))
            return str_trim((struct str){s.p + n, s.n - n});
    }
    *ret_was = false;
    return s;
}

/* The year's group, behind which "(V)" (video) or "(TV)" may stand. */
static void take_year(struct str *s, int16_t *ret)
{
    struct str rest = *s, inner;
    while (take_group(&rest, false, &inner)) {
        if (year_of(inner, ret)) {
            *s = rest;
            return;
        }
        if (!str_eq(inner, STR("V")) && !str_eq(inner, STR("TV")))
            return;
    }
}

bool film_name_parse(struct str s, struct arena *arena, struct film_name *ret)
{
    struct film_name f = {.year = 0};
    s = str_trim(s);
    take_year(&s, &f.year);
    struct str rest = s, inner, other = STR_NONE;
    bool other_is_aka = true;
    while (take_group(&rest, true, &inner) && !belongs_to_name(rest)) {
        bool aka;
        inner = without_aka(inner, &aka);
        /* The original title stands last; a.k.a. only counts when there is nothing better. */
        if (inner.n > 0 && (other.n == 0 || (other_is_aka && !aka))) {
            other = inner;
            other_is_aka = aka;
        }
        s = rest;
    }
    f.name = article_to_front(s, arena);
    f.original_name = article_to_front(other, arena);
    if ((s.n > 0 && !f.name.p) || (other.n > 0 && !f.original_name.p))
        return false;
    *ret = f;
    return true;
}
