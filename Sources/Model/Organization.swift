/// An organization: the tenant that owns apps and installs them.
package struct Organization: Hashable, Sendable {
    package enum Status: Int, Sendable, CaseIterable {
        case active = 0
        case pendingDeletion = 1
        case deletionInProgress = 2
        /// Of later releases of the original: the organization was moved here, and waits for approval.
        case relocationPendingApproval = 3

        /// The name in a directory document.
        package var name: String {
            switch self {
            case .active: "active"
            case .pendingDeletion: "pending_deletion"
            case .deletionInProgress: "deletion_in_progress"
            case .relocationPendingApproval: "relocation_pending_approval"
            }
        }
    }

    package var id: Int64
    package var slug: String
    package var name: String
    package var status: Status

    package init(id: Int64, slug: String, name: String, status: Status = .active) {
        self.id = id
        self.slug = slug
        self.name = name
        self.status = status
    }
}

/// A user's membership in one organization.
package struct Membership: Hashable, Sendable {
    package var userID: Int64
    package var organizationID: Int64
    package var role: Role
    /// The roles that the member has through teams (docs/protocol.md 5.1).
    package var teamRoles: [Role]

    package init(userID: Int64, organizationID: Int64, role: Role, teamRoles: [Role] = []) {
        self.userID = userID
        self.organizationID = organizationID
        self.role = role
        self.teamRoles = teamRoles
    }

    /// The union of the scopes of all roles.
    package var scopes: ScopeSet {
        teamRoles.reduce(role.scopes) { $0.union($1.scopes) }
    }
}

/// A project of an organization.
package struct Project: Hashable, Sendable {
    package var id: Int64
    package var slug: String
    package var organizationID: Int64

    package init(id: Int64, slug: String, organizationID: Int64) {
        self.id = id
        self.slug = slug
        self.organizationID = organizationID
    }
}

/// The issue ("group") of an error event.
package struct IssueEvent: Hashable, Sendable {
    package var projectID: Int64
    /// 32 lower-case hexadecimal digits.
    package var eventID: String
    package var groupID: Int64?

    package init(projectID: Int64, eventID: String, groupID: Int64?) {
        self.projectID = projectID
        self.eventID = eventID
        self.groupID = groupID
    }
}
