/// What a parser keeps of an object, so that what it makes takes little more memory than the text.
///
/// All of the text is checked. Of a repeated member the last one is kept. Of members that are not named only the names
/// of the first ones are kept, for messages, with the value null. Of arrays, and of objects without an outline, nothing
/// is kept but that they are one.
package struct JSONOutline: Hashable, Sendable {
    /// How many names of other members are kept.
    static let otherNames = 16
    static let empty = JSONOutline([])

    private let members: [String: JSONOutline]

    /// - Parameters:
    ///   - names: the members to keep.
    ///   - objects: more of them, and what is kept of each if it is an object.
    package init(_ names: [String], objects: [String: JSONOutline] = [:]) {
        var members = objects
        for name in names { members[name] = .empty }
        self.members = members
    }

    /// The outline of a member's value; nil when the member is not named.
    subscript(name: String) -> JSONOutline? { members[name] }

    /// Whether any members are kept.
    var keepsMembers: Bool { !members.isEmpty }
}
