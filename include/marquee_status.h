/* marquee_status.h - how every call of Marquee reports: errors, and the progress of long work.
 *
 * A fallible function returns 0, or a negative `enum mq_status`, and fills a `struct mq_error` that
 * the caller owns. Outputs are untouched on failure. One table below yields the codes, their names,
 * the kind, the HTTP status and the documentation (docs/errors.md is printed from it).
 */
#ifndef MARQUEE_STATUS_H
#define MARQUEE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* Who can mend it.
 * input    the caller: the same call will fail again.
 * retry    nobody needs to: the same call may succeed later.
 * full     the operator: a disk, a quota or a limit is exhausted.
 * corrupt  the operator: stored bytes are not what was written.
 * bug      us. */
enum mq_error_kind {
    MQ_KIND_NONE,
    MQ_KIND_INPUT,
    MQ_KIND_RETRY,
    MQ_KIND_FULL,
    MQ_KIND_CORRUPT,
    MQ_KIND_BUG,
};

/* X(code, number, kind, HTTP status, what the caller did and what state is left) */
#define MQ_STATUS_TABLE(X)                                                                         \
    X(MQ_INVALID, -1, INPUT, 400, "An argument or a record breaks a rule; nothing was changed.")   \
    X(MQ_NOT_FOUND, -2, INPUT, 404, "The named thing does not exist; nothing was changed.")        \
    X(MQ_DENIED, -3, INPUT, 403, "The key's role does not allow this; nothing was changed.")       \
    X(MQ_UNAUTHENTICATED, -4, INPUT, 401, "No key, or an unknown one; nothing was changed.")       \
    X(MQ_METHOD, -5, INPUT, 405, "The route exists, but not with this method.")                    \
    X(MQ_TOO_LARGE, -6, INPUT, 413, "The input exceeds a stated limit; nothing was changed.")      \
    X(MQ_CONFLICT, -7, INPUT, 409, "The thing is in a state that forbids this; nothing changed.")  \
    X(MQ_BUSY, -8, RETRY, 429, "A bounded queue or a rate limit is full; nothing was changed.")    \
    X(MQ_LOCKED, -9, RETRY, 503, "Another process has the data folder open.")                      \
    X(MQ_NO_MODEL, -10, RETRY, 503, "No model was trained yet, or none could be read.")            \
    X(MQ_CANCELLED, -11, RETRY, 503,                                                               \
      "The caller or a shutdown stopped the work; nothing half-done.")                             \
    X(MQ_FULL, -12, FULL, 507, "No space is left on the disk; what was acknowledged is safe.")     \
    X(MQ_NO_MEMORY, -13, FULL, 503, "Memory or a declared maximum ran out; nothing was changed.")  \
    X(MQ_IO, -14, RETRY, 500,                                                                      \
      "The operating system refused a read or a write; nothing was acknowledged.")                 \
    X(MQ_CORRUPT, -15, CORRUPT, 500, "Stored bytes fail their checksum or their format.")          \
    X(MQ_VERSION, -16, CORRUPT, 500,                                                               \
      "The folder or file was written by a newer Marquee; it was left as it is.")                  \
    X(MQ_SINGULAR, -17, INPUT, 500,                                                                \
      "A matrix is not positive definite: raise the regularisation.")                              \
    X(MQ_BUG, -18, BUG, 500, "An invariant of our own does not hold.")

enum mq_status {
    MQ_OK = 0,
#define MQ_STATUS_ENUM(code, number, kind, http, doc) code = (number),
    MQ_STATUS_TABLE(MQ_STATUS_ENUM)
#undef MQ_STATUS_ENUM
};

enum { MQ_ERROR_TEXT = 480 };

/* Owned by the caller; no pointers, may be copied. `text` is "what: value: remedy", always
 * terminated, valid UTF-8, at most MQ_ERROR_TEXT - 1 bytes (a long value is cut). */
struct mq_error {
    enum mq_status status;
    enum mq_error_kind kind;
    char text[MQ_ERROR_TEXT];
};

/* The code's name ("MQ_INVALID"), "MQ_OK" for 0 and "MQ_BUG" for what is no code. */
const char *mq_status_name(int status);

/* The HTTP status of a code: 200 for 0, 500 for what is no code. */
int mq_status_http(int status);

/* What the caller did and what state is left, one sentence. */
const char *mq_status_doc(int status);

enum mq_error_kind mq_status_kind(int status);

/* Called now and then during long work, from the calling thread: `what` ("ratings.csv", "ials epoch"),
 * done of total (total 0 = unknown). Return false to stop the work: it ends with MQ_CANCELLED and leaves
 * nothing half-done (an import keeps the whole batches that were written). */
typedef bool mq_progress(void *ctx, const char *what, uint64_t done, uint64_t total);

#endif
