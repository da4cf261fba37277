import CCurl
import Glibc

/// A webhook's URL, parsed by libcurl so that it means the same as in the transfer.
struct WebhookURL {
    /// Without brackets around an IPv6 address; numeric IPv4 forms are normalized, international names are in Punycode.
    let host: String
    /// Whether the scheme is https.
    let isSecure: Bool

    /// Why a webhook cannot be sent to a URL. Quotes nothing of the URL, which may contain a password.
    struct Problem: Error {
        let reason: String
    }

    /// Parses a URL, which must be http or https and have a host.
    init(parsing text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Problem(reason: "the URL contains a space or control character")
        }
        guard let parts = curl_url() else { throw Problem(reason: "out of memory") }
        defer { curl_url_cleanup(parts) }
        let code = curl_url_set(parts, CURLUPART_URL, text, 0)
        guard code == CURLUE_OK else {
            throw Problem(reason: "the URL is invalid: \(String(cString: curl_url_strerror(code)))")
        }
        guard let scheme = Self.part(CURLUPART_SCHEME, of: parts), scheme == "http" || scheme == "https" else {
            throw Problem(reason: "the URL's scheme is neither http nor https")
        }
        guard let host = Self.part(CURLUPART_HOST, of: parts), !host.isEmpty else {
            throw Problem(reason: "the URL has no valid host")
        }
        isSecure = scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" && $0 != "%" }) : host
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, UInt32(CURLU_PUNYCODE)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// The address written in the URL, or loopback for `localhost`; nil for any other name.
    var address: IPAddress? {
        let name = host.lowercased()
        if name == "localhost" || name == "localhost." || name.hasSuffix(".localhost") { return .v4(0x7F00_0001) }
        return IPAddress(host)
    }
}

/// The UTF-8 locale for one thread: libcurl converts international host names from the locale's encoding, and refuses
/// them all in the "C" locale that programs start with.
struct UTF8Locale {
    private let locale: locale_t?
    private let previous: locale_t?

    /// Sets it for this thread; without effect on a system that does not have it.
    init() {
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
        previous = locale.flatMap { uselocale($0) }
    }

    /// Restores the thread's previous locale.
    func leave() {
        guard let locale else { return }
        uselocale(previous)
        freelocale(locale)
    }
}
