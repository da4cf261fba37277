import Model
import WebhookRules

/// The check of `Sentry-Hook-Signature`.
enum RelaySignature {
    /// Takes the place of the secrets of an app that does not exist: the check takes as long as with one.
    private static let noSecret = Secret(String(repeating: "0", count: 64))

    /// Whether a signature of `body` was made with one of the secrets, in a time that does not depend on which, nor on
    /// where it differs.
    ///
    /// - Parameter secrets: empty = there is no such app: no signature is valid.
    static func isValid(_ signature: String, of body: [UInt8], secrets: [Secret]) -> Bool {
        var isValid = false
        for secret in secrets.isEmpty ? [noSecret] : secrets {
            let code = SigningHash.sha256.code(body, key: SigningKey.original(of: secret))
            let isSame = ConstantTime.areEqual(hexadecimal(code), Array(signature.utf8))
            isValid = isValid || isSame && !secret.exposed.isEmpty
        }
        return isValid && !secrets.isEmpty
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hexadecimal(_ code: [UInt8]) -> [UInt8] {
        code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
