#include "newest.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_SIZE 100
#define ROW_LIMIT 100
#define ONE_EVENT "issue.assigned"

const char *const newest_events[LIST_COUNT] = {
    "issue.created",          "issue.resolved",        "issue.ignored",           "issue.assigned",
    "error.created",          "comment.created",       "comment.updated",         "comment.deleted",
    "event_alert.triggered",  "external_issue.created", "external_issue.linked",  "installation.created",
    "installation.deleted",   "select_options.requested", "metric_alert.open",    "metric_alert.resolved",
    "metric_alert.critical",  "metric_alert.warning",  "alert_rule_action.requested", "alert_rule_action.error",
};

struct entry {
    const redisReply *reply;
    const char *date;
    size_t order;
};

struct newest {
    redisContext *redis;
    enum newest_way way;
    size_t list_count;
    char keys[LIST_COUNT][KEY_SIZE];
    redisReply *replies[LIST_COUNT];
    struct entry entries[LIST_COUNT * LIST_SIZE];
    size_t entry_count;
    char *body;
    size_t capacity;
};

struct newest *newest_open(const char *redis_path, const char *app_id, enum newest_way way) {
    struct newest *newest = calloc(1, sizeof *newest);
    if (newest == NULL) {
        return NULL;
    }
    newest->way = way;
    newest->redis = redisConnectUnix(redis_path);
    if (newest->redis == NULL || newest->redis->err != 0) {
        fprintf(stderr, "Redis at %s: %s\n", redis_path, newest->redis ? newest->redis->errstr : "out of memory");
        free(newest);
        return NULL;
    }
    bool is_one = way == NEWEST_OF_ONE_EVENT;
    newest->list_count = is_one ? 1 : LIST_COUNT;
    for (size_t i = 0; i < newest->list_count; i++) {
        const char *event = is_one ? ONE_EVENT : newest_events[i];
        snprintf(newest->keys[i], KEY_SIZE, "sentry-app-webhook-request:{%s}:%s", app_id, event);
    }
    return newest;
}

static void append_commands(struct newest *newest) {
    for (size_t i = 0; i < newest->list_count; i++) {
        const char *arguments[] = {"LRANGE", newest->keys[i], "0", "99"};
        const size_t sizes[] = {6, strlen(newest->keys[i]), 1, 2};
        redisAppendCommandArgv(newest->redis, 4, arguments, sizes);
    }
}

static bool read_replies(struct newest *newest) {
    append_commands(newest);
    for (size_t i = 0; i < newest->list_count; i++) {
        void *reply = NULL;
        if (redisGetReply(newest->redis, &reply) != REDIS_OK) {
            return false;
        }
        newest->replies[i] = reply;
        if (newest->replies[i]->type != REDIS_REPLY_ARRAY || newest->replies[i]->elements > LIST_SIZE) {
            return false;
        }
    }
    return true;
}

static void free_replies(struct newest *newest) {
    for (size_t i = 0; i < newest->list_count; i++) {
        if (newest->replies[i] != NULL) {
            freeReplyObject(newest->replies[i]);
            newest->replies[i] = NULL;
        }
    }
}

// The text after `"date":"`; dates of one form and offset sort as text.
static const char *entry_date(const redisReply *reply) {
    static const char name[] = "\"date\":\"";
    const char *found = strstr(reply->str, name);
    return found == NULL ? "" : found + sizeof name - 1;
}

static int newer_date(const char *left, const char *right) {
    return strncmp(right, left, sizeof "2000-01-01 00:00:00.000000" - 1);
}

static int newer_first(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    int order = newer_date(a->date, b->date);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

static void collect_by_sort(struct newest *newest) {
    newest->entry_count = 0;
    for (size_t i = 0; i < newest->list_count; i++) {
        for (size_t j = 0; j < newest->replies[i]->elements; j++) {
            const redisReply *reply = newest->replies[i]->element[j];
            struct entry entry = {.reply = reply, .date = entry_date(reply), .order = newest->entry_count};
            newest->entries[newest->entry_count++] = entry;
        }
    }
    qsort(newest->entries, newest->entry_count, sizeof newest->entries[0], newer_first);
}

static void collect_as_stored(struct newest *newest) {
    const redisReply *list = newest->replies[0];
    for (newest->entry_count = 0; newest->entry_count < list->elements; newest->entry_count++) {
        newest->entries[newest->entry_count].reply = list->element[newest->entry_count];
    }
}

static void collect_by_merge(struct newest *newest) {
    const char *dates[LIST_COUNT];
    size_t positions[LIST_COUNT] = {0};
    for (size_t i = 0; i < newest->list_count; i++) {
        dates[i] = newest->replies[i]->elements > 0 ? entry_date(newest->replies[i]->element[0]) : NULL;
    }
    for (newest->entry_count = 0; newest->entry_count < ROW_LIMIT; newest->entry_count++) {
        size_t best = LIST_COUNT;
        for (size_t i = 0; i < newest->list_count; i++) {
            if (dates[i] != NULL && (best == LIST_COUNT || newer_date(dates[i], dates[best]) < 0)) {
                best = i;
            }
        }
        if (best == LIST_COUNT) {
            return;
        }
        const redisReply *list = newest->replies[best];
        newest->entries[newest->entry_count].reply = list->element[positions[best]++];
        dates[best] = positions[best] < list->elements ? entry_date(list->element[positions[best]]) : NULL;
    }
}

static bool reserve(struct newest *newest, size_t size) {
    if (size > newest->capacity) {
        char *larger = realloc(newest->body, size * 2);
        if (larger == NULL) {
            return false;
        }
        newest->body = larger;
        newest->capacity = size * 2;
    }
    return true;
}

static const char *format(struct newest *newest, size_t *size) {
    size_t count = newest->entry_count < ROW_LIMIT ? newest->entry_count : ROW_LIMIT;
    size_t total = 2;
    for (size_t i = 0; i < count; i++) {
        total += newest->entries[i].reply->len + 1;
    }
    if (!reserve(newest, total)) {
        return NULL;
    }
    char *end = newest->body;
    *end++ = '[';
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            *end++ = ',';
        }
        memcpy(end, newest->entries[i].reply->str, newest->entries[i].reply->len);
        end += newest->entries[i].reply->len;
    }
    *end++ = ']';
    *size = (size_t)(end - newest->body);
    return newest->body;
}

const char *newest_read(struct newest *newest, size_t *size) {
    const char *body = NULL;
    if (read_replies(newest)) {
        switch (newest->way) {
        case NEWEST_BY_SORT:
            collect_by_sort(newest);
            break;
        case NEWEST_BY_MERGE:
            collect_by_merge(newest);
            break;
        case NEWEST_OF_ONE_EVENT:
            collect_as_stored(newest);
            break;
        }
        body = format(newest, size);
    }
    free_replies(newest);
    return body;
}
