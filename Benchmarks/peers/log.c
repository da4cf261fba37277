// The peer of the all-events read: the newest 100 entries of 20 lists, as they are stored.
//
//     log SOCKET REDIS-SOCKET APP-ID THREADS sort|merge
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

static const char *read_log(void *state, size_t *size) {
    return newest_read(state, size);
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: log SOCKET REDIS-SOCKET APP-ID THREADS sort|merge\n");
        return EXIT_FAILURE;
    }
    struct settings settings = {
        .redis_path = arguments[2],
        .app_id = arguments[3],
        .way = strcmp(arguments[5], "merge") == 0 ? NEWEST_BY_MERGE : NEWEST_BY_SORT,
    };
    serve(arguments[1], atoi(arguments[4]), open_log, read_log, &settings);
    return EXIT_FAILURE;
}
