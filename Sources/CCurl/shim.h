#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo are variadic: these are their typed forms for Swift. */
static inline CURLcode hl_curl_set_long(CURL *handle, CURLoption option, long value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode hl_curl_set_string(CURL *handle, CURLoption option, const char *value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode hl_curl_set_pointer(CURL *handle, CURLoption option, void *value) { return curl_easy_setopt(handle, option, value); }
typedef size_t (*hl_curl_write)(char *data, size_t size, size_t count, void *context);
static inline CURLcode hl_curl_set_write(CURL *handle, CURLoption option, hl_curl_write value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode hl_curl_get_long(CURL *handle, CURLINFO info, long *value) { return curl_easy_getinfo(handle, info, value); }
