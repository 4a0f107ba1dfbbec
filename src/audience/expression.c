#include "audience/expression.h"

static const char *const signal_names[] = {"watched",   "finished",  "liked",  "disliked",
                                           "abandoned", "rewatched", "follows"};
static const char *const kind_names[AUDIENCE_KINDS] = {
    "title", "director", "actor",   "producer",  "writer", "creator", "person",
    "genre", "tag",      "country", "community", "device", "daypart", "all"};

const char *audience_signal_name(enum audience_signal s)
{
    return signal_names[s];
}

const char *audience_kind_name(enum audience_kind k)
{
    return kind_names[k];
}

struct parser {
    struct str text;
    size_t at;
    unsigned depth, atoms;
    struct arena *arena;
    struct mq_error *err;
};

static int wrong(const struct parser *p, const char *what)
{
    struct str rest = {p->text.p + p->at, p->text.n - p->at};
    if (rest.n == 0)
        return mq_fail(p->err, MQ_INVALID, "audience: it ends too early: %s", what);
    return mq_fail(p->err, MQ_INVALID, "audience: \"%.*s\" (byte %zu): %s",
                   (int)(rest.n > 60 ? 60 : rest.n), rest.p, p->at + 1, what);
}

static void skip_space(struct parser *p)
{
    while (p->at < p->text.n && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\t'))
        p->at++;
}

static bool next_is(struct parser *p, char c)
{
    skip_space(p);
    return p->at < p->text.n && p->text.p[p->at] == c;
}

static bool take(struct parser *p, char c)
{
    bool there = next_is(p, c);
    p->at += there ? 1 : 0;
    return there;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The letters at `at`; moves behind them. */
static struct str word_at(struct str text, size_t *at)
{
    size_t from = *at;
    while (*at < text.n && is_letter(text.p[*at]))
        ++*at;
    return (struct str){text.p + from, *at - from};
}

static int find_word(struct str word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_nocase(word, str_of(names[i])))
            return (int)i;
    }
    return -1;
}

/* A factor begins behind the "-" at `at`: then it is an operator. */
static bool is_minus(struct str text, size_t at)
{
    at++;
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
        at++;
    if (at < text.n && text.p[at] == '(')
        return true;
    struct str word = word_at(text, &at);
    return find_word(word, signal_names, AUDIENCE_FOLLOWS + 1) >= 0 && at < text.n &&
           text.p[at] == ':';
}

/* A quoted value: the quote stands at p->at. */
static int take_quoted(struct parser *p, struct str *ret)
{
    char quote = p->text.p[p->at++];
    char *out = arena_alloc(p->arena, p->text.n - p->at + 1);
    size_t n = 0;
    if (!out)
        return mq_fail(p->err, MQ_NO_MEMORY, "audience: no memory");
    for (; p->at < p->text.n && p->text.p[p->at] != quote; p->at++) {
        if (p->text.p[p->at] == '\\' && p->at + 1 < p->text.n &&
            (p->text.p[p->at + 1] == quote || p->text.p[p->at + 1] == '\\'))
            p->at++;
        out[n++] = p->text.p[p->at];
    }
    if (p->at == p->text.n)
        return wrong(p, "a quote is not closed");
    p->at++;
    *ret = (struct str){out, n};
    return 0;
}

static int take_plain(struct parser *p, struct str *ret)
{
    size_t from = p->at;
    for (; p->at < p->text.n; p->at++) {
        char c = p->text.p[p->at];
        if (c == '&' || c == '|' || c == '(' || c == ')' || (c == '-' && is_minus(p->text, p->at)))
            break;
    }
    struct str value = str_trim((struct str){p->text.p + from, p->at - from});
    char *out = arena_alloc(p->arena, value.n + 1);
    if (!out)
        return mq_fail(p->err, MQ_NO_MEMORY, "audience: no memory");
    memcpy(out, value.p, value.n);
    *ret = (struct str){out, value.n};
    return 0;
}

static int check_atom(const struct parser *p, const struct expression *e)
{
    if (e->value.n == 0 && e->kind != KIND_ALL)
        return mq_fail(p->err, MQ_INVALID, "audience: %s:%s: has no value: give %s=VALUE",
                       signal_names[e->signal], kind_names[e->kind], kind_names[e->kind]);
    if (e->signal == AUDIENCE_FOLLOWS && (e->kind < KIND_DIRECTOR || e->kind > KIND_PERSON))
        return mq_fail(p->err, MQ_INVALID,
                       "audience: follows:%s: only people are followed: use director, actor, "
                       "producer, writer, creator or person",
                       kind_names[e->kind]);
    return 0;
}

