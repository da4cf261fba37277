import Foundation
import TestSupport
import Testing

@testable import Worker

/// A low limit of file descriptors: fewer webhooks at a time, and none that cannot be recorded.
@Suite
struct DescriptorTests {
    private func plan(
        _ limit: Int, concurrency: Int = 256, threads: Int = 1, sendsMail: Bool = false,
        hasBreakerRedis: Bool = false
    ) -> DescriptorPlan {
        DescriptorPlan(
            limit: limit, wantedConcurrency: concurrency, senderThreads: threads, sendsMail: sendsMail,
            hasBreakerRedis: hasBreakerRedis)
    }

    @Test func theRedisOfCircuitBreakersNeedsAConnectionForEachThreadThatUsesIt() {
        #expect(plan(100, hasBreakerRedis: true).sufficientLimit == plan(100).sufficientLimit + 3)
    }

    @Test func theUsualLimitsCutNothing() {
        for limit in [1024, 32768] {
            #expect(plan(limit).concurrency == 256)
            #expect(plan(limit).warning == nil && plan(limit).problem == nil)
            #expect(plan(limit).directoryConnections == 8)
        }
        #expect(plan(32768).keptConnections == 256)
        #expect(plan(32768, concurrency: 1900).concurrency == 1900)
    }

    @Test(arguments: [36, 40, 64, 100, 256, 1024, 4096], [1, 16, 256, 1900])
    func whatMayBeOpenAtTheSameTimeIsWithinTheLimit(limit: Int, concurrency: Int) {
        for (threads, sendsMail) in [(1, false), (1, true), (4, true)] {
            let plan = plan(limit, concurrency: concurrency, threads: threads, sendsMail: sendsMail)
            guard plan.concurrency > 0 else {
                #expect(plan.problem?.contains("raise it to \(plan.sufficientLimit)") == true)
                continue
            }
            // Streams and files, Redis, the sender's threads, the directory.
            let fixed = 12 + 8 + (sendsMail ? 4 : 0) + 4 * threads + 3 * (plan.directoryConnections + 1)
            #expect(fixed + 3 * plan.concurrency <= limit)
            #expect(plan.concurrency <= concurrency)
            #expect((plan.warning != nil) == (plan.concurrency < concurrency))
            let sufficient = self.plan(
                plan.sufficientLimit, concurrency: concurrency, threads: threads, sendsMail: sendsMail)
            #expect(sufficient.concurrency == concurrency)
        }
    }

    @Test func theCheckSaysWhatTheLimitAllows() throws {
        let redis = try RedisServer(extraArguments: ["--appendonly", "yes", "--maxmemory-policy", "noeviction"])
        let directory = try TemporaryDirectory()
        let location = try TestWorker.makeDirectory(in: directory)
        func check(_ limit: Int) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
            try ChildProcess.run(
                [
                    "/bin/sh", "-c", "ulimit -n \(limit); exec \"$0\" \"$@\"", BuiltProducts.path("hookline-worker"),
                    "--check", "--redis", redis.url, "--directory", location,
                ], environment: TestWorker.environment([:]))
        }

        let low = try check(100)
        let tooLow = try check(24)

        #expect(low.status == .exited(0), "\(low.error)")
        #expect(low.error.contains("warning: the limit of 100 file descriptors allows "))
        #expect(low.error.contains(" webhooks at a time and not 256; raise it to "))
        #expect(tooLow.status == .exited(78))
        #expect(tooLow.error.contains("the limit of 24 file descriptors is too low to deliver; raise it to "))
    }
}
