import Model
package import WireJSON

/// The fields of a new user.
package struct UserFields {
    package let username: String
    package let email: String
    /// The display name.
    package let name: String
    package let isSuperuser: Bool

    /// The longest user name, in characters: the original's.
    package static let maximumUsernameLength = 128
    /// The longest display name, in characters: the original's.
    package static let maximumNameLength = 200

    /// - Parameter hosts: which addresses are accepted.
    package init(_ value: JSONValue, hosts: HostRules) throws(ManagementRefusal) {
        let problems = ProblemList { _ in false }
        guard let fields = ObjectReader(value, path: "", problems: problems) else {
            throw .fields(problems.problems)
        }
        username = fields.required("username", fields.text) ?? ""
        fields.limit("username", username, Self.maximumUsernameLength)
        if username.contains(where: \.isWhitespace) { fields.report("username", "must not contain white space") }
        if Slug.looksLikeID(username) {
            fields.report("username", "must not consist of digits alone: commands take that for an id")
        }
        email = fields.required("email", fields.text) ?? ""
        if !email.isEmpty, !hosts.acceptsMailAddress(email) {
            fields.report("email", "\(FieldText.quoted(email)): \(MailAddressSyntax.rule)")
        }
        name = fields.string("name") ?? ""
        fields.limit("name", name, Self.maximumNameLength)
        isSuperuser = fields.flag("isSuperuser", default: false)
        fields.finish()
        guard problems.count == 0 else { throw .fields(problems.problems) }
    }
}
