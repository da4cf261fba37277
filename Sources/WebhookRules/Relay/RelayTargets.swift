package import Model
package import WireJSON

/// The targets of an app, as a directory stores them.
package struct RelayTargets: Hashable, Sendable {
    package var list: [RelayTarget]

    package init(_ list: [RelayTarget]) {
        self.list = list
    }

    /// Those of an app; empty if nothing is relayed for it. Nil when what the directory has is not what `stored` makes.
    package init?(of app: SentryApp) { self.init(stored: app.relayTargets) }

    /// Parses what `stored` makes.
    package init?(stored: Secret?) {
        guard let stored else {
            self.init([])
            return
        }
        guard case .array(let elements)? = try? JSONValue(parsing: stored.exposed) else { return nil }
        var list: [RelayTarget] = []
        for element in elements {
            guard let target = RelayTarget(element) else { return nil }
            list.append(target)
        }
        self.init(list)
    }

    /// One JSON text; nil for none. It contains the values of headers.
    package var stored: Secret? {
        list.isEmpty ? nil : Secret(JSONValue.array(list.map(\.json)).compactText)
    }

    /// The target with this name.
    package subscript(name: String) -> RelayTarget? { list.first { $0.name == name } }
}

extension RelayTarget {
    /// Members with their default values are left out. It contains the values of headers.
    package var json: JSONValue { json { $0.exposedText } }

    /// - Parameter header: the text of a header.
    package func json(header: (SentryApp.CustomHeader) -> String) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "name", value: .string(name)), .init(name: "url", value: .string(url)),
        ]
        if !events.isEmpty { members.append(.init(name: "events", value: .array(events.map(JSONValue.string)))) }
        if !conditions.isEmpty {
            let inner = conditions.map { JSONValue.Member(name: $0.path, value: $0.value) }
            members.append(.init(name: "conditions", value: .object(inner)))
        }
        if let timeoutMilliseconds {
            members.append(.init(name: "timeout_ms", value: .number(String(timeoutMilliseconds))))
        }
        if !headers.isEmpty {
            members.append(.init(name: "headers", value: .array(headers.map { .string(header($0)) })))
        }
        return .object(members)
    }

    /// Parses what `json` made; nil for anything else.
    fileprivate init?(_ value: JSONValue) {
        guard let name = value["name"]?.string, Self.isName(name), let url = value["url"]?.string else { return nil }
        self.init(name: name, url: url)
        if case .array(let events)? = value["events"] { self.events = events.compactMap(\.string) }
        if case .object(let members)? = value["conditions"] {
            conditions = members.map { Condition(path: $0.name, value: $0.value) }
        }
        timeoutMilliseconds = value["timeout_ms"]?.integer.flatMap { Int(exactly: $0) }
        if case .array(let lines)? = value["headers"] {
            headers = lines.compactMap { $0.string.flatMap(SentryApp.CustomHeader.init(splitting:)) }
        }
    }
}
