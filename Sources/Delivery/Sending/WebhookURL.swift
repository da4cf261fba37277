import CCurl

/// A URL as libcurl reads it.
struct WebhookURL {
    /// Without brackets around an IPv6 address; numeric IPv4 forms are in the usual one, and other scripts' letters and
    /// digits in ASCII.
    let host: String
    /// Whether the scheme is https.
    let isSecure: Bool

    /// Why a URL is none that a webhook can be sent to. Holds nothing of the URL, which may carry a password.
    struct Problem: Error {
        let text: String
    }

    /// Reads a URL, which must be http or https and name a host.
    init(parsing text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Problem(text: "the URL holds a space or control character")
        }
        guard let parts = curl_url() else { throw Problem(text: "no memory for the URL") }
        defer { curl_url_cleanup(parts) }
        let code = curl_url_set(parts, CURLUPART_URL, text, 0)
        guard code == CURLUE_OK else {
            throw Problem(text: "the URL cannot be read: \(String(cString: curl_url_strerror(code)))")
        }
        guard let scheme = Self.part(CURLUPART_SCHEME, of: parts), scheme == "http" || scheme == "https" else {
            throw Problem(text: "the URL's scheme is neither http nor https")
        }
        guard let host = Self.part(CURLUPART_HOST, of: parts), !host.isEmpty else {
            throw Problem(text: "the URL's host cannot be read")
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

    /// The address written in the URL; nil for a name, except those of this machine.
    var address: IPAddress? {
        let name = host.lowercased()
        if name == "localhost" || name == "localhost." || name.hasSuffix(".localhost") { return .v4(0x7F00_0001) }
        return IPAddress(host)
    }
}
