/// Bodies of `multipart/form-data` (RFC 7578), as far as text fields go: parts that are files are passed over.
enum MultipartForm {
    /// Boundaries have at most 70 characters (RFC 2046, 5.1.1).
    private static let maximumBoundaryLength = 70

    /// The fields in the order of the parts. Fails with 400 when there is no usable boundary, when the last part does not
    /// end, or when there are too many parts.
    static func parse(
        _ body: [UInt8], boundary: String?,
        maximumFieldCount: Int = QueryParameters.defaultMaximumFieldCount
    ) throws(HTTPFailure) -> QueryParameters {
        guard let boundary, !boundary.isEmpty, boundary.utf8.count <= maximumBoundaryLength else {
            throw malformed("Invalid boundary in multipart: \(boundary ?? "None")")
        }
        let delimiter = Array("--\(boundary)".utf8)
        var pairs: [(name: String, value: String)] = []
        var rest = body[...]
        guard let first = find(delimiter, in: rest) else { throw malformed("No part begins with the boundary") }
        rest = rest[first.upperBound...]

        while !rest.starts(with: "--".utf8) {
            guard let end = find([0x0D, 0x0A] + delimiter, in: rest) else { throw malformed("A part does not end") }
            guard pairs.count < maximumFieldCount else {
                throw .badRequest("The number of GET/POST parameters exceeded \(maximumFieldCount).")
            }
            if let field = field(of: rest[..<end.lowerBound]) { pairs.append(field) }
            rest = rest[end.upperBound...]
        }
        return QueryParameters(pairs: pairs)
    }

    private static func malformed(_ reason: String) -> HTTPFailure {
        .badRequest("Multipart form parse error - \(reason)")
    }

    /// The name and the text of one part; nil for a file and for a part without a name.
    private static func field(of part: ArraySlice<UInt8>) -> (name: String, value: String)? {
        guard let blank = find([0x0D, 0x0A, 0x0D, 0x0A], in: part) else { return nil }
        let headers = String(decoding: part[..<blank.lowerBound], as: UTF8.self)
        for line in headers.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "content-disposition"
            else { continue }
            let disposition = MediaType(line[line.index(after: colon)...].utf8)
            guard let name = disposition["name"], disposition["filename"] == nil else { return nil }
            return (name, String(decoding: part[blank.upperBound...], as: UTF8.self))
        }
        return nil
    }

    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
        guard let first = needle.first else { return nil }
        var start = bytes.startIndex
        while let found = bytes[start...].firstIndex(of: first) {
            if bytes[found...].starts(with: needle) { return found..<found + needle.count }
            start = found + 1
        }
        return nil
    }
}
