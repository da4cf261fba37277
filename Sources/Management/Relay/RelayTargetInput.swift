import Directory
import Model
package import WebhookRules
package import WireJSON

extension RelayTarget {
    /// Reads one target that people give.
    ///
    /// - Parameters:
    ///   - value: what a directory document has as an element of `targets`.
    ///   - rule: which URLs are accepted.
    /// - Throws: `fields`, with paths inside of the target, such as `conditions.data.id`. No message contains the value
    ///   of a header.
    package init(reading value: JSONValue, rule: WebhookURLRule) throws(ManagementRefusal) {
        let problems = ProblemList { _ in false }
        let list = JSONValue.object([.init(name: "targets", value: .array([value]))])
        guard let fields = ObjectReader(list, path: "", problems: problems) else { throw .fields(problems.problems) }
        let target = RelayTargetList(fields, "targets", hosts: rule.hosts).targets?.list.first
        if problems.count == 0, let target, let problem = rule.problem(of: target.url) {
            problems.report("targets[0].url", problem)
        }
        guard problems.count == 0, let target else {
            let prefix = "targets[0]."
            throw .fields(
                problems.problems.map { problem in
                    let isInside = problem.path.hasPrefix(prefix)
                    let path = isInside ? String(problem.path.dropFirst(prefix.count)) : problem.path
                    return DocumentProblem(path: path, message: problem.message)
                })
        }
        self = target
    }
}
