package import Model
package import WireJSON

/// The fields of a membership.
package struct MemberFields {
    package let role: Role

    package init(_ value: JSONValue) throws(ManagementRefusal) {
        let problems = ProblemList { _ in false }
        guard let fields = ObjectReader(value, path: "", problems: problems) else {
            throw .fields(problems.problems)
        }
        role = fields.required("role") { fields.choice($0, Role.allCases, name: \.rawValue) } ?? .member
        fields.finish()
        guard problems.count == 0 else { throw .fields(problems.problems) }
    }
}
