/* tls.h - certificates. Inside http/ only. */
#ifndef MQ_HTTP_TLS_H
#define MQ_HTTP_TLS_H

#include "base/error.h"

struct ssl_ctx_st;

/* A chain in PEM (the server's own certificate first) and its key. TLS 1.2 and 1.3. MQ_INVALID. */
int tls_open(const char *cert, const char *key, struct ssl_ctx_st **ret, struct mq_error *err);
void tls_close(struct ssl_ctx_st *ctx);

#endif
