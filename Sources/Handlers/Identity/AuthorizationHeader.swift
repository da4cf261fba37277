import Model

/// The credentials in an `Authorization` header.
enum AuthorizationHeader: Equatable {
    /// Absent, empty, or of an unsupported scheme.
    case none
    case bearer(String)
    /// The credentials still in Base64.
    case basic(String)

    /// Reads the header; the scheme's case does not matter.
    ///
    /// Fails with 401 and the original's messages when a supported scheme has no credentials or several.
    init(_ header: String?) throws(HTTPFailure) {
        let words = AuthorizationHeader.words(of: header ?? "")
        guard let scheme = words.first?.lowercased(), scheme == "bearer" || scheme == "basic" else {
            self = .none
            return
        }
        let isBearer = scheme == "bearer"
        guard words.count > 1 else {
            throw .unauthorized("Invalid \(isBearer ? "token" : "basic") header. No credentials provided.")
        }
        guard words.count == 2 else {
            let noun = isBearer ? "token header. Token" : "basic header. Credentials"
            throw .unauthorized("Invalid \(noun) string should not contain spaces.")
        }
        self = isBearer ? .bearer(words[1]) : .basic(words[1])
    }

    /// The parts between white space. Bytes, not characters: segmenting characters takes longer than the rest of a
    /// request.
    private static func words(of header: String) -> [String] {
        header.withBytes { bytes in
            bytes.split(whereSeparator: isSpace).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// White space as Python's `bytes` see it, which is what the original splits.
    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09...0x0D, 0x20: true
        default: false
        }
    }
}

/// The user name and password of `Authorization: Basic`.
struct BasicCredentials: Undisclosed {
    let user: String
    /// Empty also where there is no colon, which is how the original's API keys are sent.
    let password: String

    /// Nil when `base64` is not Base64.
    init?(base64: String) {
        guard let bytes = BasicCredentials.decoded(Array(base64.utf8)) else { return nil }
        let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        user = String(decoding: bytes[..<colon], as: UTF8.self)
        password = String(decoding: bytes[colon...].dropFirst(), as: UTF8.self)
    }

    /// As Python's decoder, which ignores characters outside of the alphabet and unused bits; libsodium's refuses both.
    private static func decoded(_ text: [UInt8]) -> [UInt8]? {
        let digits = text.compactMap(digit)
        let paddingCount = text.count { $0 == UInt8(ascii: "=") }
        guard digits.count % 4 != 1, (digits.count + paddingCount) % 4 == 0 || digits.count % 4 == 0 else { return nil }

        var output: [UInt8] = []
        var pending: UInt32 = 0
        var bitCount = 0
        for value in digits {
            pending = (pending << 6 | UInt32(value)) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: pending >> UInt32(bitCount)))
            }
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 65...90: byte - 65
        case 97...122: byte - 71
        case 48...57: byte + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
