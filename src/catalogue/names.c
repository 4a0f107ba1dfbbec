/* names.c - the comparable form of names of titles and people.
 *
 * Letters of the Latin blocks lose case and accents by a table of ranges; other scripts stay as they are;
 * everything that is no letter or digit is left out. So "J. J. Abrams" equals "J.J. Abrams", and
 * "Amélie" equals "Amelie". */
#include "catalogue/catalogue.h"

/* Base letters of U+00C0..U+017F, '?' where a code point has none of one letter (handled below). */
static const char latin[] =
    /* 00C0 */ "aaaaaa?ceeeeiiii?nooooo?ouuuuy??"
               /* 00E0 */ "aaaaaa?ceeeeiiii?nooooo?ouuuuy?y"
               /* 0100 */ "aaaaaaccccccccddddeeeeeeeeeegggg"
               /* 0120 */ "gggghhhhiiiiiiiiii??jjkkklllllll"
               /* 0140 */ "lllnnnnnnnnnoooooo??rrrrrrssssss"
               /* 0160 */ "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* Decodes one code point of valid UTF-8. */
static size_t next_code(const char *p, size_t n, uint32_t *ret)
{
    const unsigned char *u = (const unsigned char *)p;
    if (u[0] < 0x80) {
        *ret = u[0];
        return 1;
    }
    size_t need = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    if (need > n) {
        *ret = 0;
        return n;
    }
    uint32_t code = u[0] & (0xffu >> (need + 1));
    for (size_t i = 1; i < need; i++)
        code = code << 6 | (u[i] & 0x3f);
    *ret = code;
    return need;
}

static const char *two_letters(uint32_t code)
{
    switch (code) {
    case 0xc6:
    case 0xe6:
        return "ae";
    case 0xdf:
        return "ss";
    case 0xde:
    case 0xfe:
        return "th";
    case 0xd0:
    case 0xf0:
        return "d";
    case 0x132:
    case 0x133:
        return "ij";
    case 0x152:
    case 0x153:
        return "oe";
    default:
        return "";
    }
}

/* Writes what `code` compares as; returns how many bytes, 0 for punctuation. */
static size_t fold(uint32_t code, const char *raw, size_t raw_n, char out[4])
{
    if (code < 0x80) {
        char c = (char)code;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        out[0] = c;
        return keep ? 1 : 0;
    }
    if (code >= 0xc0 && code < 0x180 && code != 0xd7 && code != 0xf7) {
        char c = latin[code - 0xc0];
        if (c != '?') {
            out[0] = c;
            return 1;
        }
        const char *two = two_letters(code);
        size_t n = strlen(two);
        memcpy(out, two, n);
        return n;
    }
    /* Combining accents, Latin-1 signs and general punctuation say nothing. */
    if ((code >= 0x300 && code < 0x370) || (code >= 0x80 && code < 0xc0) || code == 0xd7 ||
        code == 0xf7 || (code >= 0x2000 && code < 0x2070))
        return 0;
    memcpy(out, raw, raw_n);
    return raw_n;
}

static struct str without_article(struct str name)
{
    static const char *const leading[] = {"the ", "a ", "an "};
    static const char *const trailing[] = {", the", ", a", ", an"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(leading[i]);
        if (name.n > n && str_eq_nocase((struct str){name.p, n}, str_of(leading[i])))
            return (struct str){name.p + n, name.n - n};
        n = strlen(trailing[i]);
        if (name.n > n && str_eq_nocase((struct str){name.p + name.n - n, n}, str_of(trailing[i])))
            return (struct str){name.p, name.n - n};
    }
    return name;
}

size_t name_normalise(struct str name, char *out, size_t max)
{
    struct str s = without_article(str_trim(name));
    size_t used = 0;
    for (size_t i = 0; i < s.n;) {
        uint32_t code;
        char piece[4];
        size_t step = next_code(s.p + i, s.n - i, &code);
        size_t n = fold(code, s.p + i, step, piece);
        if (used + n > max)
            break;
        memcpy(out + used, piece, n);
        used += n;
        i += step;
    }
    return used;
}
