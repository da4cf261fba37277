package import Directory
package import Model

/// Changes of an app's secrets.
package struct SecretRotation {
    private let appSlug: String
    package let now: Timestamp

    /// How long an old secret stays valid unless somebody says otherwise, in seconds.
    package static let defaultOverlapSeconds: Int64 = 86_400

    package init(appSlug: String, now: Timestamp) {
        self.appSlug = appSlug
        self.now = now
    }

    /// - Parameter end: that of the old secret; not after now = it is not used any more.
    /// - Returns: what it has changed.
    package func rotate(
        _ settings: inout AppSettings, to secret: Secret, keepingUntil end: Timestamp
    ) throws(SettingsRefusal) -> [String] {
        guard secret != settings.clientSecret else {
            throw SettingsRefusal(.secret, "the secret is that of \(appSlug) already")
        }
        // Back to a former one.
        settings.previousSecrets.removeAll { $0.secret == secret }
        let old = settings.clientSecret
        settings.clientSecret = secret
        guard end > now, !old.exposed.isEmpty else { return ["client secret, the old one is not used any more"] }
        settings.previousSecrets.insert(SentryApp.PreviousSecret(secret: old, validUntil: end), at: 0)
        try checkCount(settings)
        return ["client secret, the old one is valid until \(end.truncatedToSeconds.iso8601Description)"]
    }

    /// Gives the app a new private key, or none; nil for none.
    ///
    /// - Parameter end: that of the old key; not after now = it is not used any more.
    /// - Returns: what it has changed.
    package func change(
        _ settings: inout AppSettings, to key: Secret?, keepingUntil end: Timestamp
    ) throws(SettingsRefusal) -> [String] {
        guard key != settings.signingKey else {
            throw SettingsRefusal(
                .secret, key == nil ? "\(appSlug) has no key pair" : "\(appSlug) has this key pair already")
        }
        settings.previousSecrets.removeAll { $0.secret == key }
        let old = settings.signingKey
        settings.signingKey = key
        let name = key == nil ? "no key pair" : "key pair"
        guard let old, end > now else { return [old == nil ? name : "\(name), the old one is not used any more"] }
        settings.previousSecrets.insert(SentryApp.PreviousSecret(secret: old, validUntil: end), at: 0)
        try checkCount(settings)
        return ["\(name), the old one is valid until \(end.truncatedToSeconds.iso8601Description)"]
    }

    /// Ends the time of all previous client secrets.
    ///
    /// - Returns: what it has changed.
    package func finish(_ settings: inout AppSettings) throws(SettingsRefusal) -> [String] {
        guard settings.previousSecrets.contains(where: { !$0.isPrivateKey }) else {
            throw SettingsRefusal(.secret, "\(appSlug) has no previous secret that is valid")
        }
        settings.previousSecrets.removeAll { !$0.isPrivateKey }
        return ["no previous secret is valid"]
    }

    /// Ends the time of all former key pairs.
    ///
    /// - Returns: what it has changed.
    package func finishKeys(_ settings: inout AppSettings) throws(SettingsRefusal) -> [String] {
        guard settings.previousSecrets.contains(where: \.isPrivateKey) else {
            throw SettingsRefusal(.secret, "\(appSlug) has no former key pair that is valid")
        }
        settings.previousSecrets.removeAll(where: \.isPrivateKey)
        return ["no former key pair is valid"]
    }

    /// Adds a previous secret as the newest, or changes the end of one.
    ///
    /// - Returns: what it has changed.
    package func add(
        _ secret: Secret, validUntil end: Timestamp, to settings: inout AppSettings
    ) throws(SettingsRefusal) -> [String] {
        guard secret != settings.clientSecret, secret != settings.signingKey else {
            throw SettingsRefusal(.secret, "the secret is the current one of \(appSlug)")
        }
        let previous = SentryApp.PreviousSecret(secret: secret, validUntil: end)
        if let index = settings.previousSecrets.firstIndex(where: { $0.secret == secret }) {
            settings.previousSecrets[index] = previous
        } else {
            settings.previousSecrets.insert(previous, at: 0)
        }
        try checkCount(settings)
        return ["previous secret, valid until \(end.truncatedToSeconds.iso8601Description)"]
    }

    /// - Returns: what it has changed.
    package func remove(_ secret: Secret, from settings: inout AppSettings) throws(SettingsRefusal) -> [String] {
        guard let index = settings.previousSecrets.firstIndex(where: { $0.secret == secret }) else {
            throw SettingsRefusal(.secret, "the secret is not a previous one of \(appSlug) that is valid")
        }
        settings.previousSecrets.remove(at: index)
        return ["without a previous secret"]
    }

    private func checkCount(_ settings: AppSettings) throws(SettingsRefusal) {
        let maximum = SentryApp.PreviousSecret.maximumCount
        guard settings.previousSecrets.count > maximum else { return }
        throw SettingsRefusal(
            .secret,
            "\(appSlug) has \(maximum) previous secrets and key pairs, the maximum: end the time of one first "
                + "('hookline app previous-secret remove', 'hookline app signing-key finish')")
    }
}
