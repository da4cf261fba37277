// The peer of the smallest answers: a POST counts an interaction in Redis, a GET is refused to all but members.
//
//     small SOCKET REDIS-SOCKET APP-ID THREADS
#include "serve.h"

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEMBER "member@example.test"
#define BODY_LIMIT 1024
#define ROLLUP_COUNT 3

struct settings {
    const char *redis_path;
    long app_id;
};

struct small {
    redisContext *redis;
    long app_id;
};

// Seconds of a counter, and how many of them are kept.
static const struct {
    long seconds, samples;
} rollups[ROLLUP_COUNT] = {{10, 360}, {3600, 168}, {86400, 90}};

static void *open_small(void *argument) {
    const struct settings *settings = argument;
    struct small *small = calloc(1, sizeof *small);
    if (small == NULL) {
        return NULL;
    }
    small->app_id = settings->app_id;
    small->redis = redisConnectUnix(settings->redis_path);
    if (small->redis == NULL || small->redis->err != 0) {
        fprintf(stderr, "Redis at %s cannot be reached\n", settings->redis_path);
        free(small);
        return NULL;
    }
    return small;
}

static bool count_view(const struct small *small) {
    long now = (long)time(NULL);
    for (size_t i = 0; i < ROLLUP_COUNT; i++) {
        char key[64];
        long bucket = now / rollups[i].seconds;
        snprintf(key, sizeof key, "ts:800:%ld:%ld", bucket, small->app_id % 64);
        redisAppendCommand(small->redis, "HINCRBY %s %ld 1", key, small->app_id);
        redisAppendCommand(
            small->redis, "EXPIREAT %s %ld", key, rollups[i].seconds * (bucket + rollups[i].samples));
    }
    bool is_counted = true;
    for (size_t i = 0; i < 2 * ROLLUP_COUNT; i++) {
        void *reply = NULL;
        if (redisGetReply(small->redis, &reply) != REDIS_OK) {
            return false;
        }
        is_counted = is_counted && ((redisReply *)reply)->type == REDIS_REPLY_INTEGER;
        freeReplyObject(reply);
    }
    return is_counted;
}

static void answer_post(const struct small *small, FCGX_Request *request) {
    char body[BODY_LIMIT + 1];
    int size = FCGX_GetStr(body, BODY_LIMIT, request->in);
    body[size] = '\0';
    if (strstr(body, "\"sentry_app_viewed\"") == NULL) {
        FCGX_PutS("Status: 400 Bad Request\r\nContent-Type: application/json\r\n\r\n{}", request->out);
    } else if (count_view(small)) {
        FCGX_PutS("Status: 201 Created\r\nContent-Type: application/json\r\n\r\n{}", request->out);
    } else {
        send_json(request, NULL, 0);
    }
}

static void answer(void *state, FCGX_Request *request) {
    const char *method = FCGX_GetParam("REQUEST_METHOD", request->envp);
    const char *user = FCGX_GetParam("REMOTE_USER", request->envp);
    if (method != NULL && strcmp(method, "POST") == 0) {
        answer_post(state, request);
    } else if (user == NULL || strcmp(user, MEMBER) != 0) {
        FCGX_PutS("Status: 403 Forbidden\r\nContent-Type: application/json\r\n\r\n"
                  "{\"detail\":\"You do not have permission to perform this action.\"}", request->out);
    } else {
        send_json(request, "[]", 2);
    }
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: small SOCKET REDIS-SOCKET APP-ID THREADS\n");
        return EXIT_FAILURE;
    }
    struct settings settings = {.redis_path = arguments[2], .app_id = atol(arguments[3])};
    serve(arguments[1], atoi(arguments[4]), open_small, answer, &settings);
    return EXIT_FAILURE;
}
