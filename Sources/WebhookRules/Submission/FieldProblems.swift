package import WireJSON

/// The validation errors of a submitted event, in the order of its fields.
package struct FieldProblems {
    static let required = "This field is required."
    static let null = "This field may not be null."
    /// Limit of unknown members that are reported.
    static let maximumUnknownNames = 10
    /// Limit of characters that are quoted from the submission.
    static let maximumQuotedCharacters = 100

    package private(set) var messages: [(field: String, message: String)] = []

    package init() {}

    package var isEmpty: Bool { messages.isEmpty }

    package mutating func add(_ field: String, _ message: String) {
        messages.append((field, message))
    }

    /// Adds an error for each member that is not `known`, so that a mistyped name is not ignored silently.
    ///
    /// - Parameter field: the object that contains the members; nil for the body.
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

    /// A value as messages quote it.
    package static func shortened(_ value: String) -> String {
        String(String.UnicodeScalarView(value.unicodeScalars.prefix(maximumQuotedCharacters)))
    }
}
