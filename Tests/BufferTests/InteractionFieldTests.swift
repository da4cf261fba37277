import Testing

@testable import Buffer

/// Where a series is kept.
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
