package import Buffer
package import Model
package import Queue

/// `/-/status`: the state of this responder and of the fleet, in the terms of php-fpm's page: as text, or with `?json`
/// or `?openmetrics` for programs; with `full`, each thread as well.
///
/// It responds with 200 without Redis, too, and says that Redis cannot be reached: the page is needed most then. The
/// web server decides who may read it, because it names apps and counts events.
enum StatusPage {
    static func response(to request: Request, _ sources: StatusSources, clock: WallClock) -> Response {
        guard request.method == "GET" || request.method == "HEAD" else {
            var headers = headers(StatusFormat.text.contentType)
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

        let format: StatusFormat =
            parameters["openmetrics"] != nil ? .openMetrics : parameters["json"] != nil ? .json : .text
        let report = StatusReport(sources, now: clock.now(), isFull: parameters["full"] != nil)
        return Response(
            status: 200, headers: headers(format.contentType), body: format.body(of: report),
            omitsBody: request.method == "HEAD")
    }

    private static func headers(_ contentType: StaticString) -> ResponseHeaders {
        var headers = StandardHeaders.plain(contentType: contentType)
        headers.append("Cache-Control", "no-store")
        return headers
    }
}

/// The sources of the status page.
package struct StatusSources {
    /// The fleet's counters; nil = the page shows this process alone.
    package var metrics: (any MetricReading)?
    /// In display order.
    package var queues: [any QueueStatisticsReading]
    /// The silent apps; nil = no app counts as silent.
    package var silence: (any SilenceCountReading)?
    /// The program's release; empty = unknown.
    package var version: String
    /// When this process started.
    package var startedAt: Timestamp?
    /// The counters of the response cache; nil = there is no cache.
    package var responseCache: (@Sendable () -> ResponseCacheCounts)?
    /// This process and its threads; nil = not shown.
    package var process: (@Sendable () -> ProcessStatus)?

    package init(
        metrics: (any MetricReading)? = nil, queues: [any QueueStatisticsReading] = [],
        silence: (any SilenceCountReading)? = nil, version: String = "",
        startedAt: Timestamp? = nil, responseCache: (@Sendable () -> ResponseCacheCounts)? = nil,
        process: (@Sendable () -> ProcessStatus)? = nil
    ) {
        self.metrics = metrics
        self.queues = queues
        self.silence = silence
        self.version = version
        self.startedAt = startedAt
        self.responseCache = responseCache
        self.process = process
    }
}
