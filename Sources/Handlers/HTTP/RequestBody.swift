import WireJSON

/// A request's body: JSON, a URL-encoded form or a multipart form.
enum RequestBody {
    case empty
    case json(JSONValue)
    case form(QueryParameters)

    /// Fails with 413 for more than `limit` bytes, with 415 for other content types and compressed bodies, and with 400
    /// for what does not parse. Without bytes there is nothing to parse, whatever the content type says.
    ///
    /// - Parameter outline: what is kept of JSON.
    init(
        _ request: Request, _ outline: JSONOutline, limit: Int = Service.smallBodyBytes
    ) throws(HTTPFailure) {
        guard request.bodyByteCount <= limit else {
            throw .bodyTooLarge(bytes: request.bodyByteCount, limit: limit)
        }
        if request.body.isEmpty {
            self = .empty
            return
        }
        if let encoding = request.contentEncoding, encoding.lowercased() != "identity" {
            throw .unsupportedContentEncoding(encoding)
        }
        let contentType = request.contentType ?? ""
        let media = MediaType(contentType)
        if media.covers(type: "application", subtype: "json") {
            self = .json(try RequestBody.parseJSON(request.body, outline))
        } else if media.covers(type: "application", subtype: "x-www-form-urlencoded") {
            self = .form(try QueryParameters(decoding: request.body))
        } else if media.covers(type: "multipart", subtype: "form-data") {
            self = .form(try MultipartForm.parse(request.body, boundary: media["boundary"]))
        } else {
            throw .unsupportedMediaType(contentType)
        }
    }

    /// The string value of a field; nil when it is absent or, in JSON, not a string.
    func string(_ name: String) -> String? {
        switch self {
        case .empty: nil
        case .json(let value): value[name]?.string
        case .form(let fields): fields[name]
        }
    }

    private static func parseJSON(_ body: [UInt8], _ outline: JSONOutline) throws(HTTPFailure) -> JSONValue {
        do {
            return try JSONValue(
                parsing: body, limits: JSONValue.Limits(maximumByteCount: body.count), outline: outline)
        } catch {
            throw .badRequest("JSON parse error - \(error)")
        }
    }
}

/// Bodies of `multipart/form-data` (RFC 7578), text fields only: parts that are files are skipped.
enum MultipartForm {
    /// Boundaries have at most 70 characters (RFC 2046, 5.1.1).
    private static let maximumBoundaryLength = 70

    /// The fields in the order of the parts. Fails with 400 when there is no usable boundary, when the last part does
    /// not end, or when there are too many parts.
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

    /// The name and value of one part; nil for a file and for a part without a name.
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
