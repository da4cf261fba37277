package import Model

/// A parameter of a statement: `$1`, `$2`, … Sent as text without a type, so that the server infers the type from the
/// statement; where it cannot, write a cast: `$1::text`, `$2::bigint`, `= ANY($3::text[])`.
package enum PostgreSQLParameter: Hashable, Sendable {
    case null
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    /// For `timestamp with time zone`.
    case timestamp(Timestamp)
    case textArray([String])

    /// As text; the same under any `DateStyle`, `TimeZone` or locale of the role. Nil is NULL.
    var text: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .integer(let number): String(number)
        case .boolean(let isTrue): isTrue ? "t" : "f"
        case .timestamp(let timestamp): timestamp.iso8601Description
        case .textArray(let elements): TextArray.literal(elements)
        }
    }

    /// A text, or NULL.
    package static func optional(_ text: String?) -> PostgreSQLParameter { text.map { .text($0) } ?? .null }
    package static func optional(_ number: Int64?) -> PostgreSQLParameter { number.map { .integer($0) } ?? .null }
    package static func optional(_ date: Timestamp?) -> PostgreSQLParameter { date.map { .timestamp($0) } ?? .null }
}

extension PostgreSQLParameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral number: Int64) { self = .integer(number) }
    package init(booleanLiteral isTrue: Bool) { self = .boolean(isTrue) }
    package init(nilLiteral: ()) { self = .null }
}
