// The peer of CGI mode: one answer of the log, from the environment to the standard output.
//
// PEER_REDIS names the unix socket of Redis, PEER_APP the app's number.
#include "newest.h"

#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char *redis_path = getenv("PEER_REDIS");
    const char *app_id = getenv("PEER_APP");
    if (getenv("GATEWAY_INTERFACE") == NULL || redis_path == NULL || app_id == NULL) {
        fprintf(stderr, "GATEWAY_INTERFACE, PEER_REDIS and PEER_APP must be set\n");
        return EXIT_FAILURE;
    }
    struct newest *newest = newest_open(redis_path, app_id, NEWEST_BY_SORT);
    size_t size = 0;
    const char *body = newest == NULL ? NULL : newest_read(newest, &size);
    if (body == NULL) {
        fputs("Status: 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\nno answer\n", stdout);
        return EXIT_FAILURE;
    }
    fputs("Content-Type: application/json\r\n\r\n", stdout);
    fwrite(body, 1, size, stdout);
    return EXIT_SUCCESS;
}
