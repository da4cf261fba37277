import CSodium
import Model

/// A key that encrypts the secrets of a directory with libsodium's secretbox (XSalsa20 and Poly1305,
/// https://doc.libsodium.org/secret-key_cryptography/secretbox).
struct SecretKey: Hashable, Sendable, Undisclosed {
    /// Tells keys apart without giving them away: the first four bytes of the key's BLAKE2b hash, in hexadecimal.
    let id: String
    private let bytes: [UInt8]

    /// - Parameter text: the Base64 of 32 bytes, as `openssl rand -base64 32` writes it.
    init?(parsing text: some StringProtocol) {
        guard let bytes = Sodium.decodedBase64(String(text)), bytes.count == Int(crypto_secretbox_KEYBYTES) else {
            return nil
        }
        self.bytes = bytes
        var hash = [UInt8](repeating: 0, count: Int(crypto_generichash_BYTES))
        crypto_generichash(&hash, hash.count, bytes, UInt64(bytes.count), nil, 0)
        id = Sodium.hexadecimal(hash.prefix(4))
    }

    /// Whether `text` can be the id of a key.
    static func isID(_ text: Substring) -> Bool {
        text.utf8.count == 8
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// The encrypted form of `text` under a new random nonce.
    func encrypt(_ text: String) -> EncryptedSecret {
        let message = Array(text.utf8)
        var nonce = [UInt8](repeating: 0, count: Int(crypto_secretbox_NONCEBYTES))
        randombytes_buf(&nonce, nonce.count)
        var box = [UInt8](repeating: 0, count: message.count + Int(crypto_secretbox_MACBYTES))
        crypto_secretbox_easy(&box, message, UInt64(message.count), nonce, bytes)
        return EncryptedSecret(keyID: id, box: nonce + box)
    }

    /// The text; nil when it was encrypted with another key, or damaged.
    func decrypt(_ secret: EncryptedSecret) -> String? {
        let nonceCount = Int(crypto_secretbox_NONCEBYTES)
        let textCount = secret.box.count - nonceCount - Int(crypto_secretbox_MACBYTES)
        guard textCount >= 0 else { return nil }
        let (nonce, box) = (Array(secret.box.prefix(nonceCount)), Array(secret.box.dropFirst(nonceCount)))
        var message = [UInt8](repeating: 0, count: textCount)
        guard crypto_secretbox_open_easy(&message, box, UInt64(box.count), nonce, bytes) == 0 else { return nil }
        return String(validating: message, as: UTF8.self)
    }
}

/// A secret as an encrypted column has it: `secretbox:`, the key's id, a colon, and the Base64 of nonce and ciphertext.
struct EncryptedSecret: Hashable, Sendable {
    /// Marks encrypted texts; no unencrypted secret may begin with it.
    static let prefix = Secret.encryptedPrefix

    let keyID: String
    let box: [UInt8]

    init(keyID: String, box: [UInt8]) {
        self.keyID = keyID
        self.box = box
    }

    /// Nil unless `stored` has the form, whatever it begins with.
    init?(parsing stored: String) {
        let parts = stored.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] + ":" == Self.prefix, SecretKey.isID(parts[1]),
            let box = Sodium.decodedBase64(String(parts[2]))
        else { return nil }
        (keyID, self.box) = (String(parts[1]), box)
    }

    var text: String { "\(Self.prefix)\(keyID):\(Sodium.base64(box))" }
}
