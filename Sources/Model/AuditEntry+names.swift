extension AuditEntry {
    /// The events that Hookline writes, with their names on the command line.
    package static let events: [(code: Int, name: String)] = [
        (appDisabled, "app-disabled"), (appEnabled, "app-enabled"), (appSettingsChanged, "app-settings-changed"),
        (clientSecretRotated, "client-secret-rotated"), (previousSecretsChanged, "previous-secrets-changed"),
        (appCreated, "app-created"), (appChanged, "app-changed"), (appDeleted, "app-deleted"),
        (appInstalled, "app-installed"), (appUninstalled, "app-uninstalled"),
        (directoryImported, "directory-imported"), (tokenCreated, "token-created"),
        (tokenRevoked, "token-revoked"), (organizationCreated, "organization-created"),
        (memberAdded, "member-added"), (memberChanged, "member-changed"), (memberRemoved, "member-removed"),
        (userDisabled, "user-disabled"), (userEnabled, "user-enabled"), (signingKeyChanged, "signing-key-changed"),
        (lostSecretsReplaced, "lost-secrets-replaced"), (eventErased, "event-erased"),
        (deadLettersDeleted, "dead-letters-deleted"), (targetDisabled, "target-disabled"),
        (targetEnabled, "target-enabled"),
    ]

    /// The event's name; nil for one that only the original writes.
    package var eventName: String? { Self.events.first { $0.code == event }?.name }

    /// The code of an event, given by its name or its number; nil when it is neither.
    package static func code(ofEvent text: String) -> Int? {
        events.first { $0.name == text }?.code ?? Int(text).flatMap { $0 > 0 ? $0 : nil }
    }
}
