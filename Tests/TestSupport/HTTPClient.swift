import CCurl
import Foundation

/// An HTTP client for tests on libcurl: sends exactly the headers it is given and reports everything that came back.
///
/// One client keeps one connection; it serves one thread at a time.
package final class HTTPClient {
    package struct Response {
        package var status: Int
        /// In the order they came, names as sent.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The first header of this name, letter case ignored.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        /// The body as JSON; nil when it is none.
        package var json: GoldenValue? { try? GoldenValue(parsing: body) }
    }

    private let handle: UnsafeMutableRawPointer
    private let base: String

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - base: what each path is appended to: `https://localhost:8443`.
    ///   - certificatePath: the certificate that a TLS server must show; nil for plain HTTP.
    ///   - localAddress: the address to call from; nil = the system's choice.
    ///   - seconds: the deadline of each request.
    package init(
        base: String, certificatePath: String? = nil, localAddress: String? = nil, seconds: Int = 30
    ) throws {
        guard let handle = curl_easy_init() else { throw TestSupportError("curl_easy_init failed") }
        self.handle = handle
        self.base = base
        if let certificatePath { _ = hl_curl_set_string(handle, CURLOPT_CAINFO, certificatePath) }
        if let localAddress { _ = hl_curl_set_string(handle, CURLOPT_INTERFACE, localAddress) }
        _ = hl_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        _ = hl_curl_set_long(handle, CURLOPT_TIMEOUT, seconds)
        _ = hl_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = hl_curl_set_string(handle, CURLOPT_PROXY, "")
        _ = hl_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    }

    deinit {
        curl_easy_cleanup(handle)
    }

    /// Sends one request.
    ///
    /// - Parameters:
    ///   - target: path and query, sent as they are.
    ///   - basic: `user:password` for basic authentication.
    ///   - headers: sent in this order; a repeated name is sent repeatedly.
    package func send(
        _ method: String = "GET", _ target: String, basic: String? = nil,
        headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) throws -> Response {
        _ = hl_curl_set_string(handle, CURLOPT_URL, base + target)
        _ = hl_curl_set_long(handle, CURLOPT_NOBODY, method == "HEAD" ? 1 : 0)
        if method != "HEAD" { _ = hl_curl_set_long(handle, CURLOPT_HTTPGET, 1) }

        let payload = body ?? []
        if body != nil {
            _ = hl_curl_set_long(handle, CURLOPT_POST, 1)
            _ = hl_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, payload.count)
        }
        _ = hl_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, method)

        var lines = headers
        if let basic {
            lines.append(("Authorization", "Basic " + Data(basic.utf8).base64EncodedString()))
        }
        // Without a content type of the caller's, none is sent; no "Expect: 100-continue" either.
        if body != nil, !lines.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append(("Content-Type", ""))
        }
        lines.append(("Expect", ""))
        var list: UnsafeMutablePointer<curl_slist>?
        for (name, value) in lines {
            list = curl_slist_append(list, value.isEmpty ? "\(name):" : "\(name): \(value)")
        }
        defer { curl_slist_free_all(list) }
        _ = hl_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)

        let received = Received()
        let context = Unmanaged.passUnretained(received).toOpaque()
        _ = hl_curl_set_write(handle, CURLOPT_WRITEFUNCTION, Received.appendBody)
        _ = hl_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        _ = hl_curl_set_write(handle, CURLOPT_HEADERFUNCTION, Received.appendHeader)
        _ = hl_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)

        let code = payload.withUnsafeBufferPointer { bytes in
            // Sets the method, too; and without a size, the bytes up to the next zero would be sent.
            if body != nil {
                _ = hl_curl_set_pointer(
                    handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: UnsafeRawPointer(bytes.baseAddress)))
            }
            return curl_easy_perform(handle)
        }
        guard code == CURLE_OK else {
            throw TestSupportError("\(method) \(target): \(String(cString: curl_easy_strerror(code)))")
        }
        var status = 0
        _ = hl_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return Response(status: status, headers: received.headers, body: received.body)
    }
}

/// Collects what libcurl hands over.
private final class Received {
    var body: [UInt8] = []
    var headers: [(name: String, value: String)] = []

    static let appendBody: hl_curl_write = { data, size, count, context in
        guard let data, let context else { return 0 }
        let received = Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
        received.body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: size * count))
        return size * count
    }

    static let appendHeader: hl_curl_write = { data, size, count, context in
        guard let data, let context else { return 0 }
        let received = Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
        let line = String(decoding: UnsafeRawBufferPointer(start: data, count: size * count), as: UTF8.self)
        // A status line starts a new response: that of a 100 Continue before it is ignored.
        if line.hasPrefix("HTTP/") { received.headers = [] }
        if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
            received.headers.append((String(line[..<colon]), value))
        }
        return size * count
    }
}
