package import Model
import Synchronization
import System

/// The file with the keys that encrypt the secrets of a directory (`HOOKLINE_SECRET_KEY_FILE`), one in a line: the
/// first encrypts, all decrypt. Empty lines and those that begin with `#` are ignored.
///
/// The file is read again before anything is encrypted, and when a secret has an unknown key: running programs follow
/// a change of the key without a reload.
package final class SecretKeyFile: Sendable {
    /// Nil where secrets are stored unencrypted.
    package let path: String?
    /// The keys as they were last read; nil before that.
    private let known = Mutex<[SecretKey]?>(nil)

    /// Secrets are stored unencrypted.
    package static let none = SecretKeyFile(path: nil)

    /// - Parameter path: nothing is read yet; nil = secrets are stored unencrypted.
    package init(path: String?) {
        self.path = path
    }

    /// What is stored for a secret: its encrypted form where there is a key, and an empty one as it is.
    func stored(_ secret: Secret) throws(SecretKeyProblem) -> String {
        guard path != nil, !secret.exposed.isEmpty else { return secret.exposed }
        guard let key = try readKeys().first else { return secret.exposed }
        return key.encrypt(secret.exposed).text
    }

    /// The same, with an error for the caller.
    ///
    /// - Parameter location: of the directory, for messages.
    package func stored(_ secret: Secret, in location: String) throws(DirectoryError) -> String {
        do throws(SecretKeyProblem) {
            return try stored(secret)
        } catch {
            throw .unavailable(location: location, reason: error.description)
        }
    }

    /// The secret that is stored as `text`, encrypted or not.
    package func secret(_ text: String) throws(SecretKeyProblem) -> Secret {
        guard text.hasPrefix(EncryptedSecret.prefix) else { return Secret(text) }
        guard let encrypted = EncryptedSecret(parsing: text) else { throw .damaged(keyID: nil) }
        guard let key = try key(id: encrypted.keyID) else { throw .unknownKey(id: encrypted.keyID, path: path) }
        guard let decrypted = key.decrypt(encrypted) else { throw .damaged(keyID: key.id) }
        return Secret(decrypted)
    }

    /// How a secret is stored; throws when it cannot be read.
    package func form(of text: String) throws(SecretKeyProblem) -> StoredSecretForm {
        _ = try secret(text)
        guard let encrypted = EncryptedSecret(parsing: text) else { return text.isEmpty ? .current : .clear }
        return try keys().first?.id == encrypted.keyID ? .current : .formerKey
    }

    /// Why the file, which is read again, cannot be used; nil when it can, or when there is none.
    package func problem() -> SecretKeyProblem? {
        do throws(SecretKeyProblem) {
            _ = try readKeys()
            return nil
        } catch {
            return error
        }
    }

    /// Reads the file again, before all secrets are rewritten.
    ///
    /// - Parameter location: of the directory, for messages.
    package func readAgain(for location: String) throws(DirectoryError) {
        if let problem = problem() { throw .unavailable(location: location, reason: problem.description) }
    }

    private func keys() throws(SecretKeyProblem) -> [SecretKey] {
        if let known = known.withLock({ $0 }) { return known }
        return try readKeys()
    }

    private func key(id: String) throws(SecretKeyProblem) -> SecretKey? {
        if let key = known.withLock({ $0 })?.first(where: { $0.id == id }) { return key }
        return try readKeys().first { $0.id == id }
    }

    private func readKeys() throws(SecretKeyProblem) -> [SecretKey] {
        guard let path else { return [] }
        let text: String
        do throws(FileError) {
            text = try TextFile(path: path).read(mustBeRegular: true)
        } catch {
            throw .unreadable(reason: "\(error)")
        }
        var keys: [SecretKey] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.filter { !$0.isWhitespace }
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let key = SecretKey(parsing: line) else { throw .invalidLine(number: index + 1, path: path) }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw .noKey(path: path) }
        known.withLock { $0 = keys }
        return keys
    }
}

/// How a secret is stored.
package enum StoredSecretForm: Hashable, Sendable {
    /// Unencrypted.
    case clear
    /// Encrypted with the first key of the file.
    case current
    /// Encrypted with another key of the file.
    case formerKey
}

/// Why a secret cannot be stored or read. No description contains a key or a secret.
package enum SecretKeyProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(reason: String)
    case noKey(path: String)
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
        case .unreadable, .noKey, .invalidLine, .keyNeeded: false
        case .unknownKey, .damaged: true
        case .of(_, let problem): problem.isAboutSecret
        }
    }

    /// The same with the name of the secret that cannot be read.
    package func of(_ column: SecretColumn, appID: Int64) -> SecretKeyProblem {
        isAboutSecret ? .of(name: "\(column.table).\(column.name) of app \(appID)", self) : self
    }
}
