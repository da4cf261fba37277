package import Buffer
package import Model
package import Redis

/// Interaction counts in a dictionary.
package final class MemoryInteractionCounter: InteractionCounting {
    /// One bucket of one series.
    package struct Bucket: Hashable {
        package var key: InteractionKey
        package var rollup: Rollup
        /// Seconds since the epoch, a multiple of the rollup.
        package var start: Int64

        package init(key: InteractionKey, rollup: Rollup, start: Int64) {
            self.key = key
            self.rollup = rollup
            self.start = start
        }
    }

    package var counts: [Bucket: Int64] = [:]
    /// When set, every call fails with it.
    package var failure: RedisError?
    /// Every call of `increment`, in order.
    package private(set) var increments: [(key: InteractionKey, time: Timestamp)] = []
    /// How many buckets each call of `counts` asked for.
    package private(set) var readSizes: [Int] = []

    package init() {}

    package func counts(
        of keys: [InteractionKey], rollup: Rollup, bucketStarts: [Int64]
    ) throws(RedisError) -> [[Int64]] {
        readSizes.append(bucketStarts.count)
        if let failure { throw failure }
        return keys.map { key in
            bucketStarts.map { counts[Bucket(key: key, rollup: rollup, start: $0)] ?? 0 }
        }
    }

    package func increment(_ key: InteractionKey, at time: Timestamp) throws(RedisError) {
        if let failure { throw failure }
        increments.append((key, time))
        for rollup in Rollup.allCases {
            let width = Int64(rollup.rawValue)
            counts[Bucket(key: key, rollup: rollup, start: time.seconds / width * width), default: 0] += 1
        }
    }
}
