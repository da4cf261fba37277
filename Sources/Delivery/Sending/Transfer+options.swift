import CCurl
import Model

extension Transfer {
    /// What is the same for every request.
    func setConstantOptions() {
        _ = hl_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        _ = hl_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        _ = hl_curl_set_long(handle, CURLOPT_POST, 1)
        _ = hl_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        _ = hl_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        // A transfer that gives up on a look-up must not wait for the thread that still asks: every other one would too.
        _ = hl_curl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        _ = hl_curl_set_long(handle, CURLOPT_DNS_CACHE_TIMEOUT, settings.nameCacheSeconds)
        _ = hl_curl_set_string(handle, CURLOPT_USERAGENT, settings.userAgent)
        setTLSOptions()
        setProxyOptions()
    }

    private func setTLSOptions() {
        _ = hl_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
        _ = hl_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
        _ = hl_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // Replaces the system's file of certificates; its folder of the same certificates (CURLOPT_CAPATH) stays.
        if let file = settings.extraAuthorities {
            _ = hl_curl_set_string(handle, CURLOPT_CAINFO, file)
            _ = hl_curl_set_string(handle, CURLOPT_PROXY_CAINFO, file)
        }
    }

    /// Empty texts, not absent ones, keep libcurl from looking at environment variables.
    private func setProxyOptions() {
        _ = hl_curl_set_string(handle, CURLOPT_PROXY, settings.proxy?.exposed ?? "")
        _ = hl_curl_set_string(handle, CURLOPT_NOPROXY, "")
        _ = hl_curl_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        _ = hl_curl_set_long(handle, CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    }
}
