import CCurl
import Glibc
package import WebhookRules

/// A webhook's URL, parsed by libcurl so that it means the same as in the transfer.
package struct WebhookURL {
    /// Without brackets around an IPv6 address; numeric IPv4 forms are normalized, international names are in Punycode.
    let host: String
    /// Whether the scheme is https.
    let isSecure: Bool

    /// Why no webhook can be sent to the URL; nil when one can. Delivery, the import and the diagnosis of the command
    /// line use this, with the same words.
    package static func problem(of text: String) -> WebhookURLProblem? {
        let locale = UTF8Locale()
        defer { locale.leave() }
        do throws(WebhookURLProblem) {
            _ = try WebhookURL(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    /// Parses a URL, which must be http or https and have a host.
    init(parsing text: String) throws(WebhookURLProblem) {
        if let problem = WebhookURLProblem(of: text) { throw problem }
        guard let parts = curl_url() else { throw .other("out of memory") }
        defer { curl_url_cleanup(parts) }
        let code = curl_url_set(parts, CURLUPART_URL, text, 0)
        guard code == CURLUE_OK else { throw .other("the URL is invalid: \(String(cString: curl_url_strerror(code)))") }
        guard let scheme = Self.part(CURLUPART_SCHEME, of: parts), scheme == "http" || scheme == "https" else {
            throw .scheme
        }
        guard let host = Self.part(CURLUPART_HOST, of: parts), !host.isEmpty else { throw .host }
        isSecure = scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" && $0 != "%" }) : host
    }

    /// A host name in ASCII (IDNA); nil when it cannot be encoded. The thread's locale must be UTF-8 (`UTF8Locale`).
    static func encodedHost(_ name: String) -> String? {
        guard let parts = curl_url() else { return nil }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, "http://\(name)/", 0) == CURLUE_OK else { return nil }
        return Self.part(CURLUPART_HOST, of: parts)
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
