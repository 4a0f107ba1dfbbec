/* md5.h - MD5 (RFC 1321), for folds that other programs are to find again; not for secrets or integrity. */
#ifndef MQ_BASE_MD5_H
#define MQ_BASE_MD5_H

#include "base/str.h"

/* The 16 bytes of the digest. */
void md5(struct str s, uint8_t ret[16]);

/* The digest as a big-endian integer modulo m > 0. */
uint32_t md5_mod(struct str s, uint32_t m);

#endif
