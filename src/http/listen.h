/* listen.h - where clients come in: an address, and the folder's socket. Inside http/ only. */
#ifndef MQ_HTTP_LISTEN_H
#define MQ_HTTP_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { LISTEN_TEXT = 128 };

/* "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:80", "localhost:8080". ret_text gets the address bound (with the
 * port that was chosen for 0). MQ_INVALID: it is none; MQ_CONFLICT: it is in use. */
int listen_tcp(const char *address, int *ret_fd, bool *ret_loopback, char ret_text[LISTEN_TEXT],
               struct mq_error *err);

/* A socket at `path`, for its owner only. One that nobody answers is replaced; MQ_CONFLICT when somebody does. */
int listen_local(const char *path, int *ret_fd, struct mq_error *err);

#endif
