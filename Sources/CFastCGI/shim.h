#include <fcgiapp.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/*
 * libfcgi has no call that takes a connection that was accepted already, and none that returns whether the web server
 * wants to keep one. Only these two functions touch members of FCGX_Request that libfcgi calls its own; their layout is
 * part of the ABI of libfcgi.so.0.
 */

/*
 * Makes FCGX_Accept_r read the next request from the connection. libfcgi closes the descriptor when the connection ends
 * before the parameters do, or when FCGX_Free is to close; it never lingers on it.
 */
static inline void hookline_fcgi_attach(FCGX_Request *request, int descriptor)
{
    request->ipcFd = descriptor;
    /* FCGX_Accept_r finishes the request before, and would close a connection that is not to be kept. */
    request->keepConnection = 1;
    FCGX_Detach(request);
}

/* Whether the web server has set FCGI_KEEP_CONN. */
static inline int hookline_fcgi_keeps_connection(const FCGX_Request *request)
{
    return request->keepConnection != 0;
}
