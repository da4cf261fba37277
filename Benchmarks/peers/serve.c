#include "serve.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct work {
    int listener;
    open_state open;
    answer_request answer;
    void *argument;
};

void send_json(FCGX_Request *request, const char *body, size_t size) {
    if (body == NULL) {
        FCGX_PutS("Status: 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\nno answer\n", request->out);
        return;
    }
    FCGX_PutS("Content-Type: application/json\r\n\r\n", request->out);
    FCGX_PutStr(body, (int)size, request->out);
}

static void *run(void *pointer) {
    const struct work *work = pointer;
    void *state = work->open(work->argument);
    if (state == NULL) {
        exit(EXIT_FAILURE);
    }

    FCGX_Request request;
    FCGX_InitRequest(&request, work->listener, 0);
    while (FCGX_Accept_r(&request) == 0) {
        work->answer(state, &request);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

int serve(const char *socket_path, int threads, open_state open, answer_request answer, void *argument) {
    if (FCGX_Init() != 0) {
        fprintf(stderr, "libfcgi does not start\n");
        return -1;
    }
    // libfcgi catches SIGTERM and only notes it, which would leave the threads waiting for connections.
    signal(SIGTERM, SIG_DFL);

    struct work work = {
        .listener = FCGX_OpenSocket(socket_path, 512), .open = open, .answer = answer, .argument = argument,
    };
    if (work.listener < 0) {
        fprintf(stderr, "cannot listen on %s\n", socket_path);
        return -1;
    }
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, &work) != 0) {
            perror("pthread_create");
            return -1;
        }
    }
    run(&work);
    return -1;
}
