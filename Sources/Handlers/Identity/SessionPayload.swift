import CZlib
import WireJSON

/// The content of a session of the original (docs/protocol.md 5.3 and 5.6), as far as it identifies somebody.
struct SessionPayload: Hashable {
    /// Nil while nobody has signed in completely: with a second factor pending there is another member.
    var userID: String?
    var backend: String?
    /// The code of the password's hash at the time of signing in.
    var passwordCode: String?
    var nonce: String?
    var superuser: SuperuserEntry?

    /// What makes a session one with superuser rights.
    struct SuperuserEntry: Hashable {
        /// Equals the token in the cookie `su`.
        var token: String?
        /// A string in every session that the original has made.
        var userID: String?
        /// Seconds since the epoch.
        var expiry: Double?
        /// Seconds since the epoch; the original moves it with every response.
        var idleExpiry: Double?
    }

    /// The bytes of all text in it.
    var byteCount: Int {
        [userID, backend, passwordCode, nonce, superuser?.token, superuser?.userID].reduce(0) {
            $0 + ($1?.utf8.count ?? 0)
        }
    }

    /// The most that a compressed session may have, in bytes. A cookie has at most 4 KiB.
    static let maximumBytes = 64 << 10

    private static let outline = JSONOutline(
        ["_auth_user_id", "_auth_user_backend", "_auth_user_hash", "_nonce"],
        objects: ["_su": JSONOutline(["tok", "exp", "idl", "uid"])])

    /// Decodes what was signed: Base64 of a JSON object, behind a point compressed; nil for anything else.
    init?(decoding text: String) {
        let isCompressed = text.utf8.first == UInt8(ascii: ".")
        guard let bytes = Base64URL.decoded(isCompressed ? text.utf8.dropFirst() : text.utf8[...]),
            let json = isCompressed ? SessionPayload.inflated(bytes) : bytes,
            let value = try? JSONValue(
                parsing: json, limits: JSONValue.Limits(maximumByteCount: SessionPayload.maximumBytes),
                outline: SessionPayload.outline),
            case .object = value
        else { return nil }
        userID = SessionPayload.identifier(value["_auth_user_id"])
        backend = value["_auth_user_backend"]?.string
        passwordCode = value["_auth_user_hash"]?.string
        nonce = value["_nonce"]?.string
        if let entry = value["_su"], case .object = entry {
            superuser = SuperuserEntry(
                token: entry["tok"]?.string, userID: entry["uid"]?.string,
                expiry: SessionPayload.seconds(entry["exp"]), idleExpiry: SessionPayload.seconds(entry["idl"]))
        }
    }

    /// The original makes a number of it: a string or an integer.
    private static func identifier(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        case nil, .null, .bool, .array, .object: nil
        }
    }

    /// A number, or a string with one.
    private static func seconds(_ value: JSONValue?) -> Double? {
        guard let text = identifier(value), let seconds = PythonNumber.float(text), seconds.isFinite else { return nil }
        return seconds
    }

    /// Nil for what is not compressed, incomplete, or longer than `maximumBytes`.
    private static func inflated(_ compressed: [UInt8]) -> [UInt8]? {
        var status = Z_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: maximumBytes) { buffer, count in
            var length = uLongf(maximumBytes)
            status = uncompress(buffer.baseAddress, &length, compressed, uLong(compressed.count))
            count = status == Z_OK ? Int(length) : 0
        }
        return status == Z_OK ? bytes : nil
    }
}
