/// `/-/ping`: whether the process answers, in php-fpm's vocabulary. Asks neither Redis nor the directory.
enum Ping {
    private static let body = Array("pong".utf8)

    static func response(to request: Request) -> Response {
        var headers = StandardHeaders.plain(contentType: "text/plain; charset=utf-8")
        headers.append(literal: "Cache-Control: no-store\r\n")
        guard request.method == "GET" || request.method == "HEAD" else {
            headers.append("Allow", "GET, HEAD")
            return Response(status: 405, headers: headers)
        }
        return Response(status: 200, headers: headers, body: body, omitsBody: request.method == "HEAD")
    }
}
