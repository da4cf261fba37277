import Directory
import Model
import WebhookRules
import WireJSON

/// The field `targets` of an app: the receivers that its webhooks are relayed to.
struct RelayTargetList {
    /// How the members of a target are written.
    enum Form {
        /// In directory documents.
        case document
        /// In the API, where values of headers are masked.
        ///
        /// - Parameter stored: the targets of the app: a header of the target of the same name whose value is masked
        ///   keeps it.
        case api(stored: RelayTargets)
    }

    /// Nil when the field is absent, or when it has problems, which are reported.
    let targets: RelayTargets?

    /// - Parameter hosts: which URLs are accepted.
    init(_ fields: ObjectReader, _ name: String, hosts: HostRules, form: Form = .document) {
        var names = Set<String>()
        let list = fields.list(name) { element, path -> RelayTarget? in
            guard let inner = ObjectReader(element, path: path, problems: fields.problems) else { return nil }
            defer { inner.finish() }
            guard let target = Self.target(inner, hosts: hosts, form) else { return nil }
            if !names.insert(target.name).inserted {
                inner.report("name", "is the name of another target, too")
                return nil
            }
            return target
        }
        if let list, list.count > RelayTarget.maximumCount {
            fields.report(name, "has \(list.count) targets, the maximum is \(RelayTarget.maximumCount)")
        }
        targets = list.map(RelayTargets.init)
    }

    private static func target(_ fields: ObjectReader, hosts: HostRules, _ form: Form) -> RelayTarget? {
        let name = fields.required("name", fields.text)
        let url = fields.required("url", fields.text)
        let events = fields.words("events") ?? []
        let conditions = conditions(fields)
        let timeout: Int?
        let headers: [SentryApp.CustomHeader]
        switch form {
        case .document:
            timeout = fields.webhookTimeout("timeout_ms")
            headers = CustomHeaderList(fields, "headers").headers
        case .api(let stored):
            timeout = fields.webhookTimeout("timeoutMs")
            let known = name.flatMap { stored[$0]?.headers } ?? []
            headers = CustomHeaderList(fields, "headers", keeping: known).headers
        }
        if events.count > RelayTarget.maximumFilterCount {
            fields.report("events", "has \(events.count) events, the maximum is \(RelayTarget.maximumFilterCount)")
        }
        for event in events where !RelayTarget.isEventFilter(event) {
            fields.report(
                "events", "\(FieldText.quoted(event)) is no event such as issue.created, and no resource such as issue")
        }
        if let name, !RelayTarget.isName(name) { fields.report("name", RelayTarget.nameRule) }
        if let url, let problem = hosts.problemOfURL(url) { fields.report("url", problem.reason) }
        guard let name, RelayTarget.isName(name), let url else { return nil }
        return RelayTarget(
            name: name, url: url, events: events, conditions: conditions, timeoutMilliseconds: timeout,
            headers: headers)
    }

    private static func conditions(_ fields: ObjectReader) -> [RelayTarget.Condition] {
        guard let value = fields.value("conditions") else { return [] }
        guard case .object(let members) = value else {
            fields.report("conditions", "must be an object, not \(value.kind)")
            return []
        }
        if members.count > RelayTarget.maximumFilterCount {
            fields.report(
                "conditions", "has \(members.count) conditions, the maximum is \(RelayTarget.maximumFilterCount)")
        }
        for member in members {
            let path = "conditions.\(member.name)"
            if !RelayTarget.isPath(member.name) {
                fields.report(path, "must be names of members with dots between them, such as data.issue.project.slug")
            }
            switch member.value {
            case .array, .object: fields.report(path, "must be a string, a number, a boolean or null")
            case .null, .bool, .number, .string: break
            }
        }
        return members.map { RelayTarget.Condition(path: $0.name, value: $0.value) }
    }
}
