import WireJSON

/// The named texts in a request's body: JSON, a form, or a form of several parts.
enum RequestBody {
    case empty
    case json(JSONValue)
    case form(QueryParameters)

    /// Fails with 415 for other content types and with 400 for what does not parse. Without bytes there is nothing to
    /// parse, whatever the content type says.
    init(_ request: Request, limits: JSONValue.Limits = JSONValue.Limits()) throws(HTTPFailure) {
        if request.body.isEmpty {
            self = .empty
            return
        }
        let contentType = request.contentType ?? ""
        let media = MediaType(contentType)
        if media.covers(type: "application", subtype: "json") {
            self = .json(try RequestBody.parseJSON(request.body, limits: limits))
        } else if media.covers(type: "application", subtype: "x-www-form-urlencoded") {
            self = .form(try QueryParameters(decoding: request.body))
        } else if media.covers(type: "multipart", subtype: "form-data") {
            self = .form(try MultipartForm.parse(request.body, boundary: media["boundary"]))
        } else {
            throw .unsupportedMediaType(contentType)
        }
    }

    /// The text of a field; nil when it is absent or, in JSON, no string.
    func text(_ name: String) -> String? {
        switch self {
        case .empty: nil
        case .json(let value): value[name]?.string
        case .form(let fields): fields[name]
        }
    }

    private static func parseJSON(_ body: [UInt8], limits: JSONValue.Limits) throws(HTTPFailure) -> JSONValue {
        do {
            return try JSONValue(parsing: body, limits: limits)
        } catch {
            throw .badRequest("JSON parse error - \(error)")
        }
    }
}
