import Model

/// `/-/status`: how this responder and the fleet are doing, in the words of php-fpm's page: text, or with `?json` and
/// `?openmetrics` for programs; with `full` each thread, too. It answers 200 without Redis, too, and says so: it is this page one looks at then.
///
/// It says what apps there are and how many events; the web server decides who may ask.
enum StatusPage {
    static let openMetricsType: StaticString = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    static func response(to request: Request, dependencies: Dependencies) -> Response {
        guard request.method == "GET" || request.method == "HEAD" else {
            var headers = headers("text/plain; charset=utf-8")
            headers.append("Allow", "GET, HEAD")
            return Response(status: 405, headers: headers)
        }
        let parameters: QueryParameters
        do {
            parameters = try QueryParameters(decoding: request.query.utf8)
        } catch {
            return Response(
                status: error.status, headers: headers(StandardHeaders.json), body: error.body,
                omitsBody: request.method == "HEAD")
        }

        let report = StatusReport(
            dependencies.status, now: dependencies.clock.now(), isFull: parameters["full"] != nil)
        let (type, body): (StaticString, [UInt8]) =
            if parameters["openmetrics"] != nil {
                (openMetricsType, report.openMetrics)
            } else if parameters["json"] != nil {
                (StandardHeaders.json, report.json)
            } else {
                ("text/plain; charset=utf-8", report.text)
            }
        return Response(status: 200, headers: headers(type), body: body, omitsBody: request.method == "HEAD")
    }

    private static func headers(_ contentType: StaticString) -> ResponseHeaders {
        var headers = StandardHeaders.plain(contentType: contentType)
        headers.append("Cache-Control", "no-store")
        return headers
    }
}
