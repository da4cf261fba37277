/// What an `Authorization` header says, as far as it concerns us.
enum AuthorizationHeader: Equatable {
    /// Absent, empty, or of a scheme that is not ours.
    case none
    case bearer(String)
    /// The credentials still in Base64.
    case basic(String)

    /// Reads the header; the scheme's case does not matter.
    ///
    /// Fails with 401 and the original's texts when a scheme of ours comes with no credentials or several.
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

    /// What stands between white space. Bytes, not characters: to find those costs a request more than all else.
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
