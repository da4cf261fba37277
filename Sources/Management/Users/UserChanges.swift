package import Directory
package import Model
import WireJSON

/// Changes of users, each in the transaction of `rows`, with an entry in the audit log of each organization that the
/// user is a member of.
package struct UserChanges {
    private let rows: any DirectoryRows
    private let author: ChangeAuthor
    private let now: Timestamp

    package init(_ rows: any DirectoryRows, author: ChangeAuthor, at now: Timestamp) {
        self.rows = rows
        self.author = author
        self.now = now
    }

    /// - Returns: the user, and another one with the same e-mail address, which identifies neither then.
    package func add(_ fields: UserFields) throws(ManagementRefusal) -> (user: User, sameAddress: User?) {
        guard try directory(rows.user(username: fields.username)) == nil else {
            throw ManagementRefusal("username", "the user name \"\(fields.username)\" is taken")
        }
        // User names come first where somebody signs in: the other would be taken for this one.
        if let other = try directory(rows.users(email: fields.username)).first {
            throw ManagementRefusal("username", "is the e-mail address of the user \(other.username)")
        }
        if try directory(rows.user(username: fields.email)) != nil {
            throw ManagementRefusal("email", "is the name of another user, who would be taken for this one")
        }
        let sameAddress = try directory(rows.users(email: fields.email)).first
        let user = User(
            id: try directory(rows.nextID(of: .users)), username: fields.username, email: fields.email,
            name: fields.name, isSuperuser: fields.isSuperuser)
        try write(user)
        return (user, sameAddress)
    }

    /// Disables or enables a user. A disabled one has no rights, nor have the tokens and sessions.
    ///
    /// - Returns: the organizations that the user is an owner of and that have no active owner now; their ids.
    package func setActive(_ isActive: Bool, userID: Int64) throws(ManagementRefusal) -> [Int64] {
        guard var user = try directory(rows.user(id: userID)) else { throw .notFound }
        guard user.isActive != isActive else {
            throw .forbidden("the user \"\(user.username)\" is already \(isActive ? "enabled" : "disabled")")
        }
        user.isActive = isActive
        try write(user)
        var withoutOwner: [Int64] = []
        for organizationID in try directory(rows.organizationIDs(ofUser: userID)) {
            try directory(
                rows.record(
                    AuditEntry.Draft(
                        event: isActive ? AuditEntry.userEnabled : AuditEntry.userDisabled, by: author,
                        organizationID: organizationID,
                        members: [.init(name: "name", value: .string(user.username))], at: now)))
            let membership = try directory(rows.membership(userID: userID, organizationID: organizationID))
            guard membership?.role == .owner, try directory(rows.owners(organizationID: organizationID)).isEmpty
            else { continue }
            withoutOwner.append(organizationID)
        }
        return withoutOwner
    }

    private func write(_ user: User) throws(ManagementRefusal) {
        var document = DirectoryDocument()
        document.users = [user]
        try directory(rows.write(document))
    }
}
