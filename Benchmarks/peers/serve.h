// A FastCGI responder of several threads, each with a state of its own.
#pragma once
#include <stddef.h>

// Makes one thread's state; NULL ends the program.
typedef void *(*open_state)(void *argument);

// The body of one answer and its size; NULL is answered with 503.
typedef const char *(*make_body)(void *state, size_t *size);

// Listens on a unix socket and answers until the process is killed; returns only on failure.
int serve(const char *socket_path, int threads, open_state open, make_body body, void *argument);
