/* device_words.c - the first row whose words all occur decides, so the special stands before the general: a
 * television's browser calls itself Linux and Mobile too. */
#include "wire/device_words.h"

#include <string.h>

static const struct {
    const char *word, *also; /* lower case; both must occur */
    enum device device;
} rows[] = {
    {"chromecast", NULL, DEVICE_CAST},
    {"crkey", NULL, DEVICE_CAST},
    {"airplay", NULL, DEVICE_CAST},
    {"playstation", NULL, DEVICE_CONSOLE},
    {"xbox", NULL, DEVICE_CONSOLE},
    {"nintendo", NULL, DEVICE_CONSOLE},
    {"game_console", NULL, DEVICE_CONSOLE},
    {"console", NULL, DEVICE_CONSOLE},
    {"roku", NULL, DEVICE_SET_TOP},
    {"set_top", NULL, DEVICE_SET_TOP},
    {"set-top", NULL, DEVICE_SET_TOP},
    {"settop", NULL, DEVICE_SET_TOP},
    {"set top", NULL, DEVICE_SET_TOP},
    {"appletv", NULL, DEVICE_TV},
    {"apple tv", NULL, DEVICE_TV},
    {"tvos", NULL, DEVICE_TV},
    {"smarttv", NULL, DEVICE_TV},
    {"smart-tv", NULL, DEVICE_TV},
    {"smart tv", NULL, DEVICE_TV},
    {"smart_tv", NULL, DEVICE_TV},
    {"android tv", NULL, DEVICE_TV},
    {"androidtv", NULL, DEVICE_TV},
    {"google tv", NULL, DEVICE_TV},
    {"googletv", NULL, DEVICE_TV},
    {"fire tv", NULL, DEVICE_TV},
    {"firetv", NULL, DEVICE_TV},
    {"; aft", NULL, DEVICE_TV},
    {"bravia", NULL, DEVICE_TV},
    {"hbbtv", NULL, DEVICE_TV},
    {"viera", NULL, DEVICE_TV},
    {"netcast", NULL, DEVICE_TV},
    {"web0s", NULL, DEVICE_TV},
    {"webos", NULL, DEVICE_TV},
    {"tizen", "mobile", DEVICE_PHONE},
    {"tizen", NULL, DEVICE_TV},
    {"connected tv", NULL, DEVICE_TV},
    {"connected_tv", NULL, DEVICE_TV},
    {"television", NULL, DEVICE_TV},
    {"ipad", NULL, DEVICE_TABLET},
    {"tablet", NULL, DEVICE_TABLET},
    {"kindle", NULL, DEVICE_TABLET},
    {"iphone", NULL, DEVICE_PHONE},
    {"ipod", NULL, DEVICE_PHONE},
    {"windows phone", NULL, DEVICE_PHONE},
    {"android", "mobile", DEVICE_PHONE},
    {"android", "mozilla", DEVICE_TABLET}, /* browsers on tablets leave "Mobile" out */
    {"android", NULL, DEVICE_PHONE},
    {"phone", NULL, DEVICE_PHONE},
    {"mobile", NULL, DEVICE_PHONE},
    {"desktop", NULL, DEVICE_DESKTOP},
    {"laptop", NULL, DEVICE_DESKTOP},
    {"windows nt", NULL, DEVICE_DESKTOP},
    {"macintosh", NULL, DEVICE_DESKTOP},
    {"mac os x", NULL, DEVICE_DESKTOP},
    {"macos", NULL, DEVICE_DESKTOP},
    {"windows", NULL, DEVICE_DESKTOP},
    {"x11", NULL, DEVICE_DESKTOP},
    {"cros ", NULL, DEVICE_DESKTOP},
    {"linux", NULL, DEVICE_DESKTOP},
};

/* Too short to be looked for inside a text. */
static const struct {
    const char *word;
    enum device device;
} whole[] = {
    {"ctv", DEVICE_TV},          {"stb", DEVICE_SET_TOP}, {"ios", DEVICE_PHONE},
    {"pc", DEVICE_DESKTOP},      {"mac", DEVICE_DESKTOP}, {"computer", DEVICE_DESKTOP},
    {"browser", DEVICE_DESKTOP}, {"web", DEVICE_NONE},
};

enum { LOOKED_AT = 512 }; /* bytes of a text; user agents are shorter */

static bool occurs(struct str text, const char *word)
{
    return memmem(text.p, text.n, word, strlen(word)) != NULL;
}

enum device device_of_words(struct str text)
{
    char low[LOOKED_AT];
    size_t n = text.n < LOOKED_AT ? text.n : LOOKED_AT;
    enum device exact;
    if (text.n == 0)
        return DEVICE_NONE;
    if (device_from(text, &exact))
        return exact;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        if (str_eq_nocase(text, str_of(whole[i].word)))
            return whole[i].device;
    }
    for (size_t i = 0; i < n; i++) {
        char c = text.p[i];
        low[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    struct str s = {low, n};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (occurs(s, rows[i].word) && (!rows[i].also || occurs(s, rows[i].also)))
            return rows[i].device;
    }
    return DEVICE_NONE;
}

enum device device_of_name(struct str word)
{
    enum device d = device_of_words(word);
    return d == DEVICE_NONE && word.n > 0 ? DEVICE_OTHER : d;
}
