import Buffer
import Directory
import Model
import Redis

/// Puts the demo's requests and interactions into Redis, in place of those of an earlier demo.
struct DemoLogWriter {
    private(set) var requestCount = 0
    private(set) var interactionCount = 0

    private let now: Timestamp
    private let document: DirectoryDocument
    private let catalogue: EventCatalogue
    private var requests: DemoRequests
    private var random: DemoRandom

    init(seed: UInt64, now: Timestamp, document: DirectoryDocument, catalogue: EventCatalogue) {
        self.now = now
        self.document = document
        self.catalogue = catalogue
        requests = DemoRequests(seed: seed, now: now, document: document)
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
