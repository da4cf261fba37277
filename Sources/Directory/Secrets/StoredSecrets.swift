import Model

/// How many different secrets a directory has, by the form in which they are stored.
package struct StoredSecrets: Hashable, Sendable {
    /// Unencrypted.
    package var clear = 0
    /// Encrypted with the first key of the file.
    package var current = 0
    /// Encrypted with another key of the file.
    package var former = 0
    /// Why some cannot be read; the first problem of each kind, at most ten.
    package var problems: [SecretKeyProblem] = []

    /// - Parameter texts: what is stored.
    package init(_ texts: [String], keys: SecretKeyFile) {
        for text in texts where !text.isEmpty {
            do throws(SecretKeyProblem) {
                switch try keys.form(of: text) {
                case .clear: clear += 1
                case .current: current += 1
                case .formerKey: former += 1
                }
            } catch {
                if problems.count < 10, !problems.contains(error) { problems.append(error) }
            }
        }
    }
}

/// What `rewriteSecrets` has done.
package struct RewrittenSecrets: Hashable, Sendable {
    /// How many different texts were replaced.
    package var count: Int
    /// Whether the store may still have the former texts in parts that it does not use any more.
    package var leavesTraces: Bool

    package init(count: Int, leavesTraces: Bool) {
        self.count = count
        self.leavesTraces = leavesTraces
    }
}

/// A column with secrets.
package struct SecretColumn: Hashable, Sendable {
    package let table: String
    package let name: String

    package init(_ table: String, _ name: String) {
        (self.table, self.name) = (table, name)
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
        case (_, false): return try secret(text).exposed
        }
    }
}
