import Buffer
import Directory
import Model
import Redis

/// Writes the demo's requests and interactions to Redis, replacing those of an earlier demo.
struct DemoLogWriter {
    private(set) var requestCount = 0
    private(set) var interactionCount = 0

    private let now: Timestamp
    private let document: DirectoryDocument
    private let catalogue: EventCatalogue
    private var requests: DemoRequests
    private var random: DemoRandom

    init(
        seed: UInt64, now: Timestamp, document: DirectoryDocument, catalogue: EventCatalogue,
        rules: ProtocolRules = .default
    ) {
        self.now = now
        self.document = document
        self.catalogue = catalogue
        requests = DemoRequests(seed: seed, now: now, document: document, rules: rules)
        random = DemoRandom(seed: seed ^ 0xC0FFEE)
    }

    mutating func write(to connection: RedisConnection) throws(RedisError) {
        let buffer = WebhookRequestBuffer(connection: connection, events: catalogue)
        let series = InteractionSeries(connection: connection)
        for (plan, entry) in zip(DemoApp.all, document.apps) {
            try writeRequests(of: entry.app, plan: plan, to: buffer)
            try writeInteractions(of: entry, plan: plan, to: series)
        }
    }

    private mutating func writeRequests(
        of app: SentryApp, plan: DemoApp, to buffer: WebhookRequestBuffer
    ) throws(RedisError) {
        try buffer.removeAll(appID: app.id)
        for event in catalogue.events.prefix(plan.eventCount ?? catalogue.events.count) {
            for record in requests.records(of: app, plan: plan, event: event) {
                _ = try buffer.record(record)
                requestCount += 1
            }
        }
    }

    private mutating func writeInteractions(
        of entry: DirectoryDocument.AppEntry, plan: DemoApp, to series: InteractionSeries
    ) throws(RedisError) {
        var keys = [(InteractionKey.viewed(appID: entry.app.id), plan.viewsPerHour)]
        for type in Set(entry.components.map(\.type)).sorted() {
            keys.append((.componentInteracted(appSlug: plan.slug, componentType: type), plan.viewsPerHour / 2))
        }
        for (key, perHour) in keys {
            let interactions = DemoInteractions(perHour: perHour, now: now, random: &random)
            for rollup in Rollup.allCases {
                let counts = interactions.counts[rollup] ?? [:]
                try series.replace(counts, of: key, rollup: rollup, at: now)
                interactionCount += counts.count
            }
        }
    }
}

/// The demo's interaction counts: 90 days, higher in the daytime and on weekdays, for all three rollups.
struct DemoInteractions {
    /// Counts by rollup, then by the bucket's start in seconds.
    private(set) var counts: [Rollup: [Int64: Int64]] = [:]

    /// - Parameter perHour: the maximum per hour.
    init(perHour: Int, now: Timestamp, random: inout DemoRandom) {
        let hour: Int64 = 3600
        let end = now.seconds
        let lastHour = end / hour * hour
        for start in stride(from: lastHour - 90 * 24 * hour, to: lastHour, by: Int(hour)) {
            add(Int64.random(in: 0...Self.maximum(in: start, perHour: perHour), using: &random), at: start)
        }
        // The current hour up to now, one by one for the finest rollup.
        let inThisHour = Int64.random(in: 0...Self.maximum(in: lastHour, perHour: perHour), using: &random)
        for _ in 0..<inThisHour * (end - lastHour) / hour {
            add(1, at: Int64.random(in: lastHour...end, using: &random))
        }
    }

    /// The maximum of the hour that begins in this second.
    private static func maximum(in hour: Int64, perHour: Int) -> Int64 {
        // 1970-01-01 was a Thursday.
        let isWeekend = [2, 3].contains(hour / 86400 % 7)
        let isDaytime = (7..<19).contains(hour / 3600 % 24)
        return Int64(max(perHour / (isWeekend ? 4 : 1) / (isDaytime ? 1 : 5), 1))
    }

    private mutating func add(_ count: Int64, at second: Int64) {
        guard count > 0 else { return }
        for rollup in Rollup.allCases {
            let size = Int64(rollup.rawValue)
            counts[rollup, default: [:]][second / size * size, default: 0] += count
        }
    }
}
