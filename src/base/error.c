#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

struct status_row {
    int code;
    const char *name;
    enum mq_error_kind kind;
    int http;
    const char *doc;
};

static const struct status_row status_rows[] = {
#define STATUS_ROW(code, number, kind, http, doc) {code, #code, MQ_KIND_##kind, http, doc},
    MQ_STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row *find_row(int status)
{
    for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++) {
        if (status_rows[i].code == status)
            return &status_rows[i];
    }
    return NULL;
}

const char *mq_status_name(int status)
{
    if (status == MQ_OK)
        return "MQ_OK";
    const struct status_row *row = find_row(status);
    return row ? row->name : "MQ_BUG";
}

int mq_status_http(int status)
{
    if (status == MQ_OK)
        return 200;
    const struct status_row *row = find_row(status);
    return row ? row->http : 500;
}

const char *mq_status_doc(int status)
{
    if (status == MQ_OK)
        return "It worked.";
    const struct status_row *row = find_row(status);
    return row ? row->doc : find_row(MQ_BUG)->doc;
}

enum mq_error_kind mq_status_kind(int status)
{
    if (status == MQ_OK)
        return MQ_KIND_NONE;
    const struct status_row *row = find_row(status);
    return row ? row->kind : MQ_KIND_BUG;
}

/* Append `raw` to `text` at `n`: whole UTF-8 characters only, as many as fit. Returns the new
 * length. */
static size_t append_clean(char text[MQ_ERROR_TEXT], size_t n, const char *raw)
{
    struct str s = str_of(raw);
    for (size_t i = 0; i < s.n;) {
        size_t width = str_utf8_width(s, i);
        bool shown = width > 1 || (width == 1 && (uint8_t)s.p[i] >= 0x20 && s.p[i] != 0x7f);
        size_t step = width ? width : 1;
        if (n + step > MQ_ERROR_TEXT - 1)
            break;
        if (shown)
            memcpy(text + n, s.p + i, step);
        else
            text[n] = '?';
        n += step;
        i += step;
    }
    text[n] = 0;
    return n;
}

/* Longer than the text, so that what is cut here is cut there as well. */
enum { RAW_TEXT = 2 * MQ_ERROR_TEXT };

static size_t __attribute__((format(printf, 3, 0)))
append_format(char text[MQ_ERROR_TEXT], size_t n, const char *format, va_list args)
{
    char raw[RAW_TEXT];
    if (vsnprintf(raw, sizeof(raw), format, args) < 0)
        raw[0] = 0;
    return append_clean(text, n, raw);
}

/* The message is built aside and then copied: the arguments may point into err->text. */
static int set(struct mq_error *err, int status, const char *text)
{
    err->status = (enum mq_status)status;
    err->kind = mq_status_kind(status);
    memcpy(err->text, text, strlen(text) + 1);
    return status;
}

int mq_fail(struct mq_error *err, enum mq_status status, const char *format, ...)
{
    if (!err)
        return status;
    char text[MQ_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    append_format(text, 0, format, args);
    va_end(args);
    return set(err, status, text);
}

static enum mq_status status_of_errno(int errno_value)
{
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
        return MQ_FULL;
    case ENOENT:
        return MQ_NOT_FOUND;
    case ENOMEM:
        return MQ_NO_MEMORY;
    default:
        return MQ_IO;
    }
}

int mq_fail_errno(struct mq_error *err, int errno_value, const char *format, ...)
{
    enum mq_status status = status_of_errno(errno_value);
    if (!err)
        return status;
    char text[MQ_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    size_t n = append_format(text, 0, format, args);
    va_end(args);
    /* Not strerror: it depends on the locale, and strerror_r on which libc it is. */
    const char *why = strerrordesc_np(errno_value);
    n = append_clean(text, n, ": ");
    append_clean(text, n, why ? why : "unknown system error");
    return set(err, status, text);
}

int mq_error_prefix(struct mq_error *err, const char *format, ...)
{
    if (!err)
        return MQ_BUG;
    char text[MQ_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    size_t n = append_format(text, 0, format, args);
    va_end(args);
    n = append_clean(text, n, ": ");
    append_clean(text, n, err->text);
    return set(err, err->status, text);
}
