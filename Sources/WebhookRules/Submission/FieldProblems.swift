package import WireJSON

/// What is wrong with the fields of an event that somebody wants to be delivered, all of them together: messages of one
/// field stand next to each other.
package struct FieldProblems {
    static let required = "This field is required."
    static let null = "This field may not be null."
    /// Unknown members that are named; a body may be made of nothing else.
    static let maximumUnknownNames = 10
    /// Characters that are quoted of what a client sent.
    static let maximumQuotedCharacters = 100

    package private(set) var messages: [(field: String, message: String)] = []

    package init() {}

    package var isEmpty: Bool { messages.isEmpty }

    package mutating func add(_ field: String, _ message: String) {
        messages.append((field, message))
    }

    /// Names the members that are not `known`: a mistyped name must not be lost in silence.
    ///
    /// - Parameter field: the member that they are members of; nil for those of the body itself.
    package mutating func addUnknown(_ members: [JSONValue.Member], known: [String], of field: String? = nil) {
        var count = 0
        for member in members where !known.contains(member.name) {
            count += 1
            guard count <= Self.maximumUnknownNames else { return }
            let name = Self.shortened(member.name)
            if let field {
                add(field, "Unknown member \"\(name)\".")
            } else {
                add(name, "Unknown field.")
            }
        }
    }

    static func shortened(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(maximumQuotedCharacters)))
    }
}
