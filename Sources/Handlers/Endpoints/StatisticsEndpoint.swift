import Directory
import Model

/// `GET stats/`: the numbers of installations and uninstallations of an app (docs/protocol.md 4.1).
enum StatisticsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = StatisticsPermission.self
    static let mayRefuseDisabledApps = true

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let range = try SeriesRange(context.parameters, now: context.now())
        // As in the original, `resolution` is checked and has no effect.
        let series = try BucketSeries(range, rollup: range.optimalRollup)
        let statistics = try orUnavailable(
            context.directory.installationStatistics(appID: app.id, addedIn: range.since...range.until))
        let installs = counts(of: statistics.inRange.map(\.added), in: series)
        let uninstalls = counts(of: statistics.inRange.compactMap(\.deleted), in: series)

        var body: [UInt8] = []
        body.append(literal: #"{"totalInstalls":"#)
        body.append(decimal: Int64(statistics.totalInstalls))
        body.append(literal: #","totalUninstalls":"#)
        body.append(decimal: Int64(statistics.totalUninstalls))
        body.append(literal: #","installStats":"#)
        series.append(installs, style: .integer, to: &body)
        body.append(literal: #","uninstallStats":"#)
        series.append(uninstalls, style: .integer, to: &body)
        body.append(UInt8(ascii: "}"))
        return EndpointResult(body: body)
    }

    /// The number of `dates` in each bucket; those outside of the series are not counted.
    private static func counts(of dates: [Timestamp], in series: BucketSeries) -> [Int64] {
        var countByStart: [Int64: Int64] = [:]
        for date in dates {
            countByStart[BucketSeries.start(ofBucketWith: date, rollup: series.rollup), default: 0] += 1
        }
        return series.starts.map { countByStart[$0] ?? 0 }
    }
}
