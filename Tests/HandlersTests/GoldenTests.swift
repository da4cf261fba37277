import Buffer
import CMessageDigest
import Handlers
import Model
import TestSupport
import Testing

/// Every recorded query of the interaction counts, the clock-dependent ones included.
@Suite struct GoldenInteractionTests {
    @Test(arguments: try Golden.all())
    func everyQueryOfTheInteractionsHasTheResponseOfTheOriginal(_ golden: Golden) throws {
        let directory = try MemoryDirectory(golden: golden.directory)
        for scenario in golden.cases where scenario.kind == "interaction" {
            for query in scenario.queries {
                let now = try #require(
                    (query["now"].string ?? scenario.now).flatMap { Timestamp(parsing: $0) })
                let counter = MemoryInteractionCounter(golden: scenario, directory: directory)
                let service = Service(
                    dependencies: Dependencies(
                        directory: directory, requestLog: MemoryRequestLog(), interactions: counter,
                        queue: MemoryEventQueue(), payloads: MemoryPayloads(),
                        clock: .frozen(at: now)))
                let response = service.respond(to: Request(golden: query, in: golden))

                #expect(GoldenResponse.difference(of: response, from: query) == nil, "\(scenario)")
                #expect(counter.increments.count == (query["redis_commands"].elements.isEmpty ? 0 : 1))
                #expect(counter.increments.allSatisfy { $0.time == now })
            }
        }
    }

    @Test(arguments: try Golden.all())
    func everyPostCountsInTheSeriesThatTheOriginalCountsIn(_ golden: Golden) throws {
        let directory = try MemoryDirectory(golden: golden.directory)
        var postCount = 0
        for scenario in golden.cases where scenario.kind == "interaction" {
            for query in scenario.queries where !query["increments"].isNull {
                let counter = MemoryInteractionCounter()
                let service = Service(
                    dependencies: Dependencies(
                        directory: directory, requestLog: MemoryRequestLog(), interactions: counter,
                        queue: MemoryEventQueue(), payloads: MemoryPayloads()))
                _ = service.respond(to: Request(golden: query, in: golden))

                let slug = String(try #require(query["path"].string?.split(separator: "/").dropLast().last))
                let app = try #require(directory.apps.first { $0.slug == slug })
                let key = try #require(counter.increments.first?.key)
                #expect(key == MemoryInteractionCounter.key(of: query, app: app))
                postCount += 1
            }
        }
        #expect(postCount > 10)
    }
}

extension MemoryInteractionCounter {
    /// The hashes of a golden case, as far as they are series of the directory's apps and components.
    convenience init(golden scenario: Golden.Case, directory: MemoryDirectory) {
        self.init()
        let keys = MemoryInteractionCounter.keysByField(directory)
        for hash in scenario.redis where hash.value["type"].string == "hash" {
            let parts = hash.key.split(separator: ":")
            guard let rollup = Rollup.allCases.first(where: { $0.digitCount == parts[2].count }),
                let index = Int64(parts[2])
            else { continue }
            for member in hash.value["fields"].members {
                guard let key = keys["\(parts[1]):\(member.key)"],
                    let count = member.value.string.flatMap({ Int64($0) })
                else { continue }
                counts[Bucket(key: key, rollup: rollup, start: index * Int64(rollup.rawValue))] = count
            }
        }
    }

    private static func keysByField(_ directory: MemoryDirectory) -> [String: InteractionKey] {
        var keys: [String: InteractionKey] = [:]
        for app in directory.apps {
            keys["800:\(app.id)"] = .viewed(appID: app.id)
            for component in directory.components where component.appID == app.id {
                keys["801:" + md5(hexadecimal: "'\(app.slug):\(component.type)'")] =
                    .componentInteracted(appSlug: app.slug, componentType: component.type)
            }
        }
        return keys
    }

    private static func md5(hexadecimal text: String) -> String {
        var digest = [CChar](repeating: 0, count: 33)
        _ = MD5Data(Array(text.utf8), text.utf8.count, &digest)
        return String(decoding: digest.prefix(32).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The series that a recorded post counts in.
    static func key(of query: GoldenValue, app: SentryApp) -> InteractionKey {
        guard query["increments"]["model"].string == "801" else { return .viewed(appID: app.id) }
        let body = query["body"].string ?? ""
        // The last value of a repeated form field counts.
        let type = body.hasSuffix("stacktrace-link") || body.contains(#""stacktrace-link""#)
        return .componentInteracted(appSlug: app.slug, componentType: type ? "stacktrace-link" : "issue-link")
    }
}

extension Rollup {
    /// Digits of a bucket's number at the recorded times, by which the three sizes of bucket are told apart.
    fileprivate var digitCount: Int {
        switch self {
        case .tenSeconds: 9
        case .hour: 6
        case .day: 5
        }
    }
}

/// Every recorded query of the request log.
@Suite struct GoldenRequestTests {
    @Test(arguments: try Golden.all())
    func everyQueryOfTheRequestLogHasTheResponseOfTheOriginal(_ golden: Golden) throws {
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

                #expect(GoldenResponse.difference(of: response, from: query) == nil, "\(scenario)")
            }
        }
    }
}
