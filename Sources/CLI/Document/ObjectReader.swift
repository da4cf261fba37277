import Directory
import Model
import WireJSON

/// Reads the fields of one JSON object and reports what is wrong with them.
///
/// Each field that is asked for counts as known; `finish` reports all others. A field with the value `null` counts as
/// absent. Every reading function returns nil after it has reported a problem, or when an optional field is absent.
final class ObjectReader {
    let path: String
    let problems: ProblemList
    private var members: [String: JSONValue] = [:]
    private let names: [String]
    private var known = Set<String>()

    /// Nil, reported, when `value` is no object.
    init?(_ value: JSONValue, path: String, problems: ProblemList) {
        self.path = path
        self.problems = problems
        guard case .object(let list) = value else {
            problems.report(path, "must be an object, not \(value.kind)")
            return nil
        }
        names = list.map(\.name)
        for member in list where members.updateValue(member.value, forKey: member.name) != nil {
            problems.report(self.path(of: member.name), "stands twice in one object")
        }
    }

    func path(of name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// The field's value; nil when it is absent or null.
    func value(_ name: String) -> JSONValue? {
        known.insert(name)
        let value = members[name]
        return value == .null ? nil : value
    }

    func report(_ name: String, _ message: String) {
        problems.report(path(of: name), message)
    }

    /// Reports fields that nobody asked for.
    func finish() {
        for name in Set(names).subtracting(known).sorted() { report(name, "unknown field") }
    }

    func required<Value>(_ name: String, _ read: (String) -> Value?) -> Value? {
        guard value(name) != nil else {
            report(name, "is missing")
            return nil
        }
        return read(name)
    }

    func integer(_ name: String) -> Int64? {
        value(name).flatMap { integer($0, path: path(of: name)) }
    }

    /// A row's number: greater than zero.
    func id(_ name: String) -> Int64? {
        guard let id = integer(name) else { return nil }
        guard id > 0 else {
            report(name, "must be greater than 0")
            return nil
        }
        return id
    }

    func string(_ name: String) -> String? {
        value(name).flatMap { string($0, path: path(of: name)) }
    }

    func text(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        guard !text.isEmpty else {
            report(name, "must not be empty")
            return nil
        }
        return text
    }

    func flag(_ name: String, default standard: Bool) -> Bool {
        switch value(name) {
        case nil: return standard
        case .bool(let flag)?: return flag
        case let other?:
            report(name, "must be true or false, not \(other.kind)")
            return standard
        }
    }

    func timestamp(_ name: String) -> Timestamp? {
        guard let text = string(name) else { return nil }
        guard let timestamp = Timestamp(parsing: text) else {
            report(name, "\"\(text)\" is not a time such as 2024-01-31T12:00:00Z")
            return nil
        }
        return timestamp
    }

    /// One of a few names.
    func choice<Value>(_ name: String, _ values: [Value], name nameOf: (Value) -> String) -> Value? {
        string(name).flatMap { choice($0, path: path(of: name), values, name: nameOf) }
    }

    /// A list of names without white space, each once.
    func words(_ name: String) -> [String]? {
        list(name) { element, path in
            guard let word = self.string(element, path: path) else { return nil }
            guard !word.isEmpty, !word.contains(where: \.isWhitespace) else {
                self.problems.report(path, "\"\(word)\" must be one word")
                return nil
            }
            return word
        }
    }

    func choices<Value>(_ name: String, _ values: [Value], name nameOf: (Value) -> String) -> [Value]? {
        list(name) { element, path in
            self.string(element, path: path).flatMap { self.choice($0, path: path, values, name: nameOf) }
        }
    }

    func scopes(_ name: String) -> ScopeSet {
        ScopeSet(choices(name, Scope.allCases, name: \.rawValue) ?? [])
    }

    func ids(_ name: String) -> [Int64]? {
        list(name) { element, path in self.integer(element, path: path) }
    }

    /// The elements of an array that `read` accepts.
    func list<Element>(_ name: String, _ read: (JSONValue, String) -> Element?) -> [Element]? {
        switch value(name) {
        case nil: return nil
        case .array(let elements)?:
            return elements.enumerated().compactMap { read($1, "\(path(of: name))[\($0)]") }
        case let other?:
            report(name, "must be an array, not \(other.kind)")
            return nil
        }
    }

    /// The text of a field that holds an object.
    func objectText(_ name: String) -> String? {
        switch value(name) {
        case nil: return nil
        case let object?:
            guard case .object = object else {
                report(name, "must be an object, not \(object.kind)")
                return nil
            }
            return object.compactText
        }
    }

    private func integer(_ value: JSONValue, path: String) -> Int64? {
        guard case .number(let text) = value else {
            problems.report(path, "must be a whole number, not \(value.kind)")
            return nil
        }
        guard let number = Int64(text) else {
            problems.report(path, "\(text) is not a whole number of 64 bits")
            return nil
        }
        return number
    }

    private func string(_ value: JSONValue, path: String) -> String? {
        guard case .string(let text) = value else {
            problems.report(path, "must be a string, not \(value.kind)")
            return nil
        }
        return text
    }

    private func choice<Value>(
        _ text: String, path: String, _ values: [Value], name nameOf: (Value) -> String
    ) -> Value? {
        if let value = values.first(where: { nameOf($0) == text }) { return value }
        problems.report(path, "\"\(text)\" is not one of \(values.map(nameOf).joined(separator: ", "))")
        return nil
    }
}
