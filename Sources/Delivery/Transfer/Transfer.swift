import CCurl
import Glibc
import Model
import System
import WebhookRules

/// One libcurl handle and its current request; reused for one request after the other.
///
/// Belongs to one thread. It must stay alive while its request runs: libcurl calls back with its address.
final class Transfer {
    let handle: UnsafeMutableRawPointer
    let settings: SenderSettings
    private(set) var job: SendJob?
    private(set) var started = MonotonicTime.now()
    /// When a part of the response was received last.
    fileprivate(set) var lastReceived: MonotonicTime?
    fileprivate(set) var collector: ResponseCollector
    /// The first address that was refused, and the first `errno` of a failed call of `socket`.
    fileprivate(set) var refusal: AddressRefusal?
    fileprivate(set) var socketError: Int32 = 0
    /// Whether the request's URL is https.
    private(set) var isSecure = false
    private let messageBuffer: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?

    init(settings: SenderSettings) throws(SenderError) {
        guard let handle = curl_easy_init() else {
            throw .system(call: "curl_easy_init", code: 0, reason: "out of memory")
        }
        self.handle = handle
        self.settings = settings
        messageBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        messageBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        collector = ResponseCollector(
            bodyLimit: settings.responseLimit, headerLimit: settings.responseHeaderLimit,
            keptHeaderLimit: settings.keptHeaderLimit)
        setConstantOptions()
        setCallbacks()
    }

    deinit {
        curl_easy_cleanup(handle)
        messageBuffer.deallocate()
        curl_slist_free_all(headers)
    }

    /// What libcurl says about the failure of the current request beside its code, in one printable line; it contains
    /// neither headers nor passwords. Empty when it says nothing.
    var message: String {
        let bytes = UnsafeBufferPointer(start: messageBuffer, count: Int(CURL_ERROR_SIZE)).prefix { $0 != 0 }
        return String(decoding: bytes.map { $0 >= 0x20 && $0 < 0x7F ? UInt8($0) : UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// Prepares a job's request, to be added to a multi handle.
    ///
    /// - Throws: why it cannot be sent; the transfer then stays free.
    func begin(_ job: SendJob) throws(RequestProblem) {
        let webhook = job.webhook
        try begin(url: webhook.url, headers: webhook.headers, body: webhook.body, timeout: webhook.timeout)
        self.job = job
    }

    /// Prepares a POST request.
    func begin(
        url text: String, headers list: [(name: String, value: String)], body: [UInt8], timeout: Duration
    ) throws(RequestProblem) {
        let target = try check(text, body)
        if let refusal = refusal(of: target) {
            throw RequestProblem(failure: .blockedAddress, detail: refusal.description)
        }
        headers = try Self.list(list)
        isSecure = target.url.isSecure
        messageBuffer[0] = 0
        _ = hl_curl_set_string(handle, CURLOPT_URL, target.url.text)
        _ = hl_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        _ = hl_curl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, timeout.milliseconds))
        _ = hl_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
        body.withUnsafeBytes { bytes in
            _ = hl_curl_set_pointer(
                handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        started = .now()
    }

    /// Frees the resources of the request; reports nothing.
    func end() {
        job = nil
        refusal = nil
        socketError = 0
        lastReceived = nil
        collector.reset()
        _ = hl_curl_set_pointer(handle, CURLOPT_HTTPHEADER, nil)
        _ = hl_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, nil)
        curl_slist_free_all(headers)
        headers = nil
    }

    /// Why the address that the URL spells must not be connected to. A name is checked when it is connected to, unless
    /// the proxy does that: then only those names can be refused that always mean this machine.
    private func refusal(of target: ConnectionTarget) -> AddressRefusal? {
        if let address = target.address { return settings.addresses.refusal(of: address) }
        guard settings.proxy != nil, target.isLocalhost else { return nil }
        return settings.addresses.refusal(of: .v4(0x7F00_0001))
    }

    private func check(_ url: String, _ body: [UInt8]) throws(RequestProblem) -> ConnectionTarget {
        guard body.count <= settings.requestLimit else {
            let limit = settings.requestLimit
            throw RequestProblem(
                failure: .bodyTooLarge, detail: "the body has \(body.count) bytes, the limit is \(limit)")
        }
        do {
            return try ConnectionTarget(parsing: url)
        } catch {
            throw RequestProblem(failure: .invalidURL, detail: error.reason)
        }
    }

    private static func list(
        _ headers: [(name: String, value: String)]
    ) throws(RequestProblem) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        var line: [UInt8] = []
        for (name, value) in headers {
            guard HeaderRule.isSendable(name: name, value: value) else {
                curl_slist_free_all(list)
                let shown = name.prefix(64).filter { $0.isASCII && !$0.isNewline }
                throw RequestProblem(failure: .invalidHeader, detail: "header \(shown) is invalid or reserved")
            }
            // To libcurl "Name:" means not to send the header, "Name;" to send it without a value.
            line.removeAll(keepingCapacity: true)
            line.append(contentsOf: name.utf8)
            line.append(contentsOf: (value.isEmpty ? ";" : ": ").utf8)
            line.append(contentsOf: value.utf8)
            line.append(0)
            list = line.withUnsafeBytes { curl_slist_append(list, $0.assumingMemoryBound(to: CChar.self).baseAddress) }
        }
        return curl_slist_append(list, "Expect:")
    }
}

/// Why a request cannot be sent.
struct RequestProblem: Error {
    let failure: SendFailure
    let detail: String
}

extension Transfer {
    /// The transfer whose address libcurl was given as a context.
    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = hl_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data, let transfer = Transfer.of(context) else { return 0 }
            let part = UnsafeRawBufferPointer(start: data, count: size * count)
            transfer.lastReceived = .now()
            return transfer.collector.receive(body: part) ? part.count : 0
        }
        _ = hl_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            guard let data, let transfer = Transfer.of(context) else { return 0 }
            let line = UnsafeRawBufferPointer(start: data, count: size * count)
            transfer.lastReceived = .now()
            return transfer.collector.receive(header: line) ? line.count : 0
        }
        _ = hl_curl_set_open_socket(handle) { context, _, address in
            guard let address, let transfer = Transfer.of(context) else { return CURL_SOCKET_BAD }
            return transfer.openSocket(address.pointee, hl_curl_address(address))
        }
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA] {
            _ = hl_curl_set_pointer(handle, option, context)
        }
    }

    /// Opens the socket for an address that is about to be connected to, unless the policy refuses the address. The
    /// proxy's address is the operator's choice and not checked.
    private func openSocket(_ wanted: curl_sockaddr, _ address: UnsafePointer<sockaddr>) -> curl_socket_t {
        if settings.proxy == nil {
            guard let ip = IPAddress(address) else { return CURL_SOCKET_BAD }
            if let refusal = settings.addresses.refusal(of: ip) {
                self.refusal = self.refusal ?? refusal
                return CURL_SOCKET_BAD
            }
        }
        let descriptor = socket(wanted.family, wanted.socktype | Int32(SOCK_CLOEXEC.rawValue), wanted.protocol)
        if descriptor < 0, errno != EAFNOSUPPORT, socketError == 0 { socketError = errno }
        return descriptor < 0 ? CURL_SOCKET_BAD : descriptor
    }
}

