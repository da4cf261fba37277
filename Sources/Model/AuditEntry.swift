/// One administrative act, as the audit log keeps it (contract 7.8).
package struct AuditEntry: Hashable, Sendable {
    /// The original's number of disabling an integration (contract 7.8), whoever does it.
    package static let integrationDisabled = 131
    /// Ours: enabling one again, which the original has no entry for. Numbers of ours start at 10000, far above the
    /// original's.
    package static let integrationEnabled = 10_131

    package var id: Int64
    package var organizationID: Int64
    /// The original's number of the act, or one of ours.
    package var event: Int
    /// The user who acted; nil for the system itself.
    package var actorID: Int64?
    package var actorLabel: String
    package var targetObject: Int64?
    /// The text of one JSON object.
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
    /// An entry that is to be written: all but the id, which the directory gives.
    package struct Draft: Hashable, Sendable {
        package var organizationID: Int64
        package var event: Int
        package var actorID: Int64?
        package var actorLabel: String
        package var targetObject: Int64?
        /// The text of one JSON object.
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
