// The newest entries of an app's webhook request log, over all its event lists or of one.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define LIST_COUNT 20
#define KEY_SIZE 96

struct newest;

// The events whose lists are read, in the order that breaks ties between entries of the same date.
extern const char *const newest_events[LIST_COUNT];

// How the newest entries are found among the lists.
enum newest_way {
    // All entries of all lists, sorted by date.
    NEWEST_BY_SORT,
    // The heads of the lists compared until enough are taken; right only while every list is in order.
    NEWEST_BY_MERGE,
    // The one list of issue.assigned as it is: no entry is looked at.
    NEWEST_OF_ONE_EVENT,
};

// Connects to Redis on a unix socket; NULL, with words on stderr, when that fails.
struct newest *newest_open(const char *redis_path, const char *app_id, enum newest_way way);

// At most 100 stored entries, newest first, as a JSON array that lives until the next call; NULL when Redis fails.
const char *newest_read(struct newest *newest, size_t *size);
