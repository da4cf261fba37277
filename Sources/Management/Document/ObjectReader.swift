package import Directory
import Model
import WireJSON

/// Reads the fields of one JSON object and reports problems.
///
/// `finish` reports all fields that were not read. A field with the value `null` counts as absent. The reading
/// functions return nil after a reported problem and when an optional field is absent.
final class ObjectReader {
    let path: String
    let problems: ProblemList
    /// The row that the object is; nil for an object in a row.
    private let row: (kind: RowKind, index: Int)?
    private var members: [String: JSONValue] = [:]
    private let names: [String]
    private var known = Set<String>()

    /// Nil, with a reported problem, when `value` is not an object.
    init?(
        _ value: JSONValue, path: String, row: (kind: RowKind, index: Int)? = nil, problems: ProblemList
    ) {
        self.path = path
        self.row = row
        self.problems = problems
        guard case .object(let list) = value else {
            problems.report(path, "must be an object, not \(value.kind)")
            return nil
        }
        names = list.map(\.name)
        for member in list where members.updateValue(member.value, forKey: member.name) != nil {
            problems.report(self.path(of: member.name), "is repeated")
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

    /// Whether the object has the field, be it null.
    func gives(_ name: String) -> Bool { members[name] != nil }

    func report(_ name: String, _ message: String) {
        problems.report(path(of: name), message)
    }

    /// Reports a value of the row that breaks a rule, but that the directory may have already.
    ///
    /// - Parameter path: that of the value; nil = that of the field.
    func reportViolation(_ name: String, path: String? = nil, _ message: String) {
        let problem = DocumentProblem(path: path ?? self.path(of: name), message: message)
        guard let row else { return problems.report(problem.path, problem.message) }
        problems.report(RuleViolation(problem: problem, kind: row.kind, index: row.index, field: name))
    }

    /// Reports unknown fields.
    func finish() {
        for name in Set(names).subtracting(known).sorted() { report(name, "unknown field") }
    }

    func required<Value>(_ name: String, _ read: (String) -> Value?) -> Value? {
        guard value(name) != nil else {
            report(name, "is required")
            return nil
        }
        return read(name)
    }

    func integer(_ name: String) -> Int64? {
        value(name).flatMap { integer($0, path: path(of: name)) }
    }

    /// A row's id: greater than zero.
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

    /// One of the names of `values`.
    func choice<Value>(_ name: String, _ values: [Value], name nameOf: (Value) -> String) -> Value? {
        string(name).flatMap { choice($0, path: path(of: name), values, name: nameOf) }
    }

    /// A list of words without white space.
    func words(_ name: String) -> [String]? {
        list(name) { element, path in
            guard let word = self.string(element, path: path) else { return nil }
            guard !word.isEmpty, !word.contains(where: \.isWhitespace) else {
                self.problems.report(path, "\"\(word)\" must be one word without white space")
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

    /// The compact JSON of a field that is an object.
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
            problems.report(path, "must be an integer, not \(value.kind)")
            return nil
        }
        guard let number = Int64(text) else {
            problems.report(path, "\(text) is not a 64-bit integer")
            return nil
        }
        return number
    }

    private func string(_ value: JSONValue, path: String) -> String? {
        guard case .string(let text) = value else {
            problems.report(path, "must be a string, not \(value.kind)")
            return nil
        }
        return problems.storable(text, path: path)
    }

    private func choice<Value>(
        _ text: String, path: String, _ values: [Value], name nameOf: (Value) -> String
    ) -> Value? {
        if let value = values.first(where: { nameOf($0) == text }) { return value }
        problems.report(path, "\"\(text)\" is not one of \(values.map(nameOf).joined(separator: ", "))")
        return nil
    }
}

/// Fields with special formats.
extension ObjectReader {
    /// A name that is part of URLs.
    func slug(_ name: String) -> String? {
        guard let slug = text(name) else { return nil }
        if !Slug.isValid(slug) { reportViolation(name, "\"\(slug)\" \(Slug.rule)") }
        return slug
    }

    /// An event's id: 32 hexadecimal digits, dashes and capital letters allowed.
    func eventID(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        if let id = Self.eventID(text) { return id }
        report(name, "\"\(text)\" is not an event id of 32 hexadecimal digits")
        return nil
    }

    /// An event's id without dashes and in lower case; nil when it is none.
    static func eventID(_ text: String) -> String? {
        let id = text.replacing("-", with: "").lowercased()
        let isID = id.utf8.count == 32 && id.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        return isID ? id : nil
    }

    /// `token` in clear or `token_sha256`, exactly one of them. No message contains their values.
    func tokenDigest() -> TokenDigest? {
        let clear = value("token")
        let hashed = value("token_sha256")
        guard (clear == nil) != (hashed == nil) else {
            problems.report(path, "requires either token or token_sha256")
            return nil
        }
        if clear != nil { return string("token").flatMap(clearToken).map(TokenDigest.init(hashing:)) }
        guard let text = string("token_sha256") else { return nil }
        guard let digest = TokenDigest(rawValue: text) else {
            report("token_sha256", "must be 64 lower-case hexadecimal digits")
            return nil
        }
        return digest
    }

    /// The shortest token in clear that is accepted: a shorter one can be guessed.
    static let minimumTokenByteCount = 16

    /// A token that a client can send (RFC 6750, 2.1) and that is not too short.
    private func clearToken(_ text: String) -> String? {
        let isSendable = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        if text.utf8.count >= Self.minimumTokenByteCount, isSendable { return text }
        report(
            "token",
            "must have at least \(Self.minimumTokenByteCount) printable ASCII characters without spaces; "
                + "'hookline token create' makes one")
        return nil
    }
}

/// Collects the problems of a document, up to a limit.
package final class ProblemList {
    package private(set) var problems: [DocumentProblem] = []
    /// The count of all problems, those beyond the limit included.
    package private(set) var count = 0
    private let accepts: (RuleViolation) -> Bool

    /// The maximum count of listed problems.
    package static let limit = 20

    package init(accepts: @escaping (RuleViolation) -> Bool) {
        self.accepts = accepts
    }

    package func report(_ path: String, _ message: String) {
        count += 1
        if problems.count < Self.limit { problems.append(DocumentProblem(path: path, message: message)) }
    }

    /// The text, unless it has a character that PostgreSQL cannot store; then a problem is reported. The message does
    /// not contain the text, which may be a secret.
    func storable(_ text: String, path: String) -> String? {
        guard text.utf8.contains(0) else { return text }
        report(path, "must not contain the zero character U+0000")
        return nil
    }

    package func report(_ violation: RuleViolation) {
        if !accepts(violation) { report(violation.problem.path, violation.problem.message) }
    }
}
