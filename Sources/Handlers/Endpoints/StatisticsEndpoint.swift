import Directory
import Model

/// `GET stats/`: how often an app was installed and uninstalled (contract 4.1).
enum StatisticsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = StatisticsPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let range = try SeriesRange(call.parameters, now: call.dependencies.clock.now())
        // As in the original, `resolution` is checked and has no effect.
        let series = try BucketSeries(range, rollup: range.optimalRollup)
        let statistics = try read(range, of: call)
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
        return Reply(body: body)
    }

    private static func read(_ range: SeriesRange, of call: AppRequestContext) throws(HTTPFailure)
        -> InstallationStatistics
    {
        do {
            return try call.dependencies.directory.installationStatistics(
                appID: call.app.id, addedIn: range.since...range.until)
        } catch {
            throw .unavailable(error)
        }
    }

    /// How many of `dates` fall into each bucket; those outside the series count nowhere.
    private static func counts(of dates: [Timestamp], in series: BucketSeries) -> [Int64] {
        var countByStart: [Int64: Int64] = [:]
        for date in dates {
            countByStart[BucketSeries.start(ofBucketWith: date, rollup: series.rollup), default: 0] += 1
        }
        return series.starts.map { countByStart[$0] ?? 0 }
    }
}
