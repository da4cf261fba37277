package import Model

/// Decrypts the secrets of one app. Those that are damaged are noted and left out, so that they concern this app alone;
/// any other problem is one of the keys, and an error.
package struct AppSecretReader {
    private let keys: SecretKeyFile
    private let appID: Int64
    private let location: String
    /// The damaged ones, in the order in which they were read.
    package private(set) var damaged: [SentryApp.StoredSecret] = []

    /// - Parameter location: of the directory, for messages.
    package init(_ keys: SecretKeyFile, appID: Int64, location: String) {
        (self.keys, self.appID, self.location) = (keys, appID, location)
    }

    /// The secret that is stored as `text`; nil when it is damaged.
    package mutating func secret(
        _ text: String, _ kind: SentryApp.StoredSecret
    ) throws(DirectoryError) -> Secret? {
        do throws(SecretKeyProblem) {
            return try keys.secret(text)
        } catch {
            guard error.isDamage else {
                throw .unavailable(
                    location: location,
                    reason: SecretKeyProblem.of(name: "\(kind) of app \(appID)", error).description)
            }
            damaged.append(kind)
            return nil
        }
    }
}

extension SentryApp {
    /// Throws when secrets of the app are damaged: a change would write it without them.
    package func requireUndamagedSecrets() throws(DirectoryError) {
        if let problem = secretProblem { throw .conflict(reason: "the app \(slug) \(problem)") }
    }
}
