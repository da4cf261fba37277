import Model
package import WireJSON

/// The fields of a new organization.
package struct OrganizationFields {
    package let slug: String
    /// The slug unless the request says otherwise.
    package let name: String

    /// The longest name, in characters: the original's.
    package static let maximumNameLength = 64

    package init(_ value: JSONValue) throws(ManagementRefusal) {
        let problems = ProblemList { _ in false }
        guard let fields = ObjectReader(value, path: "", problems: problems) else {
            throw .fields(problems.problems)
        }
        slug = fields.required("slug", fields.slug) ?? ""
        if Slug.looksLikeID(slug) {
            fields.report("slug", "must not consist of digits alone: paths take that for an id")
        }
        name = fields.text("name") ?? slug
        fields.limit("name", name, Self.maximumNameLength)
        fields.finish()
        guard problems.count == 0 else { throw .fields(problems.problems) }
    }
}

extension ObjectReader {
    /// Reports a text that is too long, or has characters that would break a line or a list.
    ///
    /// - Parameter maximum: in characters.
    func limit(_ name: String, _ text: String, _ maximum: Int) {
        let count = text.unicodeScalars.count
        if count > maximum { report(name, "has \(count) characters, the maximum is \(maximum)") }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            report(name, "must not contain control characters")
        }
    }
}
