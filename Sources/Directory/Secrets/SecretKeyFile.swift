package import Model
import Synchronization
import System

/// The file with the keys that encrypt the secrets of a directory (`HOOKLINE_SECRET_KEY_FILE`), one in a line: the
/// first encrypts, all decrypt. Empty lines and those that begin with `#` are ignored.
///
/// The file is read again at the start of each change of the directory, and when a secret has an unknown key: running
/// programs follow a change of the file without a reload. If it cannot be read any more, the keys that are known still
/// decrypt, and nothing can be stored: neither encrypted with a key that may be an old one, nor unencrypted.
package final class SecretKeyFile: Sendable {
    /// Nil where secrets are stored unencrypted.
    package let path: String?
    private let read: @Sendable (String) throws(FileError) -> String
    private let state = Mutex<State?>(nil)

    /// What the file had when it was last read.
    private struct State {
        /// Those of the last time that it could be read; empty where there is no file.
        var keys: [SecretKey] = []
        /// Why it could not be used the last time.
        var problem: SecretKeyProblem?
    }

    /// Secrets are stored unencrypted.
    package static let none = SecretKeyFile(path: nil)

    /// - Parameter path: nothing is read yet; nil = secrets are stored unencrypted.
    package convenience init(path: String?) {
        self.init(path: path) { (path) throws(FileError) in try TextFile(path: path).read(mustBeRegular: true) }
    }

    /// - Parameter read: reads the file at a path.
    init(path: String?, read: @escaping @Sendable (String) throws(FileError) -> String) {
        self.path = path
        self.read = read
    }

    /// What is stored for a secret: its encrypted form where there is a key, and an empty one as it is.
    func stored(_ secret: Secret) throws(SecretKeyProblem) -> String {
        guard path != nil, !secret.exposed.isEmpty else { return secret.exposed }
        let state = known()
        if let problem = state.problem { throw problem }
        guard let key = state.keys.first else { throw .noKey(path: path ?? "") }
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
        if let key = known().keys.first(where: { $0.id == encrypted.keyID }) {
            return try Self.decrypted(encrypted, key)
        }
        let state = readAgain()
        if let key = state.keys.first(where: { $0.id == encrypted.keyID }) {
            return try Self.decrypted(encrypted, key)
        }
        // Only the id may be damaged.
        for key in state.keys {
            if let text = key.decrypt(encrypted) { return Secret(text) }
        }
        throw state.problem ?? .unknownKey(id: encrypted.keyID, path: path)
    }

    /// How a secret is stored; throws when it cannot be read.
    package func form(of text: String) throws(SecretKeyProblem) -> StoredSecretForm {
        _ = try secret(text)
        guard let encrypted = EncryptedSecret(parsing: text) else { return text.isEmpty ? .current : .clear }
        return known().keys.first?.id == encrypted.keyID ? .current : .formerKey
    }

    /// Why the file, which is read again, cannot be used; nil when it can, or when there is none.
    package func problem() -> SecretKeyProblem? { readAgain().problem }

    /// Reads the file at the start of a change of the directory, so that what the change stores is encrypted with the
    /// file's first key of that time. A problem shows when something is to be stored.
    package func beginChange() { _ = readAgain() }

    /// Throws when the file could not be used when it was last read.
    ///
    /// - Parameter location: of the directory, for messages.
    package func requireReadable(for location: String) throws(DirectoryError) {
        if let problem = known().problem { throw .unavailable(location: location, reason: problem.description) }
    }

    private static func decrypted(
        _ encrypted: EncryptedSecret, _ key: SecretKey
    ) throws(SecretKeyProblem) -> Secret {
        guard let text = key.decrypt(encrypted) else { throw .damaged(keyID: key.id) }
        return Secret(text)
    }

    private func known() -> State { state.withLock { $0 } ?? readAgain() }

    private func readAgain() -> State {
        guard let path else { return State() }
        let found: Result<[SecretKey], SecretKeyProblem>
        do throws(SecretKeyProblem) {
            found = .success(try keys(in: path))
        } catch {
            found = .failure(error)
        }
        return state.withLock { state in
            var new = state ?? State()
            switch found {
            case .success(let keys): new = State(keys: keys)
            case .failure(let problem): new.problem = problem
            }
            state = new
            return new
        }
    }

    private func keys(in path: String) throws(SecretKeyProblem) -> [SecretKey] {
        let text: String
        do throws(FileError) {
            text = try read(path)
        } catch {
            throw .unreadable(reason: "\(error)")
        }
        guard text.unicodeScalars.first != "\u{FEFF}" else { throw .byteOrderMark(path: path) }
        var keys: [SecretKey] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.filter { !$0.isWhitespace }
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let key = SecretKey(parsing: line) else { throw .invalidLine(number: index + 1, path: path) }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw .noKey(path: path) }
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
