import COpenSSL
import Model

/// A key of Fernet (https://github.com/fernet/spec): AES-128 in CBC mode, with HMAC-SHA256.
struct FernetKey: Undisclosed {
    private static let blockBytes = 16
    private static let codeBytes = 32
    /// Version and time.
    private static let headBytes = 9
    private static let version: UInt8 = 0x80

    private let signing: [UInt8]
    private let encryption: [UInt8]

    /// Parses 32 bytes in URL-safe Base64; nil for anything else. White space around them is ignored.
    init?(parsing text: String) {
        let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
        let trimmed = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard let bytes = Base64.decoded(trimmed), bytes.count == 2 * Self.blockBytes else { return nil }
        signing = Array(bytes.prefix(Self.blockBytes))
        encryption = Array(bytes.suffix(Self.blockBytes))
    }

    /// The content of a token, whatever its age; nil when it was not made with this key, or is damaged.
    func decrypt(_ token: [UInt8]) -> [UInt8]? {
        let contentStart = Self.headBytes + Self.blockBytes
        guard token.first == Self.version, token.count >= contentStart + Self.blockBytes + Self.codeBytes else {
            return nil
        }
        let signed = Array(token.dropLast(Self.codeBytes))
        guard isAuthentic(signed, code: Array(token.suffix(Self.codeBytes))) else { return nil }
        return decrypt(Array(signed[contentStart...]), vector: Array(signed[Self.headBytes..<contentStart]))
    }

    private func isAuthentic(_ bytes: [UInt8], code: [UInt8]) -> Bool {
        var expected = [UInt8](repeating: 0, count: Self.codeBytes)
        var count: UInt32 = 0
        let result = HMAC(EVP_sha256(), signing, Int32(signing.count), bytes, bytes.count, &expected, &count)
        return result != nil && Int(count) == code.count && CRYPTO_memcmp(expected, code, code.count) == 0
    }

    private func decrypt(_ content: [UInt8], vector: [UInt8]) -> [UInt8]? {
        guard content.count % Self.blockBytes == 0, content.count < Int(Int32.max) - Self.blockBytes,
            let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: content.count + Self.blockBytes)
        var (count, rest): (Int32, Int32) = (0, 0)
        guard EVP_DecryptInit_ex(context, EVP_aes_128_cbc(), nil, encryption, vector) == 1,
            EVP_DecryptUpdate(context, &output, &count, content, Int32(content.count)) == 1
        else { return nil }
        let isComplete = output.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { EVP_DecryptFinal_ex(context, $0 + Int(count), &rest) == 1 } ?? false
        }
        return isComplete ? Array(output.prefix(Int(count + rest))) : nil
    }
}
