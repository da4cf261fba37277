import WireJSON

/// Making JSON documents for people and programs.
extension JSONValue {
    static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// The value on one line without spaces.
    var compactText: String {
        var output: [UInt8] = []
        append(to: &output, indentation: nil)
        return String(decoding: output, as: UTF8.self)
    }

    /// The value with one member or element a line, two spaces deeper each level; what is empty or holds only plain
    /// values in an array stays on one line.
    var prettyText: String {
        var output: [UInt8] = []
        append(to: &output, indentation: 0)
        output.append(UInt8(ascii: "\n"))
        return String(decoding: output, as: UTF8.self)
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private func append(to output: inout [UInt8], indentation: Int?) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): JSONText.append(text, escaping: .unicode, to: &output)
        case .array(let elements):
            let isShort = elements.allSatisfy(\.isPlain)
            JSONValue.append(
                elements, brackets: "[]", separator: isShort && indentation != nil ? ", " : ",",
                indentation: isShort ? nil : indentation, to: &output
            ) { element, deeper, output in
                element.append(to: &output, indentation: deeper)
            }
        case .object(let members):
            JSONValue.append(members, brackets: "{}", separator: ",", indentation: indentation, to: &output) {
                member, deeper, output in
                JSONText.append(member.name, escaping: .unicode, to: &output)
                output.append(contentsOf: (deeper == nil ? ":" : ": ").utf8)
                member.value.append(to: &output, indentation: deeper)
            }
        }
    }

    private static func append<Item>(
        _ items: [Item], brackets: String, separator: String, indentation: Int?, to output: inout [UInt8],
        item appendItem: (Item, Int?, inout [UInt8]) -> Void
    ) {
        let deeper = indentation.map { $0 + 2 }
        output.append(contentsOf: brackets.utf8.prefix(1))
        for (index, item) in items.enumerated() {
            if index > 0 { output.append(contentsOf: separator.utf8) }
            appendLineBreak(deeper, to: &output)
            appendItem(item, deeper, &output)
        }
        if !items.isEmpty { appendLineBreak(indentation, to: &output) }
        output.append(contentsOf: brackets.utf8.suffix(1))
    }

    private static func appendLineBreak(_ indentation: Int?, to output: inout [UInt8]) {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation))
    }
}
