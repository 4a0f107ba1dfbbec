/* analyser.h - put before each file that clang-tidy reads (scripts/lint-tidy), and nowhere else.
 * The analyser sees one file at a time; this tells it that a failure is never 0. */
#include "base/error.h"

#define mq_fail(err, status, ...) ((void)(mq_fail)((err), (status), __VA_ARGS__), (int)(status))
#define mq_fail_errno(err, ...) ((void)(mq_fail_errno)((err), __VA_ARGS__), (int)MQ_IO)
#define mq_error_prefix(err, ...) ((void)(mq_error_prefix)((err), __VA_ARGS__), (int)MQ_IO)
