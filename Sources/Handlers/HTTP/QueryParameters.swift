/// The names and values of a query string or of a form, as the original's framework decodes them.
///
/// `&` alone separates; `+` is a space; what is not UTF-8 becomes replacement characters; a name without `=` has the
/// empty value; of a repeated name the last value counts.
struct QueryParameters: Sendable {
    /// In the order of the text, repetitions included.
    let pairs: [(name: String, value: String)]

    /// The framework's `DATA_UPLOAD_MAX_NUMBER_FIELDS`.
    static let defaultMaximumFieldCount = 1000

    static let empty = QueryParameters(pairs: [])

    /// Fails with 400 when there are more than `maximumFieldCount` fields.
    init(decoding text: some Collection<UInt8>, maximumFieldCount: Int = defaultMaximumFieldCount) throws(HTTPFailure) {
        let separator = UInt8(ascii: "&")
        let fields = text.split(separator: separator, maxSplits: maximumFieldCount)
        if fields.count > maximumFieldCount, fields.last?.contains(where: { $0 != separator }) == true {
            throw .badRequest("The number of GET/POST parameters exceeded \(maximumFieldCount).")
        }
        let pairs = fields.prefix(maximumFieldCount).map { field in
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: QueryParameters.text(parts[0]), value: parts.count > 1 ? QueryParameters.text(parts[1]) : "")
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

    private static func text(_ bytes: some Collection<UInt8>) -> String {
        let isEncoded = bytes.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
        guard isEncoded else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: PercentCoding.decodedFormField(bytes), as: UTF8.self)
    }
}
