/// The secrets that an app's webhooks are signed with.
extension SentryApp {
    /// A former client secret, or private key, that receivers may go on using until it ends.
    package struct PreviousSecret: Hashable, Sendable {
        package var secret: Secret
        /// From then on nothing is signed with it.
        package var validUntil: Timestamp

        package init(secret: Secret, validUntil: Timestamp) {
            self.secret = secret
            self.validUntil = validUntil
        }

        /// The maximum count per app: each has a signature in a header of each webhook.
        package static let maximumCount = 4

        /// What is wrong with a document whose client secret is a previous one of the app.
        package static let formerSecretProblem =
            "is one of the app's previous secrets, too: leave out client_secret to keep a rotated one, or the entry of "
            + "previous_secrets"

        /// The same of its private key.
        package static let formerKeyProblem =
            "is a former key of the app, too: leave out signing_key to keep a newer one, or the entry of "
            + "previous_secrets"

        /// Whether it is a private key of Ed25519, and no client secret.
        package var isPrivateKey: Bool { secret.exposed.hasPrefix(SentryApp.privateKeyPrefix) }

        /// Whether webhooks are signed with it.
        package func isValid(at now: Timestamp) -> Bool { now < validUntil }
    }

    /// One of the secrets that a directory stores of an app.
    package enum StoredSecret: Hashable, Sendable, CustomStringConvertible {
        case clientSecret
        case previousSecret
        case signingKey
        case relayTargets
        /// The value of a header.
        case header(name: String)

        package var description: String {
            switch self {
            case .clientSecret: "client secret"
            case .previousSecret: "previous secret"
            case .signingKey: "private key"
            case .relayTargets: "relay targets"
            case .header(let name): "header \(name)"
            }
        }
    }

    /// What is wrong with secrets of the app, continuing "the app"; nil when nothing is.
    package var secretProblem: String? {
        guard !damagedSecrets.isEmpty else { return nil }
        return "has secrets that are damaged in the directory (\(damagedSecretNames)): "
            + "'hookline directory encrypt --replace-unreadable' replaces them"
    }

    /// Which ones are damaged: `client secret, header X-Tenant`.
    package var damagedSecretNames: String { damagedSecrets.map(\.description).joined(separator: ", ") }

    /// Begins a private key of Ed25519, as Standard Webhooks writes it.
    package static let privateKeyPrefix = "whsk_"

    /// The secrets that webhooks are signed with at a time, the newest first: the current one, then previous ones.
    package func signingSecrets(at now: Timestamp) -> [Secret] {
        [clientSecret] + previousSecrets.lazy.filter { $0.isValid(at: now) && !$0.isPrivateKey }.map(\.secret)
    }

    /// The private keys that webhooks are signed with at a time, the newest first; empty where the app has none.
    package func signingKeys(at now: Timestamp) -> [Secret] {
        [signingKey].compactMap(\.self)
            + previousSecrets.lazy.filter { $0.isValid(at: now) && $0.isPrivateKey }.map(\.secret)
    }
}
