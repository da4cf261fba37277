// The peer of reads that need not be made anew: a body of fixed size, made once, and 304 to those who have it.
//
//     fixed SOCKET SIZE THREADS
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG "\"fixed\""

struct body {
    char *bytes;
    size_t size;
};

static void *open_body(void *argument) {
    return argument;
}

static void answer(void *state, FCGX_Request *request) {
    const struct body *body = state;
    const char *known = FCGX_GetParam("HTTP_IF_NONE_MATCH", request->envp);
    if (known != NULL && strcmp(known, TAG) == 0) {
        FCGX_PutS("Status: 304 Not Modified\r\nETag: " TAG "\r\n\r\n", request->out);
        return;
    }
    send_json(request, body->bytes, body->size);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: fixed SOCKET SIZE THREADS\n");
        return EXIT_FAILURE;
    }
    struct body body = {.size = strtoul(arguments[2], NULL, 10)};
    body.bytes = malloc(body.size + 1);
    if (body.bytes == NULL) {
        perror("malloc");
        return EXIT_FAILURE;
    }
    memset(body.bytes, ' ', body.size);
    serve(arguments[1], atoi(arguments[3]), open_body, answer, &body);
    return EXIT_FAILURE;
}
