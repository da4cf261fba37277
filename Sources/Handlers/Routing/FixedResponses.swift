import Model
import WireJSON

/// Responses without an endpoint: the ping, and those to unknown paths (docs/protocol.md 2.8).
enum FixedResponses {
    private static let pong = Array("pong".utf8)
    private static let hint = "Route not found, did you forget a trailing slash?"

    /// `/-/ping`, named like php-fpm's: whether the process responds. Uses neither Redis nor the directory.
    static func ping(_ request: Request) -> Response {
        var headers = StandardHeaders.plain(contentType: "text/plain; charset=utf-8")
        headers.append(literal: "Cache-Control: no-store\r\n")
        guard request.method == "GET" || request.method == "HEAD" else {
            headers.append("Allow", "GET, HEAD")
            return Response(status: 405, headers: headers)
        }
        return Response(status: 200, headers: headers, body: pong, omitsBody: request.method == "HEAD")
    }

    static func unknownPath() -> Response {
        Response(status: 404, headers: StandardHeaders.plain(contentType: StandardHeaders.html))
    }

    /// The path could not be decoded.
    static func undecodablePath(_ failure: HTTPFailure, request: Request) -> Response {
        Response(
            status: failure.status, headers: StandardHeaders.plain(contentType: StandardHeaders.json),
            body: failure.body, omitsBody: request.method == "HEAD")
    }

    /// An unknown path below `/api/0/`. When it lacks its trailing slash the response suggests that.
    static func unknownAPIPath(
        _ path: String, lacksSlash: Bool, request: Request, rules: ProtocolRules
    ) -> Response {
        if request.method == "OPTIONS" {
            var headers = headers(request, StandardHeaders.html, rules)
            headers.append("Access-Control-Max-Age", "3600")
            return Response(status: 200, headers: headers)
        }
        let omitsBody = request.method == "HEAD"
        guard lacksSlash else {
            return Response(status: 404, headers: headers(request, StandardHeaders.html, rules), omitsBody: omitsBody)
        }

        let suggestion = "try: \(path)/"
        if (request.contentType ?? "").lowercased().hasPrefix("application/json") {
            var body = Array(#"{"info": "#.utf8)
            JSONText.append("\(hint) \(suggestion)", escaping: .ascii, to: &body)
            body.append(UInt8(ascii: "}"))
            return Response(
                status: 404, headers: headers(request, StandardHeaders.json, rules), body: body, omitsBody: omitsBody)
        }
        let pointer = String(repeating: " ", count: suggestion.unicodeScalars.count - 1) + "^"
        return Response(
            status: 404, headers: headers(request, StandardHeaders.plainText, rules),
            body: Array("\(hint)\n\n\(suggestion)\n\(pointer)\n".utf8), omitsBody: omitsBody)
    }

    private static func headers(
        _ request: Request, _ contentType: StaticString, _ rules: ProtocolRules
    ) -> ResponseHeaders {
        StandardHeaders.ofAPI(request: request, contentType: contentType, allow: "OPTIONS", rules: rules)
    }
}
