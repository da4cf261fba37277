/* OpenSSL 3 prefers EVP to its functions on a SHA256_CTX; but EVP allocates, and may fail at every step. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
