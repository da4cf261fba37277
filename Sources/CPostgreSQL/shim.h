#include <libpq-fe.h>
#include <openssl/ssl.h>

/* How many decrypted bytes wait in the TLS library: libpq reads records in parts, and poll does not see the rest. */
static inline int hookline_pq_pending(PGconn *connection)
{
    SSL *tls = PQsslStruct(connection, "OpenSSL");
    return tls ? SSL_pending(tls) : 0;
}

/* Drops a notice, which libpq would print. */
static inline void hookline_pq_drop_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static inline void hookline_pq_drop_notices(PGconn *connection)
{
    PQsetNoticeReceiver(connection, hookline_pq_drop_notice, NULL);
}
