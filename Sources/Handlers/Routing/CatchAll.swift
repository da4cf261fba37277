import WireJSON

/// Answers to paths that lead nowhere (contract 2.8), and to those that no answer should be guessed for.
enum CatchAll {
    private static let hint = "Route not found, did you forget a trailing slash?"

    static func unknown() -> Response {
        Response(status: 404, headers: StandardHeaders.plain(contentType: StandardHeaders.html))
    }

    /// The path could not be decoded, so nothing is known about what it names.
    static func undecodable(_ failure: HTTPFailure, request: Request) -> Response {
        Response(
            status: failure.status, headers: StandardHeaders.plain(contentType: StandardHeaders.json),
            body: failure.body, omitsBody: request.method == "HEAD")
    }

    /// A path below `/api/0/` that leads nowhere. When it lacks its slash the answer shows where to put one.
    static func unknownAPIPath(_ path: String, lacksSlash: Bool, request: Request) -> Response {
        if request.method == "OPTIONS" {
            var headers = headers(request, StandardHeaders.html)
            headers.append("Access-Control-Max-Age", "3600")
            return Response(status: 200, headers: headers)
        }
        let omitsBody = request.method == "HEAD"
        guard lacksSlash else {
            return Response(status: 404, headers: headers(request, StandardHeaders.html), omitsBody: omitsBody)
        }

        let suggestion = "try: \(path)/"
        if (request.contentType ?? "").lowercased().hasPrefix("application/json") {
            var body = Array(#"{"info": "#.utf8)
            JSONText.append("\(hint) \(suggestion)", escaping: .ascii, to: &body)
            body.append(UInt8(ascii: "}"))
            return Response(
                status: 404, headers: headers(request, StandardHeaders.json), body: body, omitsBody: omitsBody)
        }
        let pointer = String(repeating: " ", count: suggestion.unicodeScalars.count - 1) + "^"
        return Response(
            status: 404, headers: headers(request, StandardHeaders.plainText),
            body: Array("\(hint)\n\n\(suggestion)\n\(pointer)\n".utf8), omitsBody: omitsBody)
    }

    private static func headers(_ request: Request, _ contentType: StaticString) -> ResponseHeaders {
        StandardHeaders.ofAPI(request: request, contentType: contentType, allow: "OPTIONS", consultedUser: false)
    }
}
