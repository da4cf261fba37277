import CMessageDigest
import CSodium
import CZlib

/// Signs cookies as the original does, for tests.
///
/// Written apart from the code that checks them, and compared with cookies that the original's framework has made.
package struct SessionCookies: Sendable {
    package enum Hash: Sendable {
        case sha1, sha256, sha512
    }

    package static let sessionSalt = "django.contrib.sessions.backends.signed_cookies"
    private static let passwordSalt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"

    package var secret: String
    package var hash = Hash.sha256
    /// Seconds since the epoch.
    package var time: Int64
    package var salt = sessionSalt
    package var superuserSalt = "su"
    package var superuserPrefix = "django.http.cookies"

    package init(secret: String, time: Int64) {
        self.secret = secret
        self.time = time
    }

    /// The value of the cookie `sentrysid`.
    ///
    /// - Parameter session: JSON.
    package func session(_ session: String, compressed: Bool = false) -> String {
        let payload = compressed ? "." + base64(deflated(Array(session.utf8))) : base64(Array(session.utf8))
        return signed(payload, salt: salt, secret: secret)
    }

    /// The value of the cookie `su`.
    package func superuser(token: String) -> String {
        signed(token, salt: superuserSalt, secret: superuserPrefix + secret)
    }

    /// The value of a session's `_auth_user_hash`.
    package func passwordCode(of passwordHash: String) -> String {
        code(passwordHash, key: digest(SessionCookies.passwordSalt + secret)).map(hexadecimal).joined()
    }

    /// The session of a user, as JSON.
    ///
    /// - Parameter more: further members, each with a comma in front.
    package func json(userID: Int64, passwordHash: String, nonce: String? = nil, more: String = "") -> String {
        let noncePart = nonce.map { #","_nonce":"\#($0)""# } ?? ""
        return #"{"_auth_user_id":"\#(userID)","_auth_user_backend":"sentry.utils.auth.EmailAuthBackend","#
            + #""_auth_user_hash":"\#(passwordCode(of: passwordHash))"\#(noncePart)\#(more)}"#
    }

    /// Text with the time and a signature behind it.
    package func signed(_ text: String, salt: String, secret: String) -> String {
        let message = "\(text):\(base62(time))"
        return "\(message):\(base64(code(message, key: digest(salt + "signer" + secret))))"
    }

    // MARK: Parts

    private func base62(_ number: Int64) -> String {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        return number < 62 ? String(digits[Int(number)]) : base62(number / 62) + String(digits[Int(number % 62)])
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let bits = bytes.flatMap { byte in (0..<8).reversed().map { Int(byte >> $0 & 1) } }
        return String(
            stride(from: 0, to: bits.count, by: 6).map { start in
                alphabet[(0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) }]
            })
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }

    private func digest(_ text: String) -> [UInt8] { digest(Array(text.utf8)) }

    private func digest(_ bytes: [UInt8]) -> [UInt8] {
        switch hash {
        case .sha1:
            var (context, digest) = (SHA1_CTX(), [UInt8](repeating: 0, count: 20))
            SHA1Init(&context)
            SHA1Update(&context, bytes, bytes.count)
            SHA1Final(&digest, &context)
            return digest
        case .sha256:
            var digest = [UInt8](repeating: 0, count: 32)
            crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
            return digest
        case .sha512:
            var digest = [UInt8](repeating: 0, count: 64)
            crypto_hash_sha512(&digest, bytes, UInt64(bytes.count))
            return digest
        }
    }

    /// HMAC; the keys here are never longer than a block.
    private func code(_ message: String, key: [UInt8]) -> [UInt8] {
        let blockLength = hash == .sha512 ? 128 : 64
        let block = key + [UInt8](repeating: 0, count: blockLength - key.count)
        return digest(block.map { $0 ^ 0x5C } + digest(block.map { $0 ^ 0x36 } + Array(message.utf8)))
    }

    private func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(uLong(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        precondition(compress(&output, &length, bytes, uLong(bytes.count)) == Z_OK, "zlib compresses")
        return Array(output.prefix(Int(length)))
    }
}
