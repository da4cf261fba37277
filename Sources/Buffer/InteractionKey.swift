package import Model
package import Redis

/// What is counted in the interaction series (contract 3.5).
package enum InteractionKey: Hashable, Sendable {
    /// Views of an app: model 800, the field is the app's id.
    case viewed(appID: Int64)
    /// Interactions with one component type of an app: model 801, the field is the MD5 of `slug:type`.
    case componentInteracted(appSlug: String, componentType: String)
}

/// The size of a series' buckets, in seconds; and how many of them are kept.
package enum Rollup: Int, CaseIterable, Sendable {
    case tenSeconds = 10
    case hour = 3600
    case day = 86400

    /// From `SENTRY_TSDB_ROLLUPS` (contract 3.5).
    package var sampleCount: Int {
        switch self {
        case .tenSeconds: 360
        case .hour: 168
        case .day: 90
        }
    }
}

/// Counts interactions in Redis as the original's time series store does. One object serves one thread.
package protocol InteractionCounting: AnyObject {
    /// The counts of each key in each bucket: as many arrays as keys, each as long as `bucketStarts`; absent = 0.
    ///
    /// - Parameter bucketStarts: seconds since the epoch, each a multiple of the rollup.
    func counts(of keys: [InteractionKey], rollup: Rollup, bucketStarts: [Int64]) throws(RedisError) -> [[Int64]]

    /// Adds one at `time` in every rollup.
    func increment(_ key: InteractionKey, at time: Timestamp) throws(RedisError)
}
