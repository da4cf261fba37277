package import Model
package import WireJSON

/// The fields of a request that installs an app.
package struct InstallationFields {
    package let appSlug: String
    /// `installed` unless the request says otherwise.
    package let status: Installation.Status

    package init(_ value: JSONValue) throws(ManagementRefusal) {
        let problems = ProblemList { _ in false }
        guard let fields = ObjectReader(value, path: "", problems: problems) else {
            throw .fields(problems.problems)
        }
        appSlug = fields.required("slug", fields.text) ?? ""
        status = fields.choice("status", Installation.Status.allCases, name: \.name) ?? .installed
        fields.finish()
        guard problems.count == 0 else { throw .fields(problems.problems) }
    }
}
