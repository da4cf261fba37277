// A FastCGI responder of several threads, each with a state of its own.
#pragma once
#include <fcgiapp.h>
#include <stddef.h>

// Makes one thread's state; NULL ends the program.
typedef void *(*open_state)(void *argument);

// Answers one request.
typedef void (*answer_request)(void *state, FCGX_Request *request);

// Writes a body of JSON with its header; NULL is answered with 503.
void send_json(FCGX_Request *request, const char *body, size_t size);

// Listens on a unix socket and answers until the process is killed; returns only on failure.
int serve(const char *socket_path, int threads, open_state open, answer_request answer, void *argument);
