import CCurl
import Glibc
import System
import WebhookRules

/// One libcurl handle and what it is doing at the moment; used again for one request after the other.
///
/// Belongs to one thread. While it is under way it must neither move nor go away: libcurl calls back with its address.
final class Transfer {
    let handle: UnsafeMutableRawPointer
    let settings: SenderSettings
    private(set) var job: SendJob?
    private(set) var started = MonotonicTime.now()
    fileprivate(set) var collector: ResponseCollector
    /// The first address that was refused, and the first `errno` of a socket that could not be made.
    fileprivate(set) var refusal: AddressRefusal?
    fileprivate(set) var socketError: Int32 = 0
    private var headers: UnsafeMutablePointer<curl_slist>?

    init(settings: SenderSettings) throws(SenderError) {
        guard let handle = curl_easy_init() else {
            throw .system(call: "curl_easy_init", code: 0, reason: "no memory")
        }
        self.handle = handle
        self.settings = settings
        collector = ResponseCollector(bodyLimit: settings.responseLimit, headerLimit: settings.responseHeaderLimit)
        setConstantOptions()
        setCallbacks()
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
    }

    /// Prepares a request, to be added to a multi handle.
    ///
    /// - Throws: why it cannot be sent; the transfer then stays free.
    func begin(_ job: SendJob) throws(RequestProblem) {
        let request = job.request
        let url = try check(request)
        if settings.proxy != nil, let address = url.address, let refusal = settings.addresses.refusal(of: address) {
            throw RequestProblem(failure: .blockedAddress, detail: refusal.description)
        }
        headers = try Self.list(request.headers)
        let timeout = max(1, (request.timeout ?? settings.timeout).milliseconds)
        _ = hl_curl_set_string(handle, CURLOPT_URL, request.url)
        _ = hl_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        _ = hl_curl_set_long(handle, CURLOPT_TIMEOUT_MS, timeout)
        _ = hl_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, request.body.count)
        request.body.withUnsafeBytes { bytes in
            _ = hl_curl_set_pointer(
                handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
        self.job = job
        started = .now()
    }

    /// Ends the request: reports nothing, frees what it held.
    func end() {
        job = nil
        refusal = nil
        socketError = 0
        collector.reset()
        _ = hl_curl_set_pointer(handle, CURLOPT_HTTPHEADER, nil)
        _ = hl_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, nil)
        curl_slist_free_all(headers)
        headers = nil
    }

    private func check(_ request: OutgoingRequest) throws(RequestProblem) -> WebhookURL {
        guard request.body.count <= settings.requestLimit else {
            let limit = settings.requestLimit
            throw RequestProblem(
                failure: .bodyTooLarge, detail: "the body has \(request.body.count) bytes, the limit is \(limit)")
        }
        do {
            return try WebhookURL(parsing: request.url)
        } catch {
            throw RequestProblem(failure: .invalidURL, detail: error.text)
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
                throw RequestProblem(failure: .invalidHeader, detail: "header \(shown) cannot be sent as it is")
            }
            // libcurl takes "Name:" as a wish to send no such header, "Name;" as one without a value.
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

/// Why a request is not even tried.
struct RequestProblem: Error {
    let failure: SendFailure
    let detail: String
}

extension Transfer {
    /// libcurl calls back with the address given as a context.
    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = hl_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data, let transfer = Transfer.of(context) else { return 0 }
            let part = UnsafeRawBufferPointer(start: data, count: size * count)
            return transfer.collector.receive(body: part) ? part.count : 0
        }
        _ = hl_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            guard let data, let transfer = Transfer.of(context) else { return 0 }
            let line = UnsafeRawBufferPointer(start: data, count: size * count)
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

    /// Makes the socket for an address about to be connected to, unless the policy refuses it. The proxy's own address
    /// is the operator's choice.
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
