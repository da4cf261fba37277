// The peer that only receives: asks for the same 20 lists as the log reads, counts where the replies end, looks at no
// entry, and answers a body of fixed size. What it takes is the least that an answer from Redis takes anybody.
//
//     receive SOCKET REDIS-SOCKET APP-ID SIZE THREADS
#include "newest.h"
#include "serve.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// More than the 20 lists' replies.
#define BUFFER_SIZE (1 << 20)

struct settings {
    const char *redis_path;
    const char *app_id;
    size_t body_size;
};

struct receiver {
    redisContext *redis;
    char *commands;
    size_t commands_size;
    char *body;
    size_t body_size;
    char replies[BUFFER_SIZE];
};

// The commands of all lists, one behind the other; made once.
static bool make_commands(struct receiver *receiver, const char *app_id) {
    for (size_t i = 0; i < LIST_COUNT; i++) {
        char key[KEY_SIZE];
        snprintf(key, sizeof key, "sentry-app-webhook-request:{%s}:%s", app_id, newest_events[i]);
        char *command = NULL;
        int size = redisFormatCommand(&command, "LRANGE %s 0 99", key);
        char *longer = size < 0 ? NULL : realloc(receiver->commands, receiver->commands_size + (size_t)size);
        if (longer == NULL) {
            return false;
        }
        memcpy(longer + receiver->commands_size, command, (size_t)size);
        receiver->commands = longer;
        receiver->commands_size += (size_t)size;
        redisFreeCommand(command);
    }
    return true;
}

static void *open_receiver(void *argument) {
    const struct settings *settings = argument;
    struct receiver *receiver = calloc(1, sizeof *receiver);
    if (receiver == NULL) {
        return NULL;
    }
    receiver->redis = redisConnectUnix(settings->redis_path);
    receiver->body_size = settings->body_size;
    receiver->body = malloc(settings->body_size + 1);
    if (receiver->redis == NULL || receiver->redis->err != 0 || receiver->body == NULL
        || !make_commands(receiver, settings->app_id)) {
        fprintf(stderr, "no connection to Redis at %s, or no memory\n", settings->redis_path);
        return NULL;
    }
    memset(receiver->body, ' ', receiver->body_size);
    return receiver;
}

// Where the replies stand: how many lists have ended, and how many entries of the next are still to come.
struct progress {
    size_t position;
    size_t lists;
    long entries;
};

// Goes on to the last header that is there whole; false when something else than lists of strings comes.
static bool skip_replies(struct progress *progress, const char *bytes, size_t size) {
    while (progress->lists < LIST_COUNT && progress->position < size) {
        const char *header = bytes + progress->position;
        const char *end = memchr(header, '\n', size - progress->position);
        if (end == NULL) {
            return true;
        }
        long number = strtol(header + 1, NULL, 10);
        size_t next = (size_t)(end + 1 - bytes);
        if (*header == '*' && progress->entries == 0 && number >= 0) {
            progress->entries = number;
        } else if (*header == '$' && progress->entries > 0 && number >= 0) {
            next += (size_t)number + 2;
            if (next > size) {
                return true;
            }
            progress->entries--;
        } else {
            return false;
        }
        progress->position = next;
        progress->lists += progress->entries == 0;
    }
    return true;
}

static bool receive_replies(struct receiver *receiver) {
    int redis = receiver->redis->fd;
    if (send(redis, receiver->commands, receiver->commands_size, MSG_NOSIGNAL) != (ssize_t)receiver->commands_size) {
        return false;
    }
    struct progress progress = {0};
    size_t size = 0;
    while (progress.lists < LIST_COUNT) {
        ssize_t count = recv(redis, receiver->replies + size, BUFFER_SIZE - size, 0);
        if (count <= 0) {
            return false;
        }
        size += (size_t)count;
        if (!skip_replies(&progress, receiver->replies, size)) {
            return false;
        }
    }
    return true;
}

static void answer(void *state, FCGX_Request *request) {
    struct receiver *receiver = state;
    send_json(request, receive_replies(receiver) ? receiver->body : NULL, receiver->body_size);
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: receive SOCKET REDIS-SOCKET APP-ID SIZE THREADS\n");
        return EXIT_FAILURE;
    }
    struct settings settings = {
        .redis_path = arguments[2],
        .app_id = arguments[3],
        .body_size = strtoul(arguments[4], NULL, 10),
    };
    serve(arguments[1], atoi(arguments[5]), open_receiver, answer, &settings);
    return EXIT_FAILURE;
}
