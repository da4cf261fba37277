/// An app installed in an organization. Deleted installations stay in the directory: the statistics count them.
package struct Installation: Hashable, Sendable {
    /// Values are those of `sentry_sentryappinstallation.status` (docs/protocol.md 6.1).
    package enum Status: Int, Sendable, CaseIterable {
        case pending = 0
        case installed = 1

        /// The name in a directory document.
        package var name: String {
            switch self {
            case .pending: "pending"
            case .installed: "installed"
            }
        }
    }

    package var id: Int64
    package var appID: Int64
    package var organizationID: Int64
    package var uuid: String
    package var status: Status
    package var dateAdded: Timestamp
    package var dateDeleted: Timestamp?

    package init(
        id: Int64, appID: Int64, organizationID: Int64, uuid: String, status: Status = .installed,
        dateAdded: Timestamp, dateDeleted: Timestamp? = nil
    ) {
        self.id = id
        self.appID = appID
        self.organizationID = organizationID
        self.uuid = uuid
        self.status = status
        self.dateAdded = dateAdded
        self.dateDeleted = dateDeleted
    }

    /// Whether the installation can get this event. A deleted one gets only `installation.deleted`, which is sent after
    /// the row was marked as deleted.
    package func isPresent(for event: EventType) -> Bool {
        dateDeleted == nil || event == .installationDeleted
    }
}

/// The subscription of an installation (`sentry_servicehook`).
package struct ServiceHook: Hashable, Sendable {
    package var id: Int64
    package var installationID: Int64
    package var organizationID: Int64
    package var url: String
    package var events: [String]
    /// The projects that the hook is limited to; empty means all.
    package var projectIDs: [Int64]

    package init(
        id: Int64, installationID: Int64, organizationID: Int64, url: String, events: [String],
        projectIDs: [Int64] = []
    ) {
        self.id = id
        self.installationID = installationID
        self.organizationID = organizationID
        self.url = url
        self.events = events
        self.projectIDs = projectIDs
    }
}
