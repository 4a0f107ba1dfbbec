#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

static const unsigned char protocols[] = "\x08http/1.1";

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                           const unsigned char *in, unsigned in_n, void *ctx)
{
    (void)ssl;
    (void)ctx;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_n, protocols, sizeof(protocols) - 1, in, in_n) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static int refuse(const char *what, const char *file, struct mq_error *err)
{
    char text[160];
    ERR_error_string_n(ERR_get_error(), text, sizeof(text));
    ERR_clear_error();
    return mq_fail(err, MQ_INVALID, "%s: %s: %s", what, file, text);
}

int tls_open(const char *cert, const char *key, struct ssl_ctx_st **ret, struct mq_error *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        return mq_fail(err, MQ_NO_MEMORY, "TLS: no memory");
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    int rc = 0;
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
        rc = refuse("certificate", cert, err);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        rc = refuse("key of the certificate", key, err);
    else if (SSL_CTX_check_private_key(ctx) != 1)
        rc = refuse("key does not fit the certificate", key, err);
    if (rc) {
        SSL_CTX_free(ctx);
        return rc;
    }
    *ret = ctx;
    return 0;
}

void tls_close(struct ssl_ctx_st *ctx)
{
    SSL_CTX_free(ctx);
}
