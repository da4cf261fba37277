package import Model

/// A credential as a request presents it.
///
/// The embedded directory knows a token by its SHA-256 only; the original's tables have tokens and keys in clear, too.
package struct PresentedCredential: Hashable, Sendable {
    /// As sent.
    package let secret: Secret
    package let digest: TokenDigest

    package init(_ text: String) {
        secret = Secret(text)
        digest = TokenDigest(hashing: text)
    }
}
