#include "wire/bad_row.h"

#include <inttypes.h>

int bad_row_fail(const struct bad_row *bad, struct mq_error *err)
{
    return mq_fail(err, MQ_INVALID, "%s:%" PRIu64 ": %s", bad->file, bad->line, bad->why->text);
}
