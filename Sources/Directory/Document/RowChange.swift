package import Model

/// The kinds of rows of a directory document.
package enum RowKind: String, CaseIterable, Sendable {
    case organizations
    case users
    case memberships
    case apps
    case installations
    case serviceHooks = "service_hooks"
    case projects
    case issueEvents = "events"
    case tokens
    case auditEntries = "audit_entries"

    /// The name of one such row in messages.
    package var singular: String {
        switch self {
        case .organizations: "organization"
        case .users: "user"
        case .memberships: "membership"
        case .apps: "app"
        case .installations: "installation"
        case .serviceHooks: "service hook"
        case .projects: "project"
        case .issueEvents: "issue event"
        case .tokens: "token"
        case .auditEntries: "audit entry"
        }
    }
}

/// What a row is identified by: its id, or the values that take the id's place, separated by a slash.
package struct RowKey: Hashable, Sendable {
    package var kind: RowKind
    package var text: String

    package init(_ kind: RowKind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

/// One row that differs between two states of a directory.
package struct RowChange: Hashable, Sendable {
    package enum Action: String, Sendable {
        case added, changed, removed
    }

    package var key: RowKey
    package var action: Action
    /// When the row was last added, changed or removed before; nil when that is not recorded.
    package var lastChange: Timestamp?
}

extension DirectoryDocument {
    /// Each row, by its key.
    package var rows: [RowKey: AnyHashable] {
        var rows: [RowKey: AnyHashable] = [:]
        func add<Row: Hashable>(_ kind: RowKind, _ list: [Row], _ key: (Row) -> String) {
            for row in list { rows[RowKey(kind, key(row))] = AnyHashable(row) }
        }
        add(.organizations, organizations) { String($0.id) }
        add(.users, users) { String($0.id) }
        add(.memberships, memberships) { "\($0.userID)/\($0.organizationID)" }
        add(.apps, apps) { String($0.app.id) }
        add(.installations, installations) { String($0.installation.id) }
        add(.serviceHooks, serviceHooks) { String($0.id) }
        add(.projects, projects) { String($0.id) }
        add(.issueEvents, issueEvents) { "\($0.projectID)/\($0.eventID)" }
        add(.tokens, tokens) { $0.digest.rawValue }
        add(.auditEntries, auditEntries) { String($0.id) }
        return rows
    }

    /// The count of rows of a kind.
    package func count(of kind: RowKind) -> Int {
        switch kind {
        case .organizations: organizations.count
        case .users: users.count
        case .memberships: memberships.count
        case .apps: apps.count
        case .installations: installations.count
        case .serviceHooks: serviceHooks.count
        case .projects: projects.count
        case .issueEvents: issueEvents.count
        case .tokens: tokens.count
        case .auditEntries: auditEntries.count
        }
    }

    /// What is different in `other`, a later state: ordered by kind and key.
    func changes(to other: DirectoryDocument) -> [RowChange] {
        let (before, after) = (rows, other.rows)
        let changed = after.compactMap { key, row -> RowChange? in
            guard let old = before[key] else { return RowChange(key: key, action: .added) }
            return old == row ? nil : RowChange(key: key, action: .changed)
        }
        let removed = before.keys.filter { after[$0] == nil }.map { RowChange(key: $0, action: .removed) }
        let order = Dictionary(uniqueKeysWithValues: RowKind.allCases.enumerated().map { ($1, $0) })
        return (changed + removed).sorted { first, second in
            let (left, right) = (order[first.key.kind] ?? 0, order[second.key.kind] ?? 0)
            // Shorter numbers are smaller numbers.
            return (left, first.key.text.utf8.count, first.key.text) < (
                right, second.key.text.utf8.count, second.key.text
            )
        }
    }
}
