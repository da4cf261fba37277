import Buffer
import Handlers
import Model
import TestSupport
import Testing

/// Every recorded query of the request log, answered from memory with the clock at the time of asking.
@Suite struct GoldenRequestTests {
    @Test(arguments: try Golden.all())
    func everyQueryOfTheRequestLogIsAnsweredAsByTheOriginal(_ golden: Golden) throws {
        let directory = try MemoryDirectory(golden: golden.directory)
        for scenario in golden.cases where scenario.kind == "requests" {
            let log = MemoryRequestLog(golden: scenario.redis)
            let now = try #require(scenario.now.flatMap { Timestamp(parsing: $0) })

            for query in scenario.queries {
                let service = Service(
                    dependencies: Dependencies(
                        directory: directory, requestLog: log, interactions: MemoryInteractionCounter(),
                        queue: MemoryEventQueue(), payloads: MemoryPayloads(),
                        clock: .frozen(at: now)))
                let response = service.respond(to: Request(golden: query, in: golden))

                #expect(GoldenAnswer.difference(of: response, from: query) == nil, "\(scenario)")
            }
        }
    }
}
