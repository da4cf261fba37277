/// Why a secret cannot be stored or read. No description contains a key or a secret.
package enum SecretKeyProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(reason: String)
    case noKey(path: String)
    case byteOrderMark(path: String)
    case invalidLine(number: Int, path: String)
    case unknownKey(id: String, path: String?)
    case damaged(keyID: String?)
    /// There is no key file, but the directory has encrypted secrets.
    case keyNeeded
    /// The same of one secret: `the client_secret of app 7`.
    indirect case of(name: String, SecretKeyProblem)

    package var description: String {
        switch self {
        case .unreadable(let reason): "HOOKLINE_SECRET_KEY_FILE: \(reason)"
        case .noKey(let path): "HOOKLINE_SECRET_KEY_FILE: \(path) has no key; 'openssl rand -base64 32' makes one"
        case .byteOrderMark(let path):
            "HOOKLINE_SECRET_KEY_FILE: \(path) begins with a byte order mark: save it as plain ASCII"
        case .invalidLine(let number, let path):
            "HOOKLINE_SECRET_KEY_FILE: line \(number) of \(path) is no key: it must be the Base64 of 32 bytes, as "
                + "'openssl rand -base64 32' writes it"
        case .unknownKey(let id, let path?):
            "a secret is encrypted with the key \(id), which \(path) does not have: add that key in a line of its own"
        case .unknownKey(let id, nil):
            "a secret is encrypted with the key \(id): set HOOKLINE_SECRET_KEY_FILE to the file with that key"
        case .damaged(let id?): "a secret cannot be decrypted with its key \(id): it is damaged"
        case .damaged(nil): "a secret is encrypted, but damaged"
        case .keyNeeded:
            "the directory has encrypted secrets: set HOOKLINE_SECRET_KEY_FILE to the file with their key"
        case .of(let name, let problem): "\(name): \(problem)"
        }
    }

    /// Whether another secret may be readable: the key file can be used.
    var isAboutSecret: Bool {
        switch self {
        case .unreadable, .noKey, .byteOrderMark, .invalidLine, .keyNeeded: false
        case .unknownKey, .damaged: true
        case .of(_, let problem): problem.isAboutSecret
        }
    }

    /// Whether the secret itself is damaged, which concerns nothing else. Any other problem is one of the keys: with
    /// the right ones everything could be read.
    package var isDamage: Bool {
        switch self {
        case .damaged: true
        case .of(_, let problem): problem.isDamage
        case .unreadable, .noKey, .byteOrderMark, .invalidLine, .keyNeeded, .unknownKey: false
        }
    }

    /// The same with the name of the secret that cannot be read.
    package func of(_ column: SecretColumn, appID: Int64) -> SecretKeyProblem {
        isAboutSecret ? .of(name: "\(column.table).\(column.name) of app \(appID)", self) : self
    }
}
