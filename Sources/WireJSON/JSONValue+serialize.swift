extension JSONValue {
    /// The value as compact JSON, members in their order.
    ///
    /// Of members with the same name the last value stands at the first one's place, as in a Python dictionary.
    package func serialized(escaping: JSONText.Escaping) -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output, escaping: escaping)
        return output
    }

    private func append(to output: inout [UInt8], escaping: JSONText.Escaping) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): JSONText.append(text, escaping: escaping, to: &output)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                value.append(to: &output, escaping: escaping)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in JSONValue.distinct(members).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.append(member.name, escaping: escaping, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output, escaping: escaping)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func distinct(_ members: [Member]) -> [Member] {
        var places: [ExactName: Int] = [:]
        return members.reduce(into: []) { distinct, member in
            let name = ExactName(text: member.name)
            if let place = places[name] {
                distinct[place].value = member.value
            } else {
                places[name] = distinct.count
                distinct.append(member)
            }
        }
    }
}

/// A name that is equal to those of the same bytes only. To Swift, `é` in one character and in two are the same text; to
/// JSON they are two names.
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
