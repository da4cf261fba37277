import Model

/// How many secrets a directory has, by the form in which they are stored.
package struct StoredSecrets: Hashable, Sendable {
    /// Unencrypted.
    package var clear = 0
    /// Encrypted with the first key of the file.
    package var current = 0
    /// Encrypted with another key of the file.
    package var former = 0
    /// Those that cannot be read.
    package var unreadable = 0
    /// Why some cannot be read with the keys that there are; the first problem of each kind, at most ten.
    package var problems: [SecretKeyProblem] = []
    /// Those among the unreadable ones that are damaged.
    package var damaged = 0
    /// Which ones are damaged; at most ten.
    package var damage: [SecretKeyProblem] = []
    private static let maximumProblems = 10

    package init(_ rows: [SecretRow], keys: SecretKeyFile) {
        for row in rows where !row.text.isEmpty {
            do throws(SecretKeyProblem) {
                switch try keys.form(of: row.text) {
                case .clear: clear += 1
                case .current: current += 1
                case .formerKey: former += 1
                }
            } catch {
                note(error, row)
            }
        }
    }

    private mutating func note(_ problem: SecretKeyProblem, _ row: SecretRow) {
        unreadable += 1
        if problem.isDamage {
            damaged += 1
            if damage.count < Self.maximumProblems { damage.append(problem.of(row.column, appID: row.appID)) }
        } else if problems.count < Self.maximumProblems, !problems.contains(problem) {
            problems.append(problem)
        }
    }
}

extension SecretKeyFile {
    /// What is to be stored in place of `text`; nil when it may stay.
    ///
    /// - Parameter encrypting: whether it is to be encrypted with the first key; otherwise it is to be unencrypted.
    package func rewritten(_ text: String, encrypting: Bool) throws(SecretKeyProblem) -> String? {
        guard !text.isEmpty else { return nil }
        switch (try form(of: text), encrypting) {
        case (.current, true), (.clear, false): return nil
        case (_, true): return try stored(secret(text))
        case (_, false):
            let secret = try secret(text)
            // Stored as it is, it could not be read again.
            guard !secret.isEncrypted else { throw .damaged(keyID: nil) }
            return secret.exposed
        }
    }
}