extension Transfer {
    /// Sets the options that are the same for every request.
    func setConstantOptions() {
        _ = hl_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, messageBuffer)
        _ = hl_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        // The target is complete, as the original sends it.
        _ = hl_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        _ = hl_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        _ = hl_curl_set_long(handle, CURLOPT_POST, 1)
        _ = hl_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        _ = hl_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        // A transfer whose lookup timed out must not wait for the resolver's thread: all other transfers would wait,
        // too.
        _ = hl_curl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        _ = hl_curl_set_long(handle, CURLOPT_DNS_CACHE_TIMEOUT, settings.nameCacheSeconds)
        _ = hl_curl_set_string(handle, CURLOPT_USERAGENT, settings.userAgent)
        if let limit = settings.softTimeout {
            _ = hl_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, limit.milliseconds))
        }
        setTLSOptions()
        setProxyOptions()
    }

    private func setTLSOptions() {
        _ = hl_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
        _ = hl_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
        _ = hl_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // Replaces the system's file of certificates; its folder of the same certificates (CURLOPT_CAPATH) stays in
        // use.
        if let file = settings.extraAuthorities {
            _ = hl_curl_set_string(handle, CURLOPT_CAINFO, file)
            _ = hl_curl_set_string(handle, CURLOPT_PROXY_CAINFO, file)
        }
    }

    /// Empty strings, unlike nil, keep libcurl from reading environment variables.
    private func setProxyOptions() {
        _ = hl_curl_set_string(handle, CURLOPT_PROXY, settings.proxy?.exposed ?? "")
        _ = hl_curl_set_string(handle, CURLOPT_NOPROXY, "")
        _ = hl_curl_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        _ = hl_curl_set_long(handle, CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    }
}
