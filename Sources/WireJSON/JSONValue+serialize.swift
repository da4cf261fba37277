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
        var places: [String: Int] = [:]
        return members.reduce(into: []) { distinct, member in
            if let place = places[member.name] {
                distinct[place].value = member.value
            } else {
                places[member.name] = distinct.count
                distinct.append(member)
            }
        }
    }
}
