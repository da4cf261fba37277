import WireJSON

/// An answer that is not the one the client hoped for: status, body, and what the operator should know.
struct HTTPFailure: Error, Sendable {
    var status: Int
    /// JSON, compact.
    var body: [UInt8]
    /// Beside those that every answer has.
    var headers: [(name: String, value: String)] = []
    /// What went wrong inside, for the error log; nil when it is the client's doing. Holds no secrets.
    var cause: String?

    /// The body `{"detail": …}`.
    init(status: Int, detail: String) {
        self.status = status
        var body = Array(#"{"detail":"#.utf8)
        JSONText.append(detail, escaping: .unicode, to: &body)
        body.append(UInt8(ascii: "}"))
        self.body = body
    }

    init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
