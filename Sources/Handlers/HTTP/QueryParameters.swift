import System

/// The names and values of a query string or of a form, as the original's framework decodes them.
///
/// `&` alone separates; `+` is a space; what is not UTF-8 becomes replacement characters; a name without `=` has the
/// empty value; of a repeated name the last value counts.
struct QueryParameters: Sendable {
    /// In the order of the query, repetitions included.
    let pairs: [(name: String, value: String)]

    /// The framework's `DATA_UPLOAD_MAX_NUMBER_FIELDS`.
    static let defaultMaximumFieldCount = 1000

    static let empty = QueryParameters(pairs: [])

    /// Fails with 400 when there are more than `maximumFieldCount` fields.
    init(decoding text: some Collection<UInt8>, maximumFieldCount: Int = defaultMaximumFieldCount) throws(HTTPFailure) {
        let pairs =
            text.withContiguousStorageIfAvailable { QueryParameters.pairs(of: $0, maximumFieldCount) }
            ?? Array(text).withUnsafeBufferPointer { QueryParameters.pairs(of: $0, maximumFieldCount) }
        guard let pairs else {
            throw .badRequest("The number of GET/POST parameters exceeded \(maximumFieldCount).")
        }
        self.init(pairs: pairs)
    }

    init(pairs: [(name: String, value: String)]) {
        self.pairs = pairs
    }

    /// The last value of `name`; nil when it is absent.
    subscript(name: String) -> String? {
        pairs.last { $0.name == name }?.value
    }

    /// The last value of `name` unless that is empty.
    func nonEmpty(_ name: String) -> String? {
        guard let value = self[name], !value.isEmpty else { return nil }
        return value
    }

    /// The parameters as a query string, without those of the name `excluded`.
    func encoded(excluding excluded: String) -> String {
        pairs.filter { $0.name != excluded }
            .map { PercentCoding.encodedFormField($0.name) + "=" + PercentCoding.encodedFormField($0.value) }
            .joined(separator: "&")
    }

    /// Nil when there are more than `maximumCount`.
    private static func pairs(
        of text: UnsafeBufferPointer<UInt8>, _ maximumCount: Int
    ) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "&")) ?? text.count
            if end > start {
                guard pairs.count < maximumCount else { return nil }
                pairs.append(pair(of: UnsafeBufferPointer(rebasing: text[start..<end])))
            }
            start = end + 1
        }
        return pairs
    }

    private static func pair(of field: UnsafeBufferPointer<UInt8>) -> (name: String, value: String) {
        guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { return (text(field), "") }
        return (
            text(UnsafeBufferPointer(rebasing: field[..<equals])),
            text(UnsafeBufferPointer(rebasing: field[(equals + 1)...]))
        )
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        for byte in bytes where byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+") {
            return String(decoding: PercentCoding.decodedFormField(bytes), as: UTF8.self)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
