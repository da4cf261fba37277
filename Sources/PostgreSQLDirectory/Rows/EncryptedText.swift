package import Directory
import Model
import System

/// Texts of the original's encrypted columns (docs/protocol.md 6.5).
enum EncryptedText {
    private static let plain = "enc:plaintext:"
    private static let fernet = "enc:fernet:"
    private static let tink = "enc:tink:"

    /// The text. One with another marker than the original's, or with none, is taken as it is.
    static func text(_ stored: String, keys: EncryptionKeys) throws(EncryptionProblem) -> String {
        if stored.hasPrefix(fernet) { return try decrypted(stored.dropFirst(fernet.count), keys) }
        if stored.hasPrefix(tink) { throw .unsupported(method: "tink") }
        guard stored.hasPrefix(plain) else { return stored }
        guard let text = Base64.decoded(stored.utf8.dropFirst(plain.utf8.count)).flatMap(validText) else {
            throw .invalid(method: "plaintext")
        }
        return text
    }

    /// - Parameter rest: the key's id, a colon, and the token, which is Base64 itself, in Base64.
    private static func decrypted(_ rest: Substring, _ keys: EncryptionKeys) throws(EncryptionProblem) -> String {
        let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let token = Base64.decoded(parts[1].utf8).flatMap({ Base64.decoded($0) }) else {
            throw .invalid(method: "fernet")
        }
        let id = String(parts[0])
        guard let text = try keys.key(id: id).decrypt(token).flatMap(validText) else { throw .wrongKey(id: id) }
        return text
    }

    private static func validText(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }
}

/// The keys of encrypted columns: a folder with one file for each, named like the key.
///
/// Files are read at each use, so that a new key needs no reload.
package struct EncryptionKeys: Sendable {
    let folder: String?
    /// Of Hookline's own encrypted values.
    let secretKeys: SecretKeyFile
    /// The directory, for messages.
    private(set) var location = "PostgreSQL"

    /// - Parameter folder: nil: there are no keys of the original.
    package init(folder: String?, secretKeys: SecretKeyFile = .none) {
        self.folder = folder
        self.secretKeys = secretKeys
    }

    /// For the directory at `location`; only Hookline's own keys where `isOwn` is true.
    func keys(for location: String, isOwn: Bool = false) -> EncryptionKeys {
        var keys = EncryptionKeys(folder: isOwn ? nil : folder, secretKeys: secretKeys)
        keys.location = location
        return keys
    }

    /// A secret that Hookline has stored, encrypted or not.
    func secret(_ stored: String) throws(DirectoryError) -> Secret {
        do throws(SecretKeyProblem) {
            return try secretKeys.secret(stored)
        } catch {
            throw .unavailable(location: location, reason: error.description)
        }
    }

    /// What is wrong with the folder or its files, for `--check`.
    func problems() -> [String] {
        guard let folder else { return [] }
        let names: [String]
        do throws(FileError) {
            names = try Folder(path: folder).fileNames()
        } catch {
            return ["HOOKLINE_ENCRYPTION_KEYS: \(error)"]
        }
        guard !names.isEmpty else { return ["HOOKLINE_ENCRYPTION_KEYS: \(folder) has no key"] }
        return names.sorted().compactMap { name in
            do throws(EncryptionProblem) {
                _ = try key(id: name)
                return nil
            } catch {
                return "HOOKLINE_ENCRYPTION_KEYS: a header that \(error)"
            }
        }
    }

    func key(id: String) throws(EncryptionProblem) -> FernetKey {
        guard let folder else { throw .noKeys(id: id) }
        guard !id.isEmpty, !id.hasPrefix("."), !id.utf8.contains(UInt8(ascii: "/")), !id.utf8.contains(0) else {
            throw .invalid(method: "fernet")
        }
        let text: String
        do throws(FileError) {
            text = try TextFile(path: "\(folder)/\(id)").read(mustBeRegular: true)
        } catch {
            throw .unreadableKey(id: id, reason: "\(error)")
        }
        guard let key = FernetKey(parsing: text) else { throw .invalidKey(id: id, folder: folder) }
        return key
    }
}

/// Why an encrypted text cannot be read. No description contains a key or the text.
enum EncryptionProblem: Error, Hashable, CustomStringConvertible {
    case noKeys(id: String)
    case unreadableKey(id: String, reason: String)
    case invalidKey(id: String, folder: String)
    case wrongKey(id: String)
    case invalid(method: String)
    case unsupported(method: String)

    var description: String {
        switch self {
        case .noKeys(let id):
            "is encrypted with the key \"\(id)\": set HOOKLINE_ENCRYPTION_KEYS to the folder with Sentry's keys, or "
                + "store the headers unencrypted there (database.encryption.method)"
        case .unreadableKey(let id, let reason): "is encrypted with the key \"\(id)\", which cannot be read: \(reason)"
        case .invalidKey(let id, let folder):
            "is encrypted with the key \"\(id)\", but that file of \(folder) has no Fernet key: 32 bytes in Base64"
        case .wrongKey(let id):
            "cannot be decrypted with the key \"\(id)\": it was encrypted with another one, or damaged"
        case .invalid(let method): "is not what its marker says (\(method))"
        case .unsupported(let method): "is encrypted in a way that Hookline cannot read (\(method))"
        }
    }
}