static int take_atom(struct parser *p, const struct expression **ret)
{
    struct expression *e = ARENA_NEW(p->arena, struct expression);
    if (!e)
        return mq_fail(p->err, MQ_NO_MEMORY, "audience: no memory");
    if (++p->atoms > EXPRESSION_ATOMS)
        return mq_fail(p->err, MQ_TOO_LARGE, "audience: more than %d parts", EXPRESSION_ATOMS);
    size_t at = p->at;
    int signal = find_word(word_at(p->text, &at), signal_names, AUDIENCE_FOLLOWS + 1);
    if (signal < 0 || at == p->text.n || p->text.p[at] != ':')
        return wrong(
            p, "must be SIGNAL:KIND=VALUE with watched, finished, liked, disliked, abandoned, "
               "rewatched or follows; quote values that hold & | - ( )");
    p->at = at + 1;
    at = p->at;
    int kind = find_word(word_at(p->text, &at), kind_names, AUDIENCE_KINDS);
    if (kind < 0)
        return wrong(p, "must be title, director, actor, producer, writer, creator, person, genre, "
                        "tag, country, community, device, daypart or all");
    p->at = at;
    e->op = EXPRESSION_ATOM;
    e->signal = (enum audience_signal)signal;
    e->kind = (enum audience_kind)kind;
    e->value = STR("");
    int rc = 0;
    if (take(p, '=')) {
        skip_space(p);
        e->quoted = p->at < p->text.n && (p->text.p[p->at] == '"' || p->text.p[p->at] == '\'');
        rc = e->quoted ? take_quoted(p, &e->value) : take_plain(p, &e->value);
    }
    *ret = e;
    return rc ? rc : check_atom(p, e);
}

static int take_expression(struct parser *p, const struct expression **ret);

static int take_factor(struct parser *p, const struct expression **ret)
{
    skip_space(p);
    if (!take(p, '('))
        return take_atom(p, ret);
    if (++p->depth > EXPRESSION_DEPTH)
        return mq_fail(p->err, MQ_TOO_LARGE, "audience: parentheses more than %d deep",
                       EXPRESSION_DEPTH);
    int rc = take_expression(p, ret);
    if (rc == 0 && !take(p, ')'))
        rc = wrong(p, "a parenthesis is not closed");
    p->depth--;
    return rc;
}

static int join(struct parser *p, enum expression_op op, const struct expression **left,
                const struct expression *right)
{
    struct expression *e = ARENA_NEW(p->arena, struct expression);
    if (!e)
        return mq_fail(p->err, MQ_NO_MEMORY, "audience: no memory");
    e->op = op;
    e->left = *left;
    e->right = right;
    *left = e;
    return 0;
}

static int take_term(struct parser *p, const struct expression **ret)
{
    int rc = take_factor(p, ret);
    while (rc == 0) {
        const struct expression *right = NULL;
        bool minus = next_is(p, '-');
        if (!minus && !next_is(p, '&'))
            break;
        p->at++;
        rc = take_factor(p, &right);
        if (rc == 0)
            rc = join(p, minus ? EXPRESSION_NOT : EXPRESSION_AND, ret, right);
    }
    return rc;
}

static int take_expression(struct parser *p, const struct expression **ret)
{
    int rc = take_term(p, ret);
    while (rc == 0 && take(p, '|')) {
        const struct expression *right = NULL;
        rc = take_term(p, &right);
        if (rc == 0)
            rc = join(p, EXPRESSION_OR, ret, right);
    }
    return rc;
}

int expression_parse(struct str text, struct arena *arena, const struct expression **ret,
                     struct mq_error *err)
{
    struct parser p = {.text = text, .arena = arena, .err = err};
    const struct expression *e = NULL;
    if (text.n > EXPRESSION_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "audience: %zu bytes: at most %d are allowed", text.n,
                       EXPRESSION_MAX);
    if (str_trim(text).n == 0)
        return mq_fail(err, MQ_INVALID, "audience: empty: give one as liked:director=NAME");
    if (!str_is_utf8(text) || str_has_control(text))
        return mq_fail(err, MQ_INVALID, "audience: must be UTF-8 without control characters");
    int rc = take_expression(&p, &e);
    skip_space(&p);
    if (rc == 0 && p.at < text.n)
        rc = wrong(&p, "is not expected here: join with &, | or -");
    if (rc == 0)
        *ret = e;
    return rc;
}
