package import Directory
package import Model
import WireJSON

/// Changes of an organization's members, each in the transaction of `rows` with the entry in the audit log.
package struct MemberChanges {
    private let rows: any DirectoryRows
    private let organization: Organization
    private let author: ChangeAuthor
    private let now: Timestamp
    /// Whether an organization may be left without an active owner.
    private let isForced: Bool

    package init(
        _ rows: any DirectoryRows, of organization: Organization, author: ChangeAuthor, isForced: Bool,
        at now: Timestamp
    ) {
        self.rows = rows
        self.organization = organization
        self.author = author
        self.isForced = isForced
        self.now = now
    }

    /// Makes a user a member, or gives a member another role; roles through teams stay.
    ///
    /// - Returns: the membership before; nil for a new member.
    package func add(userID: Int64, role: Role) throws(ManagementRefusal) -> Membership? {
        let user = try present(userID)
        let before = try membership(of: user)
        guard before?.role != role else { return before }
        if before?.role == .owner { try requireAnotherOwner(than: user) }
        var document = DirectoryDocument()
        document.memberships = [
            Membership(
                userID: userID, organizationID: organization.id, role: role, teamRoles: before?.teamRoles ?? [])
        ]
        try directory(rows.write(document))
        try record(before == nil ? AuditEntry.memberAdded : AuditEntry.memberChanged, user, ["role \(role.rawValue)"])
        return before
    }

    package func remove(userID: Int64) throws(ManagementRefusal) {
        let user = try present(userID)
        guard let membership = try membership(of: user) else {
            throw .forbidden("\(user.username) is no member of \(organization.slug)")
        }
        if membership.role == .owner { try requireAnotherOwner(than: user) }
        try directory(rows.removeMembership(userID: userID, organizationID: organization.id))
        try record(AuditEntry.memberRemoved, user, [])
    }

    private func present(_ userID: Int64) throws(ManagementRefusal) -> User {
        guard let user = try directory(rows.user(id: userID)) else { throw .notFound }
        return user
    }

    private func membership(of user: User) throws(ManagementRefusal) -> Membership? {
        try directory(rows.membership(userID: user.id, organizationID: organization.id))
    }

    /// Only owners get the mails about an organization's apps.
    private func requireAnotherOwner(than user: User) throws(ManagementRefusal) {
        guard !isForced else { return }
        guard try !directory(rows.owners(organizationID: organization.id)).contains(where: { $0.id != user.id }) else {
            return
        }
        throw .forbidden(
            "\(user.username) is the last owner of \(organization.slug), and nobody else would get mails about its "
                + "apps: make somebody else an owner first, or repeat the command with --force")
    }

    private func record(_ event: Int, _ user: User, _ changes: [String]) throws(ManagementRefusal) {
        try directory(
            rows.record(
                AuditEntry.Draft(
                    event: event, by: author, organizationID: organization.id,
                    members: [.init(name: "name", value: .string(user.username))], changes: changes, at: now)))
    }
}
