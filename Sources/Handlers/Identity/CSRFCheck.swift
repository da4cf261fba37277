import Directory
import Model
import WireJSON

/// The original's check of unsafe requests with a session: a token that only its own pages know, and where the request
/// comes from (docs/protocol.md 5.4). A proof of the same origin is accepted in its place (docs/compatibility.md D21).
struct CSRFCheck: Sendable {
    static let cookie = "sc"
    private static let field = "csrfmiddlewaretoken"

    /// Whether `Origin` is checked, and the messages are those of 24.1 and later.
    private let checksOrigin: Bool
    /// The origin of the platform's pages, which is trusted like the request's host.
    private let trustedOrigin: String?

    init(_ settings: SessionSettings, rules: ProtocolRules) {
        checksOrigin = rules.includes(.originChecks)
        trustedOrigin = settings.platformOrigin
    }

    /// Fails with 403 and the message of the original's release unless `request` is safe or comes from its pages.
    func verify(_ request: Request) throws(HTTPFailure) {
        if SameOrigin.isProven(by: request, trusting: trustedOrigin, isPortKnown: true) { return }
        do throws(Refusal) {
            if checksOrigin, let origin = request.origin {
                try verify(origin: origin, of: request)
            } else if request.isSecure {
                try Referer(request.referer).verify(host: request.host, trustedOrigin: trustedOrigin)
            }
            try verifyToken(of: request)
        } catch {
            throw HTTPFailure(status: 403, detail: "CSRF Failed: \(error.reason)")
        }
    }

    private func verify(origin: String, of request: Request) throws(Refusal) {
        let own = "\(request.isSecure ? "https" : "http")://\(request.host ?? "")"
        guard origin == own || origin == trustedOrigin else {
            throw Refusal("Origin checking failed - \(origin) does not match any trusted origins.")
        }
    }

    private func verifyToken(of request: Request) throws(Refusal) {
        guard let cookie = request.cookie.flatMap({ CookieHeader.value(named: CSRFCheck.cookie, in: $0.exposed) })
        else { throw Refusal("CSRF cookie not set.") }
        let field = CSRFCheck.formField(of: request)
        guard checksOrigin else {
            guard let secret = try? CSRFToken(cookie),
                let token = try? CSRFToken(field ?? request.csrfToken?.exposed ?? ""), token.isSame(as: secret)
            else { throw Refusal("CSRF token missing or incorrect.") }
            return
        }
        let secret: CSRFToken
        do throws(CSRFToken.Problem) {
            secret = try CSRFToken(cookie)
        } catch {
            throw Refusal("CSRF cookie \(error.description).")
        }
        guard let text = field ?? request.csrfToken?.exposed else { throw Refusal("CSRF token missing.") }
        let source = field == nil ? "the 'X-Csrftoken' HTTP header" : "POST"
        let isSame: Bool
        do throws(CSRFToken.Problem) {
            isSame = try CSRFToken(text).isSame(as: secret)
        } catch {
            throw Refusal("CSRF token from \(source) \(error.description).")
        }
        guard isSame else { throw Refusal("CSRF token from \(source) incorrect.") }
    }

    /// The token in the body of a form, which comes before the one in the header; nil when there is none. A body that
    /// does not parse is the endpoint's matter.
    private static func formField(of request: Request) -> String? {
        guard request.method == "POST", !request.body.isEmpty,
            !MediaType(request.contentType ?? "").covers(type: "application", subtype: "json"),
            case .form(let fields)? = try? RequestBody(request, JSONOutline([]), limit: request.bodyByteCount)
        else { return nil }
        return fields.nonEmpty(field)
    }

    /// Why a request is refused, in the original's words.
    struct Refusal: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }
}

/// The address of the page that sent a request, as Python's `urlparse` takes it apart.
struct Referer {
    private let text: String?

    init(_ text: String?) {
        self.text = text
    }

    /// Fails unless the page is `https` and its authority, byte for byte, `host` or that of the trusted origin.
    func verify(host: String?, trustedOrigin: String?) throws(CSRFCheck.Refusal) {
        guard let text else { throw Self.refusal("no Referer.") }
        guard let (scheme, authority) = Self.parts(of: text) else { throw Self.refusal("Referer is malformed.") }
        guard scheme == "https" else { throw Self.refusal("Referer is insecure while host is secure.") }
        let trusted = [host?.lowercased(), trustedOrigin.flatMap { Self.parts(of: $0)?.authority.lowercased() }]
        guard trusted.contains(authority) else {
            throw Self.refusal("\(text) does not match any trusted origins.")
        }
    }

    private static func refusal(_ reason: String) -> CSRFCheck.Refusal {
        CSRFCheck.Refusal("Referer checking failed - \(reason)")
    }

    /// The scheme in lower case and what stands between `//` and the path; nil where one of them is missing.
    private static func parts(of url: String) -> (scheme: String, authority: String)? {
        let bytes = Array(url.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            bytes[..<colon].allSatisfy(isSchemeByte), bytes[(colon + 1)...].starts(with: "//".utf8)
        else { return nil }
        let authority = bytes[(colon + 3)...].prefix { !"/?#".utf8.contains($0) }
        let brackets = authority.filter { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
        guard !authority.isEmpty, brackets.isEmpty || brackets == Array("[]".utf8) else { return nil }
        return (
            String(decoding: bytes[..<colon], as: UTF8.self).lowercased(), String(decoding: authority, as: UTF8.self)
        )
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
