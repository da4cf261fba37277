/* A bare libcurl multi loop: sends COUNT posts of BYTES bytes, CONCURRENCY at a time, over kept connections, and counts
   those that were answered with 200. Prints the count and its own processor time in seconds. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static size_t discard(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

static void fail(const char *what) {
    fprintf(stderr, "send: %s\n", what);
    exit(1);
}

static double seconds(const struct timeval *time) { return (double)time->tv_sec + (double)time->tv_usec / 1e6; }

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: send URL COUNT CONCURRENCY BYTES");
    const long total = atol(argv[2]);
    const long concurrency = atol(argv[3]);
    const long size = atol(argv[4]);
    if (total < 1 || concurrency < 1 || size < 1) fail("COUNT, CONCURRENCY and BYTES are positive numbers");

    char *body = malloc((size_t)size);
    if (body == NULL || curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) fail("no memory");
    memset(body, 'x', (size_t)size);
    struct curl_slist *headers = NULL;
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Request-ID: 0123456789abcdef0123456789abcdef");
    headers = curl_slist_append(headers, "Sentry-Hook-Resource: issue");
    headers = curl_slist_append(headers, "Sentry-Hook-Timestamp: 1700000000");
    headers = curl_slist_append(headers, "Expect:");
    CURLM *multi = curl_multi_init();
    if (multi == NULL || headers == NULL) fail("no memory");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, concurrency);

    long started = 0;
    long ended = 0;
    long answered = 0;
    for (; started < concurrency && started < total; started++) {
        CURL *easy = curl_easy_init();
        if (easy == NULL) fail("no memory");
        curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_multi_add_handle(multi, easy);
    }
    while (ended < total) {
        int running = 0;
        if (curl_multi_perform(multi, &running) != CURLM_OK) fail("curl_multi_perform");
        int left = 0;
        CURLMsg *message = NULL;
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL *easy = message->easy_handle;
            long status = 0;
            if (message->data.result == CURLE_OK) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            ended++;
            if (status == 200) answered++;
            curl_multi_remove_handle(multi, easy);
            if (started < total) {
                started++;
                curl_multi_add_handle(multi, easy);
            } else {
                curl_easy_cleanup(easy);
            }
        }
        if (ended < total && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) fail("curl_multi_poll");
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld %.6f\n", answered, seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
    return 0;
}
