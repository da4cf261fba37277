import WireJSON

/// Writes one JSON object, member by member, compactly.
struct JSONObjectWriter {
    private var output = [UInt8(ascii: "{")]

    mutating func append(_ name: StaticString, json: [UInt8]) {
        begin(name)
        output += json
    }

    /// Nil is `null`.
    mutating func append(_ name: StaticString, text: String?) {
        begin(name)
        if let text {
            JSONText.append(text, escaping: .unicode, to: &output)
        } else {
            output.append(literal: "null")
        }
    }

    mutating func append(_ name: StaticString, bool: Bool) {
        begin(name)
        output.append(literal: bool ? "true" : "false")
    }

    mutating func append(_ name: StaticString, number: Int64) {
        begin(name)
        output.append(decimal: number)
    }

    mutating func append(_ name: StaticString, texts: [String]) {
        append(
            name,
            objects: texts.map { text in
                var json: [UInt8] = []
                JSONText.append(text, escaping: .unicode, to: &json)
                return json
            })
    }

    /// - Parameter objects: values that are JSON already.
    mutating func append(_ name: StaticString, objects: [[UInt8]]) {
        begin(name)
        output.append(UInt8(ascii: "["))
        output += objects.joined(separator: [UInt8(ascii: ",")])
        output.append(UInt8(ascii: "]"))
    }

    /// - Parameter members: JSON without braces, at least one.
    mutating func append(members: [UInt8]) {
        if output.count > 1 { output.append(UInt8(ascii: ",")) }
        output += members
    }

    /// The whole object.
    mutating func finish() -> [UInt8] {
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// - Parameter name: ASCII without characters that need escaping.
    private mutating func begin(_ name: StaticString) {
        if output.count > 1 { output.append(UInt8(ascii: ",")) }
        output.append(UInt8(ascii: "\""))
        output.append(literal: name)
        output.append(literal: "\":")
    }
}
