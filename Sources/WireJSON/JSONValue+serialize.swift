/// Writing values as JSON, members in their order.
///
/// Of members with the same name the last value is written at the first one's position, as in a Python dictionary.
extension JSONValue {
    /// A number that is an integer.
    package static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// The value as compact JSON.
    package func serialized(escaping: JSONText.Escaping) -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output, escaping: escaping, indentation: nil)
        return output
    }

    /// The value on one line without spaces, escaped like the API's responses.
    package var compactText: String { String(decoding: serialized(escaping: .unicode), as: UTF8.self) }

    /// The value with one member or element per line, indented by two spaces per level, and a final line break. Arrays
    /// without arrays or objects stay on one line.
    package var prettyText: String {
        var output: [UInt8] = []
        append(to: &output, escaping: .unicode, indentation: 0)
        output.append(UInt8(ascii: "\n"))
        return String(decoding: output, as: UTF8.self)
    }

    /// - Parameter indentation: spaces before the closing bracket's line; nil = all on one line.
    private func append(to output: inout [UInt8], escaping: JSONText.Escaping, indentation: Int?) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): JSONText.append(text, escaping: escaping, to: &output)
        case .array(let elements):
            let isMultiline = indentation != nil && elements.contains(where: \.isContainer)
            let separator = indentation != nil && !isMultiline ? ", " : ","
            let inner = isMultiline ? indentation : nil
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(contentsOf: separator.utf8) }
                JSONValue.appendLineBreak(inner.map { $0 + 2 }, to: &output)
                element.append(to: &output, escaping: escaping, indentation: inner.map { $0 + 2 })
            }
            JSONValue.appendLineBreak(inner, to: &output)
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in JSONValue.distinct(members).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONValue.appendLineBreak(indentation.map { $0 + 2 }, to: &output)
                JSONText.append(member.name, escaping: escaping, to: &output)
                output.append(contentsOf: (indentation == nil ? ":" : ": ").utf8)
                member.value.append(to: &output, escaping: escaping, indentation: indentation.map { $0 + 2 })
            }
            if !members.isEmpty { JSONValue.appendLineBreak(indentation, to: &output) }
            output.append(UInt8(ascii: "}"))
        }
    }

    private var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    private static func appendLineBreak(_ indentation: Int?, to output: inout [UInt8]) {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation))
    }

    private static func distinct(_ members: [Member]) -> [Member] {
        var positions: [ExactName: Int] = [:]
        return members.reduce(into: []) { distinct, member in
            let name = ExactName(text: member.name)
            if let position = positions[name] {
                distinct[position].value = member.value
            } else {
                positions[name] = distinct.count
                distinct.append(member)
            }
        }
    }
}

/// A member's name, compared by bytes. Swift's `==` on strings treats `é` as one and as two scalars as equal; in JSON
/// they are different names.
private struct ExactName: Hashable {
    let text: String

    static func == (left: ExactName, right: ExactName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
