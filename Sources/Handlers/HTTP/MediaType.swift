/// A media type or range of media types, such as `application/json; indent=4`.
struct MediaType: Sendable {
    /// In lower case, as `subtype`.
    let type: String
    let subtype: String
    /// Names in lower case, values without their quotes, in the order of the header.
    let parameters: [(name: String, value: String)]

    init(_ text: String) {
        self.init(text.utf8)
    }

    /// Reads bytes, not characters: a header comes with every request, and finding characters takes ten times as long.
    init(_ text: some Sequence<UInt8>) {
        let fields = MediaType.fields(of: Array(text))
        let essence = (fields.first ?? []).split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        type = MediaType.lowercased(essence.first ?? [])
        subtype = essence.count > 1 ? MediaType.lowercased(essence[1]) : ""
        parameters = fields.dropFirst().compactMap { field in
            guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let value = MediaType.unquoted(MediaType.trimmed(field[(equals + 1)...]))
            return (MediaType.lowercased(MediaType.trimmed(field[..<equals])), String(decoding: value, as: UTF8.self))
        }
    }

    /// The first value of `name`.
    subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// Whether a representation of type `other` is in this range; parameters do not matter.
    func covers(type other: String, subtype otherSubtype: String) -> Bool {
        (type == "*" || type == other) && (subtype == "*" || subtype == otherSubtype)
    }

    /// How specific the range is, 0 for `*/*` to 3 for a type with parameters other than `q`.
    var precedence: Int {
        if type == "*" { return 0 }
        if subtype == "*" { return 1 }
        return parameters.allSatisfy { $0.name == "q" } ? 2 : 3
    }

    private static func lowercased(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: text, as: UTF8.self).lowercased()
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static func unquoted(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let quote = UInt8(ascii: "\"")
        guard text.count >= 2, text.first == quote, text.last == quote else { return text }
        return text.dropFirst().dropLast()
    }

    /// Splits at semicolons that stand outside quotes.
    private static func fields(of text: [UInt8]) -> [ArraySlice<UInt8>] {
        var fields: [ArraySlice<UInt8>] = []
        var start = 0
        var isQuoted = false
        for (index, byte) in text.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: ";"), !isQuoted {
                fields.append(trimmed(text[start..<index]))
                start = index + 1
            }
        }
        return fields + [trimmed(text[start...])]
    }
}
