// The peer of the one-event read: a body of fixed size, made once.
//
//     fixed SOCKET SIZE THREADS
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct body {
    char *bytes;
    size_t size;
};

static void *open_body(void *argument) {
    return argument;
}

static const char *read_body(void *state, size_t *size) {
    const struct body *body = state;
    *size = body->size;
    return body->bytes;
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
    serve(arguments[1], atoi(arguments[3]), open_body, read_body, &body);
    return EXIT_FAILURE;
}
