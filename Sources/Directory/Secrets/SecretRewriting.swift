/// What is to become of all stored secrets.
package enum SecretRewriting: Hashable, Sendable {
    /// Encrypted with the first key of the file.
    case encrypted
    /// The same; of those that cannot be read, client secrets are replaced by new ones, and others are removed.
    case encryptedReplacingUnreadable
    case unencrypted

    /// What happens to one of them.
    package enum Action: Hashable, Sendable {
        case keep
        case replace(String)
        /// It cannot be read: a new one takes its place.
        case renew(String)
        /// It cannot be read.
        case remove
    }

    /// What is to be done with a secret.
    private func action(for row: SecretRow, _ keys: SecretKeyFile) throws(SecretKeyProblem) -> Action {
        do throws(SecretKeyProblem) {
            return try keys.rewritten(row.text, encrypting: self != .unencrypted).map(Action.replace) ?? .keep
        } catch {
            guard self == .encryptedReplacingUnreadable, error.isAboutSecret else {
                throw error.of(row.column, appID: row.appID)
            }
            return row.column.isClientSecret ? .renew(try keys.stored(Sodium.randomSecret())) : .remove
        }
    }
}

extension SecretRewriting {
    /// The same, with an error for the caller.
    ///
    /// - Parameter location: of the directory, for messages.
    package func action(
        for row: SecretRow, _ keys: SecretKeyFile, in location: String
    ) throws(DirectoryError) -> Action {
        do throws(SecretKeyProblem) {
            return try action(for: row, keys)
        } catch {
            throw .unavailable(location: location, reason: error.description)
        }
    }
}

/// What `rewriteSecrets` has done.
package struct RewrittenSecrets: Hashable, Sendable {
    /// How many were replaced.
    package var count = 0
    /// The apps of which something could not be read, ordered by id.
    package var repairedApps: [RepairedApp] = []
    /// Whether the store may still have the former texts in parts that it does not use any more.
    package var leavesTraces = false
    /// Why they could not be removed; nil when nothing went wrong.
    package var traceProblem: String?
    /// What could not be read, by the app's id.
    private var lost: [Int64: [String]] = [:]

    package init() {}

    package mutating func note(_ action: SecretRewriting.Action, _ row: SecretRow) {
        switch action {
        case .keep: return
        case .replace: count += 1
        case .renew, .remove:
            count += 1
            lost[row.appID, default: []].append(row.column.title)
        }
    }

    /// Adds the apps of which something could not be read.
    ///
    /// - Parameter find: the app with an id, deleted or not; nil when there is none any more.
    package mutating func noteRepairedApps<Failure: Error>(
        _ find: (Int64) throws(Failure) -> (slug: String, organizationID: Int64)?
    ) throws(Failure) {
        for (id, secrets) in lost.sorted(by: { $0.key < $1.key }) {
            guard let app = try find(id) else { continue }
            repairedApps.append(
                RepairedApp(id: id, slug: app.slug, organizationID: app.organizationID, secrets: secrets))
        }
    }
}

/// An app of which secrets that could not be read were replaced or removed.
package struct RepairedApp: Hashable, Sendable {
    package let id: Int64
    package let slug: String
    /// The organization that owns it.
    package let organizationID: Int64
    /// What they were: `client secret`.
    package let secrets: [String]
}
