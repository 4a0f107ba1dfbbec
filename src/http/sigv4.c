#include "http/sigv4.h"

#include <sodium.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "http/http_message.h"

enum { MAC = crypto_auth_hmacsha256_BYTES, HEX = 2 * MAC + 1, CANONICAL_MAX = 32 * 1024 };

static const struct str scheme = {"AWS4-HMAC-SHA256", 16};

/* ---------------------------------------------------------------- the key */

static bool take_word(struct str *rest, char out[SIGV4_WORD_MAX + 1])
{
    size_t n = 0;
    *rest = str_trim(*rest);
    while (n < rest->n && rest->p[n] > ' ')
        n++;
    if (n == 0 || n > SIGV4_WORD_MAX)
        return false;
    memcpy(out, rest->p, n);
    out[n] = '\0';
    *rest = (struct str){rest->p + n, rest->n - n};
    return true;
}

int sigv4_key_read(const char *path, struct sigv4_key *ret, struct mq_error *err)
{
    struct sigv4_key key;
    struct buf b;
    buf_init(&b, 4096);
    int rc = file_read(path, &b, err);
    struct str rest = buf_str(&b);
    if (rc == 0 &&
        (!take_word(&rest, key.id) || !take_word(&rest, key.secret) || str_trim(rest).n > 0))
        rc = mq_fail(err, MQ_INVALID, "%s: expected one line: access key id, secret", path);
    if (b.p)
        sodium_memzero(b.p, b.n);
    buf_release(&b);
    if (rc == 0)
        *ret = key;
    sodium_memzero(&key, sizeof(key));
    return rc;
}

/* ---------------------------------------------------------------- the header */

struct parts {
    struct str id, day, region, service, scope; /* scope: day/region/service/aws4_request */
    struct str signed_headers, signature;
};

bool sigv4_is_call(struct str path)
{
    return str_eq(path, STR("/events")) || str_eq(path, STR("/recommendations")) ||
           str_eq(path, STR("/personalize-ranking"));
}

bool sigv4_is(struct str authorization)
{
    struct str first = str_cut(&authorization, ' ');
    return str_eq(first, scheme);
}

static int take_parts(struct str header, struct parts *p, struct mq_error *err)
{
    *p = (struct parts){.id = STR_NONE};
    struct str credential = STR_NONE;
    (void)str_cut(&header, ' ');
    while (header.p) {
        struct str value = str_trim(str_cut(&header, ','));
        struct str key = str_cut(&value, '=');
        if (str_eq(key, STR("Credential")))
            credential = value;
        else if (str_eq(key, STR("SignedHeaders")))
            p->signed_headers = value;
        else if (str_eq(key, STR("Signature")))
            p->signature = value;
    }
    p->id = str_cut(&credential, '/');
    p->scope = credential;
    p->day = str_cut(&credential, '/');
    p->region = credential.p ? str_cut(&credential, '/') : STR_NONE;
    p->service = credential.p ? str_cut(&credential, '/') : STR_NONE;
    if (!credential.p || !str_eq(credential, STR("aws4_request")) || p->signed_headers.n == 0 ||
        p->signature.n != 2 * (size_t)MAC || p->day.n != 8)
        return mq_fail(err, MQ_INVALID,
                       "Authorization: is no whole AWS4-HMAC-SHA256: Credential, SignedHeaders and "
                       "Signature are needed");
    return 0;
}

/* ---------------------------------------------------------------- the request */

static void mac(const void *key, size_t n_key, struct str text, unsigned char out[MAC])
{
    crypto_auth_hmacsha256_state s;
    crypto_auth_hmacsha256_init(&s, key, n_key);
    crypto_auth_hmacsha256_update(&s, (const unsigned char *)(text.n ? text.p : ""), text.n);
    crypto_auth_hmacsha256_final(&s, out);
    sodium_memzero(&s, sizeof(s));
}

static void add_sha256(struct buf *b, struct str text)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    crypto_hash_sha256(digest, (const unsigned char *)(text.n ? text.p : ""), text.n);
    sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
    buf_add_z(b, hex);
}

/* Runs of spaces inside a value count as one. */
static void add_value(struct buf *b, struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != ' ' || i == 0 || value.p[i - 1] != ' ')
            buf_add_char(b, value.p[i]);
    }
}

/* "name:value\n"; several headers of one name are joined by commas. False: there is none. */
static bool add_header(struct buf *b, struct str lines, struct str name)
{
    struct str n, value;
    bool found = false;
    buf_add_str(b, name);
    while (http_header_next(&lines, &n, &value)) {
        if (!str_eq_nocase(n, name))
            continue;
        buf_add_char(b, found ? ',' : ':');
        add_value(b, value);
        found = true;
    }
    buf_add_char(b, '\n');
    return found;
}

static struct str header_value(struct str lines, struct str name)
{
    struct str n, value;
    while (http_header_next(&lines, &n, &value)) {
        if (str_eq_nocase(n, name))
            return value;
    }
    return STR_NONE;
}

