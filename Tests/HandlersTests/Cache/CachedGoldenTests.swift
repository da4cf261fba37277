import Buffer
import Handlers
import Model
import TestSupport
import Testing

/// The original's answers from memory.
@Suite
struct CachedGoldenTests {
    @Test(arguments: try Golden.all())
    func everyRecordedQueryIsAnsweredWithAndWithoutMemoryAlikeByteForByte(golden: Golden) throws {
        let directory = try MemoryDirectory(golden: golden.directory)
        var hits = 0
        for scenario in golden.cases where scenario.kind == "requests" {
            let store = CachedResponseStore(byteLimit: 8 << 20)
            let now = try #require(scenario.now.flatMap { Timestamp(parsing: $0) })
            var dependencies = Dependencies(
                directory: directory, requestLog: MemoryRequestLog(golden: scenario.redis),
                interactions: MemoryInteractionCounter(), queue: MemoryEventQueue(), payloads: MemoryPayloads(),
                clock: .frozen(at: now))
            let plain = Service(dependencies: dependencies)
            dependencies.answers = ResponseCache(
                store: store, tracking: TimedTracking(ManualTracking { store.forget($0) }), directory: directory)
            let caching = Service(dependencies: dependencies)
            // All of them before any a second time: one query's answer must not become another's.
            for _ in 0..<2 {
                for query in scenario.queries {
                    let request = Request(golden: query, in: golden)
                    #expect(caching.respond(to: request).wire == plain.respond(to: request).wire, "\(scenario)")
                }
            }
            hits += store.counts(isTracking: true).hits
        }
        #expect(hits > 0)
    }
}
