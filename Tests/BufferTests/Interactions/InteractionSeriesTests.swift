import Model
import TestSupport
import Testing

@testable import Buffer

/// Interactions are counted as the original counts them.
@Suite
struct GoldenInteractionTests {
    @Test(arguments: try Golden.cases(ofKind: "interaction"))
    func everyRecordedPOSTLeavesTheRecordedHashes(golden: Golden.Case) throws {
        let server = try RedisServer()
        let series = InteractionSeries(connection: try server.connection())
        var count = 0

        for query in golden.queries where !query["redis_after"].members.isEmpty {
            try server.command("FLUSHALL")
            let slug = try #require(query["path"].string).split(separator: "/")[3]
            // A form or JSON; each name is in it as it is, and the last of repeated fields counts.
            let body = try #require(query["body"].string)
            let app = try Golden(name: golden.file).app(slug: String(slug))
            let componentType = body.contains("stacktrace-link") ? "stacktrace-link" : "issue-link"
            let key: InteractionKey =
                body.contains("sentry_app_viewed")
                ? .viewed(appID: try #require(app["id"].integer))
                : .componentInteracted(appSlug: String(slug), componentType: componentType)
            try series.increment(key, at: try #require(Timestamp(parsing: query["now"].string ?? "")))

            count += 1
            for hash in query["redis_after"].members {
                for field in hash.value["fields"].members {
                    let value = try server.command("HGET", hash.key, field.key)
                    #expect(value == "$\(field.value.string?.utf8.count ?? 0)\r\n\(field.value.string ?? "")\r\n")
                }
                let moment = try server.integer("EXPIRETIME", hash.key)
                #expect(Int64(moment) == hash.value["expireat"].integer)
            }
            let size = try server.integer("DBSIZE")
            #expect(size == query["redis_after"].members.count)
        }
        #expect(count > 0)
    }

    @Test(arguments: try Golden.cases(ofKind: "interaction"))
    func theOriginalsCountsAreRead(golden: Golden.Case) throws {
        let server = try RedisServer()
        try server.load(golden.redis)
        let series = InteractionSeries(connection: try server.connection())
        var total: Int64 = 0

        for query in golden.queries where query["status"].integer == 200 {
            let slug = String(try #require(query["path"].string).split(separator: "/")[3])
            let app = try Golden(name: golden.file).app(slug: slug)
            let views = query["json"]["views"].elements.map(\.elements)
            guard views.count > 1 else { continue }
            let starts = try views.map { try #require(Double($0[0].text)) }.map { Int64($0) }
            let rollup = try #require(Rollup(rawValue: Int(starts[1] - starts[0])))
            let components = query["json"]["componentInteractions"].members
            let keys =
                [.viewed(appID: try #require(app["id"].integer))]
                + components.map { InteractionKey.componentInteracted(appSlug: slug, componentType: $0.key) }

            let counts = try series.counts(of: keys, rollup: rollup, bucketStarts: starts)

            #expect(counts[0] == views.map { $0[1].integer ?? -1 })
            for (component, series) in zip(components, counts.dropFirst()) {
                #expect(series == component.value.elements.map { $0.elements[1].integer ?? -1 })
            }
            total += counts.joined().reduce(0, +)
        }
        #expect(total > 0)
    }

    @Test func aQueryOfSeveralRoundTripsReturnsEachBucketsCount() throws {
        let server = try RedisServer()
        let series = InteractionSeries(connection: try server.connection())
        let now = Timestamp.now().seconds / 3600 * 3600
        let keys = [InteractionKey.viewed(appID: 1), .componentInteracted(appSlug: "a", componentType: "issue-link")]
        try series.increment(keys[0], at: Timestamp(seconds: now))
        try series.increment(keys[1], at: Timestamp(seconds: now))
        try series.increment(keys[1], at: Timestamp(seconds: now + 3599))
        let starts = (0..<5000).map { now - Int64($0) * 3600 }

        let counts = try series.counts(of: keys, rollup: .hour, bucketStarts: starts)

        #expect(counts.map(\.count) == [5000, 5000])
        #expect(counts.map { $0[0] } == [1, 2])
        #expect(counts.map { $0.reduce(0, +) } == [1, 2])
    }
}

extension GoldenValue {
    /// A number as it is written; empty for anything else.
    fileprivate var text: String {
        if case .number(let text) = self { text } else { "" }
    }
}

/// The keys of a series.
@Suite
struct InteractionFieldTests {
    @Test(arguments: [
        (InteractionKey.viewed(appID: 1), 800, 1, "1"),
        (.viewed(appID: 100), 800, 36, "100"),
        (
            .componentInteracted(appSlug: "sample-app", componentType: "stacktrace-link"), 801, 18,
            "bd516d3509add6e4bd4f16edffdb3772"
        ),
        (
            .componentInteracted(appSlug: "sample-app", componentType: "issue-link"), 801, 23,
            "776d1bc4d604b3657d4ebe4ed0410eb9"
        ),
        (
            .componentInteracted(appSlug: "foo-bar-1a2b3c", componentType: "issue-link"), 801, 3,
            "5132b4f5301a3b7e6e5e712becbfbc43"
        ),
    ])
    func theContractsWorkedExample(key: InteractionKey, model: Int, shard: Int, field: String) {
        let place = InteractionField(key)

        #expect(place.field == field)
        #expect(place.hashKey(bucketStart: 1_573_151_308, rollup: .tenSeconds) == "ts:\(model):157315130:\(shard)")
        #expect(place.hashKey(bucketStart: 1_573_151_308, rollup: .hour) == "ts:\(model):436986:\(shard)")
        #expect(place.hashKey(bucketStart: 1_573_151_308, rollup: .day) == "ts:\(model):18207:\(shard)")
    }

    @Test func bucketsBeforeTheEpochAreRoundedDownAndShardsAreNeverNegative() {
        let place = InteractionField(.viewed(appID: -1))

        #expect(place.shard == 63)
        #expect(place.hashKey(bucketStart: -1, rollup: .hour) == "ts:800:-1:63")
        #expect(place.hashKey(bucketStart: -3600, rollup: .hour) == "ts:800:-1:63")
        #expect(place.hashKey(bucketStart: -3601, rollup: .hour) == "ts:800:-2:63")
    }

    @Test(arguments: [
        ("a:b", "'a:b'"), ("o'hara:x", "\"o'hara:x\""), ("both'\":x", #"'both\'":x'"#), ("q\":x", "'q\":x'"),
        ("back\\slash", #"'back\\slash'"#), ("\u{E9}", #"'\xc3\xa9'"#), ("\t\n\r\u{0}\u{7F}", #"'\t\n\r\x00\x7f'"#),
        ("", "''"),
    ])
    func namesAreQuotedAsPython2QuotesByteStrings(text: String, expected: String) {
        let quoted = InteractionField.quoted(text)

        #expect(String(decoding: quoted, as: UTF8.self) == expected)
    }
}
