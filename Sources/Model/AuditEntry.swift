/// One administrative action in the audit log (docs/protocol.md 7.8).
package struct AuditEntry: Hashable, Sendable {
    /// The original's event code for a disabled integration (docs/protocol.md 7.8).
    package static let appDisabled = 131
    /// Hookline's event code for enabling an app again, which the original does not log. Hookline's codes start at
    /// 10000, far above the original's.
    package static let appEnabled = 10_131
    /// Hookline's event code for settings of an app that Hookline keeps: policy, timeout, headers.
    package static let appSettingsChanged = 10_132
    /// Hookline's event code for a new client secret.
    package static let clientSecretRotated = 10_133
    /// Hookline's event code for a previous secret that was added or removed.
    package static let previousSecretsChanged = 10_134
    /// Hookline's event codes for what the management API does.
    package static let appCreated = 10_135
    package static let appChanged = 10_136
    package static let appDeleted = 10_137
    package static let appInstalled = 10_138
    package static let appUninstalled = 10_139
    package static let directoryImported = 10_140
    /// Hookline's event codes for organizations, members and users.
    package static let organizationCreated = 10_141
    package static let memberAdded = 10_142
    package static let memberChanged = 10_143
    package static let memberRemoved = 10_144
    package static let userDisabled = 10_145
    package static let userEnabled = 10_146
    /// Hookline's event codes for what the command line does with tokens.
    package static let tokenCreated = 10_147
    package static let tokenRevoked = 10_148
    /// Hookline's event code for a key pair that was made, replaced or removed.
    package static let signingKeyChanged = 10_150
    /// Hookline's event code for secrets that could not be read and were replaced or removed.
    package static let lostSecretsReplaced = 10_151
    /// Hookline's event code for an event of which everything was erased.
    package static let eventErased = 10_152
    /// Hookline's event code for dead letters of an app that were deleted.
    package static let deadLettersDeleted = 10_153
    /// Hookline's event codes for a target of a relay that was disabled, and enabled again.
    package static let targetDisabled = 10_154
    package static let targetEnabled = 10_155

    package var id: Int64
    package var organizationID: Int64
    /// The original's event code, or one of Hookline's.
    package var event: Int
    /// The user who acted; nil for the system itself.
    package var actorID: Int64?
    package var actorLabel: String
    package var targetObject: Int64?
    /// One JSON object.
    package var dataJSON: String
    package var date: Timestamp

    package init(
        id: Int64, organizationID: Int64, event: Int, actorID: Int64? = nil, actorLabel: String,
        targetObject: Int64? = nil, dataJSON: String = "{}", date: Timestamp
    ) {
        self.id = id
        self.organizationID = organizationID
        self.event = event
        self.actorID = actorID
        self.actorLabel = actorLabel
        self.targetObject = targetObject
        self.dataJSON = dataJSON
        self.date = date
    }
}

extension AuditEntry {
    /// An entry to be written, without the id, which the directory assigns.
    package struct Draft: Hashable, Sendable {
        package var organizationID: Int64
        package var event: Int
        package var actorID: Int64?
        package var actorLabel: String
        package var targetObject: Int64?
        /// One JSON object.
        package var dataJSON: String
        package var date: Timestamp

        package init(
            organizationID: Int64, event: Int, actorID: Int64? = nil, actorLabel: String, targetObject: Int64? = nil,
            dataJSON: String = "{}", date: Timestamp
        ) {
            self.organizationID = organizationID
            self.event = event
            self.actorID = actorID
            self.actorLabel = actorLabel
            self.targetObject = targetObject
            self.dataJSON = dataJSON
            self.date = date
        }
    }
}