static int canonical(const struct sigv4_request *r, struct str signed_headers, struct buf *b,
                     struct mq_error *err)
{
    struct str rest = signed_headers;
    bool host = false, date = false;
    int n = 0;
    buf_add_str(b, r->method);
    buf_add_char(b, '\n');
    buf_add_str(b, r->path);
    buf_add_z(b, "\n\n");
    while (rest.p) {
        struct str name = str_cut(&rest, ';');
        if (++n > SIGV4_HEADERS || !add_header(b, r->headers, name))
            return mq_fail(err, MQ_DENIED, "SignedHeaders: %.*s: is not there, or one too many",
                           (int)(name.n < 80 ? name.n : 80), name.n ? name.p : "");
        host |= str_eq(name, STR("host"));
        date |= str_eq(name, STR("x-amz-date"));
    }
    if (!host || !date)
        return mq_fail(err, MQ_DENIED, "SignedHeaders: host and x-amz-date must be among them");
    buf_add_char(b, '\n');
    buf_add_str(b, signed_headers);
    buf_add_char(b, '\n');
    add_sha256(b, r->body);
    if (b->failed)
        return mq_fail(err, MQ_TOO_LARGE, "headers: over %d bytes are signed", CANONICAL_MAX);
    return 0;
}

/* "20260301T210411Z" */
static bool amz_time(struct str s, int64_t *ret_ms)
{
    char text[24];
    if (s.n != 16 || s.p[8] != 'T' || s.p[15] != 'Z')
        return false;
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s.p, s.p + 4, s.p + 6, s.p + 9,
             s.p + 11, s.p + 13);
    return time_parse(str_of(text), ret_ms, NULL);
}

static void sign(const struct sigv4_key *key, const struct parts *p, struct str to_sign,
                 char hex[HEX])
{
    unsigned char a[MAC], b[MAC];
    char first[SIGV4_WORD_MAX + 8];
    int n = snprintf(first, sizeof(first), "AWS4%s", key->secret);
    mac(first, (size_t)n, p->day, a);
    mac(a, MAC, p->region, b);
    mac(b, MAC, p->service, a);
    mac(a, MAC, STR("aws4_request"), b);
    mac(b, MAC, to_sign, a);
    sodium_bin2hex(hex, HEX, a, MAC);
    sodium_memzero(first, sizeof(first));
    sodium_memzero(b, sizeof(b));
}

static int compare(const struct sigv4_request *r, const struct sigv4_key *key,
                   const struct parts *p, struct str date, struct buf *b, struct mq_error *err)
{
    char text[1024], want[HEX];
    struct buf to_sign;
    int rc = canonical(r, p->signed_headers, b, err);
    if (rc)
        return rc;
    buf_over(&to_sign, text, sizeof(text));
    buf_add_str(&to_sign, scheme);
    buf_add_char(&to_sign, '\n');
    buf_add_str(&to_sign, date);
    buf_add_char(&to_sign, '\n');
    buf_add_str(&to_sign, p->scope);
    buf_add_char(&to_sign, '\n');
    add_sha256(&to_sign, buf_str(b));
    if (to_sign.failed)
        return mq_fail(err, MQ_INVALID, "Credential: is too long");
    sign(key, p, buf_str(&to_sign), want);
    if (sodium_memcmp(want, p->signature.p, HEX - 1) != 0)
        return mq_fail(err, MQ_DENIED,
                       "Signature: is not that of the configured key: check the secret");
    return 0;
}

int sigv4_check(const struct sigv4_request *r, const struct sigv4_key *key, int64_t now_ms,
                struct mq_error *err)
{
    struct parts p;
    struct buf b;
    int64_t at_ms = 0;
    struct str date = header_value(r->headers, STR("x-amz-date"));
    if (!key->id[0])
        return mq_fail(err, MQ_DENIED, "AWS signature: no key is configured: serve --aws-key FILE");
    int rc = take_parts(r->authorization, &p, err);
    if (rc)
        return rc;
    if (!str_eq(p.id, str_of(key->id)))
        return mq_fail(err, MQ_DENIED,
                       "Credential: is another access key id than the configured one");
    if (!amz_time(date, &at_ms) || !str_starts(date, p.day))
        return mq_fail(err, MQ_DENIED,
                       "x-amz-date: is missing, or another day than the credential's");
    if (at_ms < now_ms - SIGV4_SKEW_MS || at_ms > now_ms + SIGV4_SKEW_MS)
        return mq_fail(err, MQ_DENIED,
                       "x-amz-date: over 15 minutes from this clock: check the sender's");
    if (r->query.n > 0)
        return mq_fail(err, MQ_DENIED, "query: these calls have none: leave it out");
    buf_init(&b, CANONICAL_MAX);
    rc = compare(r, key, &p, date, &b, err);
    buf_release(&b);
    return rc;
}
