package import Model
import WireJSON

/// A list of custom headers in a field: strings `Name: value`. No message contains a value.
package struct CustomHeaderList {
    package let headers: [SentryApp.CustomHeader]

    /// What answers show in place of a value. In a request it stands for the present value of the header.
    package static let mask = String(repeating: "*", count: 64)

    /// - Parameter present: the app's headers, whose values the mask stands for; nil = the mask is a value.
    init(_ fields: ObjectReader, _ name: String, keeping present: [SentryApp.CustomHeader]? = nil) {
        var names = Set<String>()
        let problems = fields.problems
        headers =
            fields.list(name) { element, path -> SentryApp.CustomHeader? in
                guard case .string(let text) = element else {
                    problems.report(path, "must be a string, not \(element.kind)")
                    return nil
                }
                guard let text = problems.storable(text, path: path) else { return nil }
                guard let given = SentryApp.CustomHeader(splitting: text) else {
                    problems.report(path, "must be a name, a colon and a value")
                    return nil
                }
                var header = given
                if let present, given.value.exposed == Self.mask {
                    let known = present.first { $0.name.lowercased() == given.name.lowercased() }
                    guard let known else {
                        problems.report(path, "asterisks stand for the present value, but the app has no such header")
                        return nil
                    }
                    header.value = known.value
                }
                if let problem = header.problem {
                    if header.value.isEncrypted {
                        // Not even in an export: it could not be read again.
                        problems.report(path, problem.description)
                    } else {
                        fields.reportViolation(name, path: path, problem.description)
                    }
                }
                if !names.insert(header.name.lowercased()).inserted {
                    fields.reportViolation(name, path: path, "\(header.name) is repeated")
                }
                return header
            } ?? []
        if let problem = SentryApp.CustomHeader.problem(ofAll: headers) { fields.reportViolation(name, problem) }
    }
}
