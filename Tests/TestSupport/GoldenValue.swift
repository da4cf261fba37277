/// A JSON value of a golden file. Objects keep their order, numbers their text, so that nothing is lost in a comparison.
package enum GoldenValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number as it is written.
    case number(String)
    case string(String)
    case array([GoldenValue])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: GoldenValue
    }

    /// The value of a member; null when there is none, or when this is no object.
    package subscript(key: String) -> GoldenValue {
        guard case .object(let members) = self else { return .null }
        return members.last { $0.key == key }?.value ?? .null
    }

    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }

    /// The elements of an array; none for anything else.
    package var elements: [GoldenValue] {
        if case .array(let values) = self { values } else { [] }
    }

    /// The members of an object in their order; none for anything else.
    package var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    /// Reads one JSON text.
    package init(parsing bytes: [UInt8]) throws {
        var reader = GoldenReader(bytes: bytes)
        self = try reader.readDocument()
    }

    package init(parsing text: String) throws {
        try self.init(parsing: Array(text.utf8))
    }

    /// The same value without the order of objects' members and the spelling of numbers: what "equal as JSON" compares.
    package var canonical: GoldenValue {
        switch self {
        case .array(let values): .array(values.map(\.canonical))
        case .object(let members):
            .object(
                Dictionary(members.map { ($0.key, $0.value.canonical) }, uniquingKeysWith: { $1 })
                    .sorted { $0.key < $1.key }.map { Member(key: $0.key, value: $0.value) })
        case .number(let text): .number(Double(text).map { String($0) } ?? text)
        default: self
        }
    }
}

extension GoldenValue {
    /// The value as JSON text, members in their order.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): GoldenValue.quoted(text)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { GoldenValue.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 32:
                "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
