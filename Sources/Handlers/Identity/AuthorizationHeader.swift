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
        let words = (header ?? "").split { $0.isASCII && PythonText.isSpace($0.unicodeScalars.first ?? "x") }
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
        self = isBearer ? .bearer(String(words[1])) : .basic(String(words[1]))
    }
}
