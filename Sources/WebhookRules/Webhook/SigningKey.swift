import Directory
package import Model

/// The rule for client secrets, and the keys of the two signatures that follow from it (docs/delivery.md).
package enum SigningKey {
    /// Marks a secret whose rest is the Base64 of the key, as Standard Webhooks writes it.
    package static let prefix = "whsec_"

    /// Why a client secret does not fit the rule. No description contains the secret.
    package enum Problem: Hashable, Sendable, CustomStringConvertible {
        /// Webhooks signed with an empty key could be forged.
        case empty
        /// Control characters, white space at an end, or U+FFFD in place of what was no text: marks of a secret that
        /// was changed when it was copied.
        case unprintable
        /// It would be read as an encrypted secret.
        case encrypted
        /// It is a private key of Ed25519, which signs otherwise.
        case privateKey
        /// The rest after `whsec_` is not Base64 of at least one byte.
        case invalidBase64

        package var description: String {
            switch self {
            case .empty: "must not be empty: webhooks signed with an empty key could be forged"
            case .unprintable:
                "must have no control characters, no white space at its ends and no U+FFFD in place of other characters"
            case .encrypted: "must not begin with \(Secret.encryptedPrefix), which marks encrypted secrets"
            case .privateKey: "must not begin with \(SentryApp.privateKeyPrefix): that is a private key, signing_key"
            case .invalidBase64:
                "must be Base64 after \(prefix): the alphabet with + and /, no unused bits set, at least one byte"
            }
        }
    }

    /// What follows for webhooks from a stored secret that does not fit the rule.
    package static func consequence(of problem: Problem) -> String {
        switch problem {
        case .empty: "nothing is sent"
        case .unprintable, .encrypted: "webhooks are signed with it as it is stored"
        case .invalidBase64, .privateKey:
            "webhooks have no webhook-signature, only the original's signature with the whole text as key"
        }
    }

    /// Why the secret does not fit the rule; nil when it does.
    package static func problem(of secret: Secret) -> Problem? {
        let text = secret.exposed
        guard !text.isEmpty else { return .empty }
        let isPrintable = text.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control && $0.value != 0xFFFD
        }
        let hasSpaceAtEnds = text.first?.isWhitespace == true || text.last?.isWhitespace == true
        guard isPrintable, !hasSpaceAtEnds else { return .unprintable }
        guard !secret.isEncrypted else { return .encrypted }
        guard !text.hasPrefix(SentryApp.privateKeyPrefix) else { return .privateKey }
        return standard(of: secret) == nil ? .invalidBase64 : nil
    }

    /// The same of a previous secret, which may be a private key; without the secret.
    package static func problemOfPrevious(_ secret: Secret) -> String? {
        guard secret.exposed.hasPrefix(SentryApp.privateKeyPrefix) else { return problem(of: secret)?.description }
        return SigningKeyPair(privateKey: secret) == nil ? SigningKeyPair.rule : nil
    }

    /// The key of `Sentry-Hook-Signature`: the secret's UTF-8.
    package static func original(of secret: Secret) -> [UInt8] { Array(secret.exposed.utf8) }

    /// The key of `webhook-signature`: the bytes that the Base64 after `whsec_` encodes, or else the secret's UTF-8.
    /// Nil when there is none: the secret is empty, or what follows `whsec_` is not Base64.
    package static func standard(of secret: Secret) -> [UInt8]? {
        guard !secret.exposed.hasPrefix(SentryApp.privateKeyPrefix) else { return nil }
        guard secret.exposed.hasPrefix(prefix) else {
            return secret.exposed.isEmpty ? nil : original(of: secret)
        }
        let text = String(secret.exposed.dropFirst(prefix.count))
        return Sodium.decodedBase64(text)
    }

    /// The secret as the libraries of Standard Webhooks want it: `whsec_` and the Base64 of the key.
    package static func standardForm(of secret: Secret) -> Secret {
        guard !secret.exposed.hasPrefix(prefix) else { return secret }
        return Secret(prefix + Sodium.base64(original(of: secret)))
    }
}
