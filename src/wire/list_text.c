#include "list_text.h"

#include "wire/countries.h"

bool text_is_nothing(struct str s)
{
    static const char *const words[] = {"",     "\\N",  "N/A", "NA",
                                        "null", "none", "nan", "(no genres listed)"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_nocase(s, str_of(words[i])))
            return true;
    return false;
}

static bool has(const struct str *item, uint16_t n, struct str s)
{
    for (uint16_t i = 0; i < n; i++)
        if (str_eq_nocase(item[i], s))
            return true;
    return false;
}

bool list_cut(struct str s, char separator, struct arena *arena, struct text_list *ret)
{
    *ret = (struct text_list){NULL, 0};
    if (text_is_nothing(str_trim(s)))
        return true;
    size_t most = 1;
    for (size_t i = 0; i < s.n && most < TITLE_LIST_MAX; i++)
        most += s.p[i] == separator;
    struct str *item = ARENA_ARRAY(arena, most, struct str);
    if (!item)
        return false;
    uint16_t n = 0;
    while (s.p && n < most) {
        struct str part = str_trim(str_cut(&s, separator));
        if (!text_is_nothing(part) && !has(item, n, part))
            item[n++] = part;
    }
    *ret = (struct text_list){item, n};
    return true;
}

bool list_cut_any(struct str s, struct arena *arena, struct text_list *ret)
{
    bool bars = str_find(s, '|') < s.n;
    return list_cut(s, bars ? '|' : ',', arena, ret);
}

bool list_countries(struct text_list names, struct arena *arena, struct text_list *ret)
{
    *ret = (struct text_list){NULL, 0};
    if (names.n == 0)
        return true;
    struct str *item = ARENA_ARRAY(arena, names.n, struct str);
    char(*text)[3] = arena_array(arena, names.n, sizeof *text);
    if (!item || !text)
        return false;
    uint16_t n = 0;
    for (uint16_t i = 0; i < names.n; i++) {
        country_code code;
        if (!country_find(names.item[i], &code))
            continue;
        country_text(code, text[n]);
        struct str s = {text[n], 2};
        if (!has(item, n, s))
            item[n++] = s;
    }
    *ret = (struct text_list){item, n};
    return true;
}
