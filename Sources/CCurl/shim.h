#include <curl/curl.h>

/* curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic: these are their typed forms for Swift. */
static inline CURLcode hl_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode hl_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode hl_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
typedef size_t (*hl_curl_write)(char *data, size_t size, size_t count, void *context);
static inline CURLcode hl_curl_set_write(CURL *handle, CURLoption option, hl_curl_write value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode hl_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode hl_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}
/* The socket of a connection that CURLOPT_CONNECT_ONLY has made. */
static inline CURLcode hl_curl_get_socket(CURL *handle, curl_socket_t *value) {
    return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}
/* The text belongs to the handle and is valid until its next use. */
static inline CURLcode hl_curl_get_string(CURL *handle, CURLINFO info, char **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode hl_curl_set_open_socket(CURL *handle, curl_opensocket_callback value) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}
/* The list belongs to the handle and is valid until its next use. */
static inline CURLcode hl_curl_get_certificates(CURL *handle, struct curl_certinfo **value) {
    return curl_easy_getinfo(handle, CURLINFO_CERTINFO, value);
}
static inline CURLMcode hl_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/* The address begins at the structure's last member and may be longer than that member says. */
static inline const struct sockaddr *hl_curl_address(const struct curl_sockaddr *address) {
    return &address->addr;
}

/* The next transfer that has ended, or NULL; `code` becomes its result. */
static inline CURL *hl_curl_next_done(CURLM *multi, CURLcode *code) {
    int waiting;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &waiting))) {
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}
