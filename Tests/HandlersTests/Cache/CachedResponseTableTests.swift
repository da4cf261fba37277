import Buffer
import Model
import TestSupport
import Testing

@testable import Handlers

/// The bounded table of cached responses.
@Suite
struct CachedResponseTableTests {
    private static let list = WebhookRequestKey(appID: 1, event: "a", isErrors: false)

    @Test func responsesFillTheLimitToItsLastByteAndOneMoreByteEvictsTheLeastRecentlyUsed() {
        let size = response(of: 1000).byteCount(key: key(0))
        for surplus in [0, 1] {
            // Fifteen responses, and one that takes the remaining bytes.
            var table = CachedResponseTable(byteLimit: size * 17 - 1)
            for number in 0..<15 { table.store(response(of: 1000), for: key(number)) }
            _ = table.response(for: key(0))
            table.store(response(of: 1000 + size - 1 + surplus), for: key(15))

            #expect(table.byteCount <= table.byteLimit)
            #expect(table.evictionCount == surplus)
            #expect(holds(table, key(0)) && holds(table, key(15)))
            #expect(holds(table, key(1)) == (surplus == 0))
            #expect(table.count == 16 - surplus)
        }
    }

    @Test func aResponseOfAnEighthOfTheLimitIsStoredALargerOneIsNot() {
        let size = response(of: 5000).byteCount(key: key(0))
        var table = CachedResponseTable(byteLimit: size * 8)
        table.store(response(of: 5000), for: key(0))
        #expect(table.count == 1 && table.byteCount == size)
        table.store(response(of: 5008), for: key(1))
        #expect(table.count == 1)
        // The replaced one is removed nevertheless.
        table.store(response(of: 5008), for: key(0))
        #expect(table.count == 0 && table.byteCount == 0)
    }

    @Test func aChangeRemovesExactlyTheResponsesThatReadTheList() {
        var table = CachedResponseTable(byteLimit: 1 << 20)
        for number in 0..<20 {
            let query = WebhookRequestQuery(
                appID: Int64(number % 2), events: number < 10 ? ["a", "b"] : ["b"], errorsOnly: number % 4 == 3)
            table.store(response(of: 10, lists: [query]), for: key(number, appID: Int64(number % 2)))
        }
        #expect(table.remove(changed: .list(Self.list)) == 3)
        #expect(!holds(table, key(1, appID: 1)) && holds(table, key(3, appID: 1)))
        #expect(holds(table, key(11, appID: 1)))
        #expect(table.remove(changed: .list(Self.list)) == 0)
        #expect(table.remove(changed: .everything) == 17)
        #expect(table.count == 0 && table.byteCount == 0)
    }

    @Test func removingAResponseMovesAtMostOneOtherInItsAppsList() {
        var random = SeededGenerator(seed: 5)
        var table = CachedResponseTable(byteLimit: 8 << 20)
        var numbers = Array(0..<500)
        for number in numbers { table.store(response(of: 1), for: key(number)) }
        numbers.shuffle(using: &random)
        for number in numbers {
            let before = table.slotsByApp[1] ?? []
            table.remove(key(number))
            let after = table.slotsByApp[1] ?? []
            #expect(after.count == before.count - 1)
            #expect(zip(before, after).count { $0 != $1 } <= 1)
        }
        #expect(table.count == 0 && table.slotsByApp.isEmpty)
    }

