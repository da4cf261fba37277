// The peer of the log reads: the newest 100 entries of 20 lists, or those of one list, as they are stored.
//
//     log SOCKET REDIS-SOCKET APP-ID THREADS sort|merge|one
#include "newest.h"
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    const char *redis_path;
    const char *app_id;
    enum newest_way way;
};

static void *open_log(void *argument) {
    const struct settings *settings = argument;
    return newest_open(settings->redis_path, settings->app_id, settings->way);
}

static void answer_log(void *state, FCGX_Request *request) {
    size_t size = 0;
    const char *body = newest_read(state, &size);
    send_json(request, body, size);
}

static enum newest_way way_named(const char *name) {
    if (strcmp(name, "one") == 0) {
        return NEWEST_OF_ONE_EVENT;
    }
    return strcmp(name, "merge") == 0 ? NEWEST_BY_MERGE : NEWEST_BY_SORT;
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: log SOCKET REDIS-SOCKET APP-ID THREADS sort|merge|one\n");
        return EXIT_FAILURE;
    }
    struct settings settings = {
        .redis_path = arguments[2],
        .app_id = arguments[3],
        .way = way_named(arguments[5]),
    };
    serve(arguments[1], atoi(arguments[4]), open_log, answer_log, &settings);
    return EXIT_FAILURE;
}
