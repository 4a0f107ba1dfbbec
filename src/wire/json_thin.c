/* json_thin.c - one walk: keys are compared while values are passed. */
#include "wire/json_thin.h"

enum { DEPTH = 12, MEMBERS = 32, DIGITS = 15 /* a double holds them all */ };

struct walk {
    struct str all;
    size_t at;
    int depth;
    struct buf *out; /* NULL: nothing is kept here */
};

static bool stands(const struct walk *w, char c)
{
    return w->at < w->all.n && w->all.p[w->at] == c;
}

static bool take(struct walk *w, char c)
{
    bool there = stands(w, c);
    w->at += there;
    return there;
}

static void pass_space(struct walk *w)
{
    w->at = json_read_space(w->all, w->at);
}

/* *ret_escaped: a backslash is in it. Is it UTF-8? The whole text is looked at once, later. */
static bool pass_text(struct walk *w, bool *ret_escaped)
{
    const char *p = w->all.p;
    size_t n = w->all.n, at = w->at + 1;
    *ret_escaped = false;
    for (; at < n && p[at] != '"'; at++) {
        if ((unsigned char)p[at] < 0x20)
            return false;
        if (p[at] != '\\')
            continue;
        *ret_escaped = true;
        at++;
        if (at == n || p[at] == '\0' || !strchr("\"\\/bfnrt", p[at]))
            return false;
    }
    if (at >= n)
        return false;
    w->at = at + 1;
    return true;
}

static size_t pass_digits(struct walk *w)
{
    size_t from = w->at;
    while (w->at < w->all.n && w->all.p[w->at] >= '0' && w->all.p[w->at] <= '9')
        w->at++;
    return w->at - from;
}

/* What stands behind it must be a ',' or an end: the caller looks. */
static bool pass_number(struct walk *w)
{
    (void)take(w, '-');
    bool zero = stands(w, '0');
    size_t whole = pass_digits(w);
    size_t part = 0;
    if (whole == 0 || (zero && whole > 1))
        return false;
    if (take(w, '.')) {
        part = pass_digits(w);
        if (part == 0)
            return false;
    }
    return whole + part <= DIGITS;
}

static bool pass_word(struct walk *w, struct str word)
{
    struct str left = {w->all.p + w->at, w->all.n - w->at};
    if (left.n < word.n || memcmp(left.p, word.p, word.n) != 0)
        return false;
    w->at += word.n;
    return true;
}

static bool pass_object(struct walk *w, const struct json_keep *keep);
static bool pass_value(struct walk *w);

static bool pass_list(struct walk *w)
{
    w->at++;
    pass_space(w);
    if (take(w, ']'))
        return true;
    do {
        pass_space(w);
        if (!pass_value(w))
            return false;
        pass_space(w);
    } while (take(w, ','));
    return take(w, ']');
}

/* Nothing of it is kept member by member. */
static bool pass_value(struct walk *w)
{
    struct buf *out = w->out;
    bool escaped, good;
    if (w->at == w->all.n || w->depth == DEPTH)
        return false;
    w->out = NULL;
    w->depth++;
    switch (w->all.p[w->at]) {
    case '"':
        good = pass_text(w, &escaped);
        break;
    case '{':
        good = pass_object(w, NULL);
        break;
    case '[':
        good = pass_list(w);
        break;
    case 't':
        good = pass_word(w, STR("true"));
        break;
    case 'f':
        good = pass_word(w, STR("false"));
        break;
    case 'n':
        good = pass_word(w, STR("null"));
        break;
    default:
        good = pass_number(w);
    }
    w->depth--;
    w->out = out;
    return good;
}

static const struct json_keep *needed(const struct json_keep *keep, struct str key)
{
    for (; keep && keep->key.p; keep++) {
        if (str_eq(key, keep->key))
            return keep;
    }
    return NULL;
}

static bool among(const struct str *keys, size_t n, struct str key)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(keys[i], key))
            return true;
    }
    return false;
}

/* At the value of a member. */
static bool pass_member(struct walk *w, struct str key, const struct json_keep *keep)
{
    const struct json_keep *k = needed(keep, key);
    if (!k || !w->out)
        return pass_value(w);
    if (w->out->n > 0 && w->out->p[w->out->n - 1] != '{')
        buf_add_char(w->out, ',');
    buf_add(w->out, key.p - 1, key.n + 2); /* with its quotes */
    buf_add_char(w->out, ':');
    if (k->inside && stands(w, '{')) {
        w->depth++;
        bool good = pass_object(w, k->inside);
        w->depth--;
        return good;
    }
    size_t from = w->at;
    if (!pass_value(w))
        return false;
    buf_add(w->out, w->all.p + from, w->at - from);
    return true;
}

static bool pass_members(struct walk *w, const struct json_keep *keep)
{
    struct str keys[MEMBERS];
    size_t n = 0;
    do {
        bool escaped;
        pass_space(w);
        size_t from = w->at + 1;
        if (!stands(w, '"') || !pass_text(w, &escaped) || escaped || n == MEMBERS)
            return false;
        keys[n] = (struct str){w->all.p + from, w->at - 1 - from};
        if (among(keys, n, keys[n]))
            return false;
        pass_space(w);
        if (!take(w, ':'))
            return false;
        pass_space(w);
        if (!pass_member(w, keys[n++], keep))
            return false;
        pass_space(w);
    } while (take(w, ','));
    return take(w, '}');
}

/* At '{'. */
static bool pass_object(struct walk *w, const struct json_keep *keep)
{
    w->at++;
    if (w->out)
        buf_add_char(w->out, '{');
    pass_space(w);
    if (!take(w, '}') && !pass_members(w, keep))
        return false;
    if (w->out)
        buf_add_char(w->out, '}');
    return true;
}

bool json_thin(struct str all, size_t *at, const struct json_keep *keep, struct buf *out)
{
    struct walk w = {.all = all, .at = *at, .out = out};
    if (!stands(&w, '{') || !pass_object(&w, keep) || out->failed ||
        !str_is_utf8((struct str){all.p + *at, w.at - *at}))
        return false;
    *at = w.at;
    return true;
}