    @Test func theTableAgreesWithAPlainListAndRemovedResponsesAreMarked() {
        var random = SeededGenerator(seed: 7)
        var table = CachedResponseTable(byteLimit: 20_000)
        var model: [(key: ResponseCacheKey, response: CachedResponse)] = []
        var stored: [CachedResponse] = []
        for _ in 0..<20_000 {
            let key = key(Int.random(in: 0..<40, using: &random), appID: Int64.random(in: 0..<3, using: &random))
            switch Int.random(in: 0..<100, using: &random) {
            case 0:
                #expect(table.remove(changed: .everything) == model.count)
                model = []
            case 1...4:
                table.remove(key)
                model.removeAll { $0.key == key }
            case 5...9:
                let list = WebhookRequestKey(appID: key.appID, event: "a", isErrors: false)
                let count = table.remove(changed: .list(list))
                let before = model.count
                model.removeAll { $0.response.lists.contains { $0.reads(list) } }
                #expect(count == before - model.count)
            case 10...49:
                let query = WebhookRequestQuery(
                    appID: key.appID, events: Bool.random(using: &random) ? ["a", "b"] : ["b"])
                let response = response(of: Int.random(in: 0..<2500, using: &random), lists: [query])
                table.store(response, for: key)
                model.removeAll { $0.key == key }
                let size = response.byteCount(key: key)
                guard size <= 2500 else { continue }
                stored.append(response)
                func total() -> Int { model.reduce(size) { $0 + $1.response.byteCount(key: $1.key) } }
                while total() > 20_000 { model.removeFirst() }
                model.append((key, response))
            default:
                let found = table.response(for: key)
                let index = model.firstIndex { $0.key == key }
                #expect(found === index.map { model[$0].response })
                if let index { model.append(model.remove(at: index)) }
            }
            #expect(table.count == model.count)
            #expect(table.byteCount == model.reduce(0) { $0 + $1.response.byteCount(key: $1.key) })
            #expect(hasRightIndices(table))
            #expect(model.allSatisfy { $0.response.isStored } && stored.count { $0.isStored } == model.count)
            stored.removeAll { !$0.isStored }
        }
        #expect(table.evictionCount > 0)
    }

    @Test func keysOfDifferentRequestsDifferAlsoWhereTheirPartsRunTogether() {
        let app = SentryApp(id: 1, slug: "a", name: "a", ownerID: 2, status: .published, uuid: "u")
        func key(_ parts: [String?]) -> ResponseCacheKey {
            var key = ResponseCacheKey(.requests, of: app)
            for part in parts { key.add(part) }
            return key
        }
        let keys = [
            ["a", "b"], ["ab", ""], ["", "ab"], [nil, "ab"], ["ab", nil], ["\u{DC}", ""], ["U\u{308}", ""],
        ]
        #expect(Set(keys.map(key)).count == keys.count)
    }

    /// Looks without counting as a use.
    private func holds(_ table: CachedResponseTable, _ key: ResponseCacheKey) -> Bool {
        table.slots.contains { $0?.key == key }
    }

    /// Whether every response is in its app's list, where it says, and nothing else is.
    private func hasRightIndices(_ table: CachedResponseTable) -> Bool {
        let used = table.slots.indices.filter { table.slots[$0] != nil }
        return used.count == table.slotsByApp.values.reduce(0) { $0 + $1.count }
            && !table.slotsByApp.values.contains { $0.isEmpty }
            && used.allSatisfy { position in
                guard let slot = table.slots[position] else { return false }
                let list = table.slotsByApp[slot.key.appID] ?? []
                return list.indices.contains(slot.indexInApp) && list[slot.indexInApp] == position
            }
    }

    @Test func theMemoryOfTheListsCountsToo() {
        let key = key(0)
        let plain = response(of: 10).byteCount(key: key)
        let events = (0..<20).map { EventType(rawValue: "event.\($0)") }
        let lists = [false, true].map { WebhookRequestQuery(appID: 1, events: events, errorsOnly: $0) }
        let ofLists = response(of: 10, lists: lists).byteCount(key: key) - plain
        // The header of an array takes 32 bytes.
        let least = MemoryLayout<WebhookRequestQuery>.stride + 32 + events.count * MemoryLayout<EventType>.stride
        #expect(ofLists >= lists.count * least)
    }

    private func key(_ number: Int, appID: Int64 = 1) -> ResponseCacheKey {
        let app = SentryApp(id: appID, slug: "a", name: "a", ownerID: 2, status: .published, uuid: "u")
        var key = ResponseCacheKey(.requests, of: app)
        key.add(Int64(number))
        return key
    }

    private func response(of count: Int, lists: [WebhookRequestQuery] = []) -> CachedResponse {
        CachedResponse(
            EndpointResult(body: Array(repeating: 0x20, count: count)), lists: lists, lease: ListLease(.seconds(60)),
            madeAt: HandlersFixture.now, expiry: HandlersFixture.now.adding(seconds: 60), directoryGeneration: 0)
    }
}
