/// A media type or range of media types, such as `application/json; indent=4`.
struct MediaType: Sendable {
    /// In lower case, as `subtype`.
    let type: String
    let subtype: String
    /// Names in lower case, values without their quotes, in the order of the text.
    let parameters: [(name: String, value: String)]

    init(_ text: some StringProtocol) {
        let fields = MediaType.fields(of: text)
        let essence = (fields.first ?? "").lowercased()
        let parts = essence.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        type = String(parts.first ?? "")
        subtype = parts.count > 1 ? String(parts[1]) : ""
        parameters = fields.dropFirst().compactMap { field in
            guard let equals = field.firstIndex(of: "=") else { return nil }
            let name = MediaType.trimmed(field[..<equals]).lowercased()
            return (name, MediaType.unquoted(MediaType.trimmed(field[field.index(after: equals)...])))
        }
    }

    /// The first value of `name`.
    subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// Whether a representation of type `other` falls into this range; parameters do not matter.
    func covers(type other: String, subtype otherSubtype: String) -> Bool {
        (type == "*" || type == other) && (subtype == "*" || subtype == otherSubtype)
    }

    /// How specific the range is, 0 for `*/*` to 3 for a type with parameters other than `q`.
    var precedence: Int {
        if type == "*" { return 0 }
        if subtype == "*" { return 1 }
        return parameters.allSatisfy { $0.name == "q" } ? 2 : 3
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        return String(text.dropFirst().dropLast())
    }

    /// Splits at semicolons that stand outside quotes.
    private static func fields(of text: some StringProtocol) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == ";", !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields.map { trimmed($0) }
    }
}
