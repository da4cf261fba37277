import Handlers
import WireJSON

/// Why a request is refused before it reaches the service.
package enum RequestRefusal: Error, Hashable {
    case tooManyParameters(limit: Int)
    case parametersTooLong(limit: Int)
    case queryTooLong(limit: Int)
    case bodyTooLong(limit: Int)
    case malformedContentLength
    case bodyShorterThanAnnounced(announced: Int, received: Int)
    case bodyTooSlow(seconds: Int)
    case lengthRequired
    case noMemoryForBody
    case missingParameter(Parameter)
    case repeatedParameter(Parameter)

    var status: Int {
        switch self {
        case .tooManyParameters, .parametersTooLong: 431
        case .queryTooLong: 414
        case .bodyTooLong: 413
        case .bodyTooSlow: 408
        case .lengthRequired: 411
        case .malformedContentLength, .bodyShorterThanAnnounced, .missingParameter: 400
        case .repeatedParameter: 500
        case .noMemoryForBody: 503
        }
    }

    /// For the client: the reason and the limit; nothing that the request contains.
    var detail: String {
        switch self {
        case .tooManyParameters(let limit): "Too many request headers: the limit is \(limit) parameters."
        case .parametersTooLong(let limit): "The request headers are too long: the limit is \(limit) bytes."
        case .queryTooLong(let limit): "The query string is too long: the limit is \(limit) bytes."
        case .bodyTooLong(let limit): "The request body is too long: the limit is \(limit) bytes."
        case .malformedContentLength: "Content-Length is not a number of bytes."
        case .bodyShorterThanAnnounced(let announced, let received):
            "The request body is incomplete: \(announced) bytes were announced, \(received) arrived."
        case .bodyTooSlow(let seconds): "The request body did not arrive within \(seconds) seconds."
        case .lengthRequired: "The request has a body without Content-Length."
        case .noMemoryForBody:
            "There is no memory for the request body at the moment. Try again in a few seconds."
        case .missingParameter(let parameter): "The web server did not pass \(parameter.name)."
        case .repeatedParameter(let parameter): "The web server passed \(parameter.name) more than once."
        }
    }

    /// For the operator: what to change; nil when the client caused the refusal.
    var failure: String? {
        if self == .noMemoryForBody {
            return
                "no memory for a request body in time: raise HOOKLINE_BODY_MEMORY_BYTES, or find out who sends so much"
        }
        guard case .repeatedParameter(let parameter) = self else { return nil }
        return "the web server passed \(parameter.name) more than once. Remove one of the lines "
            + "\"fastcgi_param \(parameter.name) …;\" from the location and the files that it includes. Debian's "
            + "fastcgi_params and fastcgi.conf set REMOTE_USER: include hookline.params instead "
            + "(docs/troubleshooting.md)"
    }

    /// - Parameter omitsBody: the request's method is HEAD.
    func response(omitsBody: Bool) -> Response {
        var body = Array("{\"detail\":".utf8)
        JSONText.append(detail, escaping: .unicode, to: &body)
        body.append(UInt8(ascii: "}"))
        var headers: ResponseHeaders = [("Content-Type", "application/json")]
        if status == 503 { headers.append("Retry-After", Service.retryAfter) }
        return Response(status: status, headers: headers, body: body, omitsBody: omitsBody, failure: failure)
    }
}
