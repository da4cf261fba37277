import Directory
import Model
import WireJSON

/// Completes the rows of a document with the fields that the directory's rows have and the document does not give.
///
/// A row is merged as RFC 7396 merges an object, but only at the top: a field that the document gives replaces the
/// present one as a whole, and `null` removes it, so that it gets its default.
struct DirectoryDocumentMerge {
    let stored: StoredRows

    /// The document with complete rows, in the same order. What cannot be recognized is left as it is, for the reader
    /// to report.
    func merged(_ document: JSONValue) throws(DirectoryError) -> JSONValue {
        guard case .object(var members) = document else { return document }
        for index in members.indices {
            guard let kind = RowKind(rawValue: members[index].name), case .array(let elements) = members[index].value
            else { continue }
            members[index].value = .array(
                try elements.map { element throws(DirectoryError) in try merged(element, kind) })
        }
        return .object(members)
    }

    private func merged(_ patch: JSONValue, _ kind: RowKind) throws(DirectoryError) -> JSONValue {
        guard case .object(let given) = patch, case .object(var fields)? = try stored.row(like: patch, kind)
        else { return patch }
        let names = Set(given.map(\.name))
        let changed = kind == .apps ? Self.withSubscriptions(given, of: .object(fields)) : given
        let replaced = names.union(Self.dependents(of: names, kind))
        fields.removeAll { replaced.contains($0.name) }
        return .object(fields + changed)
    }

    /// The given fields of an app that they enable or disable, with its present subscriptions if they do not give any.
    private static func withSubscriptions(_ given: [JSONValue.Member], of app: JSONValue) -> [JSONValue.Member] {
        guard let index = given.firstIndex(where: { $0.name == "disabled" }),
            !given.contains(where: { $0.name == "events" }),
            let present = app["disabled"]?["events"] ?? app["events"]
        else { return given }
        let subscriptions = JSONValue.Member(name: "events", value: present)
        guard case .object(let disablement) = given[index].value else { return given + [subscriptions] }
        var given = given
        if given[index].value["events"] == nil { given[index].value = .object(disablement + [subscriptions]) }
        return given
    }

    /// Fields that must not be kept when others are given, because they say the same.
    private static func dependents(of names: Set<String>, _ kind: RowKind) -> Set<String> {
        switch kind {
        case .apps:
            var dependents = Set<String>()
            if names.contains("components") { dependents.insert("schema") }
            if names.contains("schema") { dependents.insert("components") }
            // The new subscriptions of a disabled app are those that enabling it restores.
            if names.contains("events") { dependents.insert("disabled") }
            // An app that is disabled has no subscriptions but those in `disabled`.
            if names.contains("disabled") { dependents.insert("events") }
            return dependents
        case .tokens: return names.contains("token") ? ["token_sha256"] : []
        case .organizations, .users, .memberships, .installations, .serviceHooks, .projects, .issueEvents,
            .auditEntries:
            return []
        }
    }
}
