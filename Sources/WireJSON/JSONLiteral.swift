/// A JSON value as it was written: its members, their order and repetition, the spelling of its numbers and escapes,
/// unpaired surrogates included, which no `String` can hold.
///
/// Two things are changed, so that values can be put together to a compact text in ASCII (docs/protocol.md 7.2): there
/// is no white space between tokens, and characters other than printable ASCII are `\uXXXX`.
package struct JSONLiteral: Hashable, Sendable {
    /// Printable ASCII.
    package let bytes: [UInt8]

    /// The value of a tree; of repeated members the last one.
    package init(_ value: JSONValue) {
        bytes = value.serialized(escaping: .ascii)
    }

    /// - Parameter text: one JSON value that a parser or a scanner has accepted.
    package init(valid text: ArraySlice<UInt8>) {
        bytes = text.withUnsafeBufferPointer(JSONText.compactASCII)
    }

    /// The values of members of an object, in the order of `names`; nil for one that is absent. Of repeated members
    /// the last one counts.
    ///
    /// - Parameter object: a JSON text; all values are nil when it is not a valid object.
    package static func members(_ names: JSONMemberNames, of object: [UInt8]) -> [JSONLiteral?] {
        let start = object.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var scanner = JSONScanner(names: names)
        scanner.consume(object.span.extracting(start...))
        guard scanner.finish(), scanner.isObject else { return Array(repeating: nil, count: names.count) }
        return scanner.fragments.map { range in
            range.isEmpty ? nil : JSONLiteral(valid: object[(start + range.lowerBound)..<(start + range.upperBound)])
        }
    }

    /// The value as a tree, in which an unpaired surrogate is U+FFFD.
    package var value: JSONValue {
        let limits = JSONValue.Limits(maximumByteCount: bytes.count)
        return (try? JSONValue(parsing: bytes, limits: limits)) ?? .null
    }

    /// The value of a member, the last one when its name is repeated; nil when it is absent or this is not an object.
    package subscript(name: String) -> JSONValue? { value[name] }
}
