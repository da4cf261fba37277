import CCurl
import Glibc
package import Model
import System

/// The host that a webhook's URL leads to, parsed by libcurl so that it means the same as in the transfer.
struct ConnectionTarget {
    /// The URL that libcurl is given.
    let url: WebhookURL
    /// Without brackets around an IPv6 address; numeric IPv4 forms are normalized, international names are in Punycode.
    let host: String

    /// Parses a URL that a webhook can be sent to.
    init(parsing text: String) throws(WebhookURL.Problem) {
        url = try WebhookURL(parsing: text)
        guard !ConnectionTarget.isTooLong(url.host) else {
            throw WebhookURL.Problem(reason: "the URL's host has a label of more than 63 characters")
        }
        guard let parts = curl_url() else { throw WebhookURL.Problem(reason: "out of memory") }
        defer { curl_url_cleanup(parts) }
        let locale = url.host.utf8.allSatisfy { $0 < 0x80 } ? nil : UTF8Locale()
        defer { locale?.leave() }
        let code = curl_url_set(parts, CURLUPART_URL, url.text, UInt32(CURLU_PATH_AS_IS))
        guard code == CURLUE_OK else {
            throw WebhookURL.Problem(reason: "the URL is invalid: \(String(cString: curl_url_strerror(code)))")
        }
        guard let host = ConnectionTarget.host(of: parts), !host.isEmpty else {
            throw WebhookURL.Problem(reason: "the URL has no valid host")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" && $0 != "%" }) : host
        // Percent sequences and characters outside ASCII may have become digits.
        guard HostNumber(self.host) != .invalid else {
            throw WebhookURL.Problem(reason: "the URL's host ends in a number and is not an IPv4 address")
        }
    }

    /// A host name in ASCII (IDNA); nil when it cannot be encoded.
    static func encodedHost(_ name: String) -> String? {
        guard !isTooLong(name), let parts = curl_url() else { return nil }
        defer { curl_url_cleanup(parts) }
        let locale = UTF8Locale()
        defer { locale.leave() }
        guard curl_url_set(parts, CURLUPART_URL, "http://\(name)/", 0) == CURLUE_OK else { return nil }
        return host(of: parts)
    }

    /// Whether an international name has a label that no encoding makes short enough (RFC 1035, 2.3.4).
    ///
    /// Checked before libcurl does it: `curl_url_get` of 7.88 leaks a name that libidn2 refuses.
    private static func isTooLong(_ name: String) -> Bool {
        guard name.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        return name.split(separator: ".").contains { $0.count > 63 }
    }

    private static func host(of parts: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, CURLUPART_HOST, &text, UInt32(CURLU_PUNYCODE)) == CURLUE_OK, let text else {
            return nil
        }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// The address that the host spells, in any form that a resolver or a proxy understands; nil for a name.
    var address: IPAddress? {
        switch HostNumber(host) {
        case .address(let bits): .v4(bits)
        case .invalid, .name: IPAddress(host)
        }
    }

    /// Whether the host is a name that always means this machine (RFC 6761, 6.3).
    var isLocalhost: Bool {
        host.lowercased().split(separator: ".").last == "localhost"
    }
}

extension WebhookURL {
    /// Why no webhook can be sent to the URL; nil when one can. The import and the sender use the same check, with the
    /// same words.
    package static func problem(of text: String) -> Problem? {
        do throws(Problem) {
            _ = try ConnectionTarget(parsing: text)
            return nil
        } catch {
            return error
        }
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
