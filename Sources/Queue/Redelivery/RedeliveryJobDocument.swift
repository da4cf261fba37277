package import Model
package import WireJSON

/// A redelivery job as the API and the command line show it.
package enum RedeliveryJobDocument {
    /// - Parameter organization: that of the selection; nil also when it does not exist any more.
    package static func value(of job: RedeliveryJob, organization: Organization?) -> JSONValue {
        func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        func number(_ number: Int) -> JSONValue { .number(String(number)) }
        let selection = job.selection
        let types = selection.events.map { $0.map(\.rawValue).sorted().map { JSONValue.string($0) } }
        let members: [(String, JSONValue)] = [
            ("id", .string(job.id)), ("state", .string(job.state.rawValue)), ("reason", text(job.reason)),
            ("since", .string(selection.since.iso8601Description)),
            ("until", .string(selection.until.iso8601Description)), ("errorsOnly", .bool(selection.errorsOnly)),
            ("eventTypes", types.map { .array($0) } ?? .null), ("organizationSlug", text(organization?.slug)),
            ("createdAt", .string(job.createdAt.iso8601Description)), ("createdBy", .string(job.createdBy)),
            ("finishedAt", text(job.finishedAt?.iso8601Description)), ("total", number(job.total)),
            ("examined", number(job.counts.examined)),
        ]
        let counts = RedeliveryJob.countFields.map { (camelCase($0.name), number(job.counts[keyPath: $0.path])) }
        return .object((members + counts).map { JSONValue.Member(name: $0.0, value: $0.1) })
    }

    package static func json(of job: RedeliveryJob, organization: Organization?) -> [UInt8] {
        value(of: job, organization: organization).serialized(escaping: .unicode)
    }

    /// `already-queued` as `alreadyQueued`.
    private static func camelCase(_ name: String) -> String {
        let parts = name.split(separator: "-")
        return parts.dropFirst().reduce(into: String(parts[0])) { $0 += $1.capitalized }
    }
}

extension Substring {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
