import Buffer
import Model
import WebhookRules
import WireJSON

/// `GET deliveries/`: how the attempts to deliver webhooks to an app ended and how long they took, by the hour or the
/// day, of the last 30 days. A Hookline extension, the same in all releases.
enum DeliveriesEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = LogPermission.self

    /// More than the hours of 30 days.
    private static let maximumPoints = 800

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let now = context.now()
        let range = try SeriesRange(context.parameters, now: now)
        guard range.resolution != .tenSeconds else { throw .badRequest("The resolution must be 1h or 1d.") }
        let rollup = range.rollup == .tenSeconds ? Rollup.hour : range.rollup
        let series = try BucketSeries(range, rollup: rollup, maximumCount: maximumPoints)
        let counts = try counts(of: app, in: series, context, now: now)

        var total = DeliveryCounts()
        for counts in counts.values { total.add(counts) }
        var json = JSONObjectWriter()
        json.append("resolution", text: rollup == .hour ? "1h" : "1d")
        var object = JSONObjectWriter()
        json.append("total", json: object.finish(total))
        json.append(
            "points",
            objects: series.starts.map { start in
                var object = JSONObjectWriter()
                object.append("start", number: start)
                return object.finish(counts[start] ?? DeliveryCounts())
            })
        return EndpointResult(body: json.finish())
    }

    /// The counts by the start of their bucket, in one round trip.
    private static func counts(
        of app: SentryApp, in series: BucketSeries, _ context: borrowing RequestContext, now: Timestamp
    ) throws(HTTPFailure) -> [Int64: DeliveryCounts] {
        guard let reader = context.dependencies.state.deliveries, let first = series.starts.first,
            let last = series.starts.last
        else { return [:] }
        let hours = try orUnavailable(
            HTTPFailure.logUnavailable,
            reader.hours(appID: app.id, startingIn: first..<last + Int64(series.rollup.rawValue), now: now))
        var counts: [Int64: DeliveryCounts] = [:]
        for hour in hours {
            let start = BucketSeries.start(ofBucketWith: Timestamp(seconds: hour.start), rollup: series.rollup)
            counts[start, default: DeliveryCounts()].add(hour.counts)
        }
        return counts
    }
}

extension JSONObjectWriter {
    /// The whole object, with the counts as its last members.
    fileprivate mutating func finish(_ counts: DeliveryCounts) -> [UInt8] {
        append("succeeded", number: counts.succeeded)
        append("failed", number: counts.failed)
        append("timeouts", number: counts.timeouts)
        append("p50Ms", optional: counts.durations.percentile(0.5))
        append("p95Ms", optional: counts.durations.percentile(0.95))
        return finish()
    }

    private mutating func append(_ name: StaticString, optional number: Int64?) {
        if let number { append(name, number: number) } else { append(name, text: nil) }
    }
}
