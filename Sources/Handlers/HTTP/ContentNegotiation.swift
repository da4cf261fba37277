/// Chooses how an answer is written. There is one representation, JSON, and one degree of freedom, its indentation.
enum ContentNegotiation {
    /// Wider indentation is cut to this, as in the original (contract 2.5).
    static let maximumIndent = 8

    /// The spaces of indentation asked for; 0 = compact.
    ///
    /// Fails with 404 when `?format=` names another format and with 406 when `accept` leaves JSON out. As in the
    /// original, quality values do not count, only how specific a range is.
    static func indent(accept: String?, format: String?) throws(HTTPFailure) -> Int {
        if let format, !format.isEmpty, format != "json" { throw .notFound }
        guard let accept else { return 0 }
        // What programs and pages send; browsers' own lists are taken apart.
        if accept == "application/json" || accept == "*/*" { return 0 }

        let ranges = accept.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            MediaType($0)
        }
        let matching = ranges.filter { $0.covers(type: "application", subtype: "json") }
        guard let best = matching.max(by: { $0.precedence < $1.precedence }) else { throw .notAcceptable }
        guard let text = best["indent"], let indent = PythonNumber.int(text) else { return 0 }
        return min(max(indent, 0), maximumIndent)
    }
}
