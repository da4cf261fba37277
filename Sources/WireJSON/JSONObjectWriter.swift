/// Writes one JSON object, member by member, compactly.
package struct JSONObjectWriter {
    private var output: [UInt8] = []
    private let escaping: JSONText.Escaping

    /// - Parameter capacity: the bytes that most such objects have.
    package init(escaping: JSONText.Escaping = .unicode, reservingCapacity capacity: Int = 0) {
        self.escaping = escaping
        output.reserveCapacity(capacity)
        output.append(UInt8(ascii: "{"))
    }

    package mutating func append(_ name: StaticString, json: [UInt8]) {
        begin(name)
        output += json
    }

    /// Nil is `null`.
    package mutating func append(_ name: StaticString, text: String?) {
        begin(name)
        if let text {
            JSONText.append(text, escaping: escaping, to: &output)
        } else {
            output.append(contentsOf: "null".utf8)
        }
    }

    package mutating func append(_ name: StaticString, bool: Bool) {
        begin(name)
        output.append(contentsOf: (bool ? "true" : "false").utf8)
    }

    package mutating func append(_ name: StaticString, number: Int64) {
        begin(name)
        output.append(contentsOf: String(number).utf8)
    }

    package mutating func append(_ name: StaticString, texts: [String]) {
        append(
            name,
            objects: texts.map { text in
                var json: [UInt8] = []
                JSONText.append(text, escaping: escaping, to: &json)
                return json
            })
    }

    /// - Parameter objects: values that are JSON already.
    package mutating func append(_ name: StaticString, objects: [[UInt8]]) {
        begin(name)
        output.append(UInt8(ascii: "["))
        output += objects.joined(separator: [UInt8(ascii: ",")])
        output.append(UInt8(ascii: "]"))
    }

    /// An object of texts.
    package mutating func append(_ name: StaticString, members: [(name: String, value: String)]) {
        begin(name)
        output.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(member.name, escaping: escaping, to: &output)
            output.append(UInt8(ascii: ":"))
            JSONText.append(member.value, escaping: escaping, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    package mutating func append(_ members: [JSONValue.Member]) {
        guard !members.isEmpty else { return }
        if output.count > 1 { output.append(UInt8(ascii: ",")) }
        output += JSONValue.object(members).serialized(escaping: escaping).dropFirst().dropLast()
    }

    /// The whole object.
    package mutating func finish() -> [UInt8] {
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// - Parameter name: ASCII without characters that need escaping.
    private mutating func begin(_ name: StaticString) {
        if output.count > 1 { output.append(UInt8(ascii: ",")) }
        output.append(UInt8(ascii: "\""))
        output.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        output.append(contentsOf: "\":".utf8)
    }
}
