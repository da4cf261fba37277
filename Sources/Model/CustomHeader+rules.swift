/// Validation of custom headers.
extension SentryApp.CustomHeader {
    /// The maximum count per app.
    package static let maximumCount = 20
    /// The longest name, in bytes.
    package static let maximumNameByteCount = 128
    /// The longest value, in bytes.
    package static let maximumValueByteCount = 4096
    /// The names and values of all headers of an app together, in bytes.
    package static let maximumTotalByteCount = 8192

    /// Why a custom header is invalid. No description contains the value, which may be a credential.
    package enum Problem: Hashable, Sendable, CustomStringConvertible {
        case invalidName
        case nameTooLong
        case reserved(name: String)
        case noValue(name: String)
        case controlCharacter(name: String)
        /// U+FFFD in place of what was no text: the value would be sent altered.
        case notText(name: String)
        case valueTooLong(name: String)
        /// It would be read as an encrypted value.
        case encrypted(name: String)

        package var description: String {
            switch self {
            case .invalidName: "must have a name of letters, digits and !#$%&'*+-.^_`|~ before its colon"
            case .nameTooLong: "has a name longer than \(maximumNameByteCount) bytes"
            case .reserved(let name): "\(name) is reserved: Hookline sets it"
            case .noValue(let name): "\(name) has no value"
            case .controlCharacter(let name): "the value of \(name) has a control character"
            case .notText(let name): "the value of \(name) is not UTF-8, or has U+FFFD, which stands for what is not"
            case .valueTooLong(let name): "the value of \(name) is longer than \(maximumValueByteCount) bytes"
            case .encrypted(let name): "the value of \(name) begins with \(Secret.encryptedPrefix)"
            }
        }
    }

    /// Splits `Name: value`, the original's format, without validation; white space around the value is ignored. Nil
    /// without a colon.
    package init?(splitting text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        self.init(
            name: String(text[..<colon]), value: Secret(Self.trimmed(text[text.utf8.index(after: colon)...])))
    }

    /// Why the header is invalid; nil when it is valid.
    package var problem: Problem? {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else { return .invalidName }
        guard name.utf8.count <= Self.maximumNameByteCount else { return .nameTooLong }
        guard !Self.isReserved(name) else { return .reserved(name: name) }
        guard !value.exposed.isEmpty else { return .noValue(name: name) }
        guard value.exposed.utf8.count <= Self.maximumValueByteCount else { return .valueTooLong(name: name) }
        guard value.exposed.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            return .controlCharacter(name: name)
        }
        guard !value.exposed.unicodeScalars.contains("\u{FFFD}") else { return .notText(name: name) }
        guard !value.isEncrypted else { return .encrypted(name: name) }
        return nil
    }

    /// Why the headers of an app are too many, or too large together; nil when they are not.
    package static func problem(ofAll headers: [SentryApp.CustomHeader]) -> String? {
        if headers.count > maximumCount { return "has \(headers.count) headers, the maximum is \(maximumCount)" }
        let byteCount = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.exposed.utf8.count }
        return byteCount > maximumTotalByteCount
            ? "has \(byteCount) bytes, the maximum is \(maximumTotalByteCount)" : nil
    }

    /// `Name: value`, with the value in clear.
    package var exposedText: String { "\(name): \(value.exposed)" }

    /// Whether the HTTP client, the protocol (docs/protocol.md 7.3) or Hookline sets the header. Case is ignored.
    package static func isReserved(_ name: String) -> Bool {
        let name = name.lowercased()
        return reservedNames.contains(name) || reservedPrefixes.contains { name.hasPrefix($0) }
    }

    private static let reservedPrefixes = ["sentry-hook-", "webhook-", "hookline-", "proxy-"]

    private static let reservedNames: Set<String> = [
        "connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive",
        "request-id", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }

    /// Whether the byte is allowed in a header's name (RFC 9110, 5.6.2).
    package static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
