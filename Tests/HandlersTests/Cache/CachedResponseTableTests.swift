import Buffer
import Model
import TestSupport
import Testing

@testable import Handlers

/// The bounded table of answers.
@Suite
struct AnswerTableTests {
    private static let list = WebhookRequestKey(appID: 1, event: "a", isErrors: false)

    @Test func answersFillTheLimitToItsLastByteAndOneByteMorePushesOutWhatWasUsedTheLongestAgo() {
        let size = answer(of: 1000).byteCount(key: key(0))
        for surplus in [0, 1] {
            // Fifteen answers, and one that takes the rest.
            var table = CachedResponseTable(byteLimit: size * 17 - 1)
            for number in 0..<15 { table.store(answer(of: 1000), for: key(number)) }
            _ = table.answer(for: key(0))
            table.store(answer(of: 1000 + size - 1 + surplus), for: key(15))

            #expect(table.byteCount <= table.byteLimit)
            #expect(table.evictionCount == surplus)
            #expect(holds(table, key(0)) && holds(table, key(15)))
            #expect(holds(table, key(1)) == (surplus == 0))
            #expect(table.count == 16 - surplus)
        }
    }

    @Test func anAnswerOfAnEighthOfTheLimitIsKeptALargerOneIsNot() {
        let size = answer(of: 5000).byteCount(key: key(0))
        var table = CachedResponseTable(byteLimit: size * 8)
        table.store(answer(of: 5000), for: key(0))
        #expect(table.count == 1 && table.byteCount == size)
        table.store(answer(of: 5008), for: key(1))
        #expect(table.count == 1)
        // What it replaces is gone all the same.
        table.store(answer(of: 5008), for: key(0))
        #expect(table.count == 0 && table.byteCount == 0)
    }

    @Test func aChangeRemovesWhatReadsTheListWhateverElseIsThere() {
        var table = CachedResponseTable(byteLimit: 1 << 20)
        for number in 0..<20 {
            let query = WebhookRequestQuery(
                appID: Int64(number % 2), events: number < 10 ? ["a", "b"] : ["b"], errorsOnly: number % 4 == 3)
            table.store(answer(of: 10, lists: [query]), for: key(number, appID: Int64(number % 2)))
        }
        #expect(table.remove(changed: .list(Self.list)) == 3)
        #expect(!holds(table, key(1, appID: 1)) && holds(table, key(3, appID: 1)))
        #expect(holds(table, key(11, appID: 1)))
        #expect(table.remove(changed: .list(Self.list)) == 0)
        #expect(table.remove(changed: .everything) == 17)
        #expect(table.count == 0 && table.byteCount == 0)
    }

    @Test func howeverManyAnswersAnAppHasOneThatIsRemovedMovesNoMoreThanOneOtherInTheAppsList() {
        var random = SeededGenerator(seed: 5)
        var table = CachedResponseTable(byteLimit: 8 << 20)
        var numbers = Array(0..<500)
        for number in numbers { table.store(answer(of: 1), for: key(number)) }
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

    @Test func whateverIsDoneTheTableAgreesWithAPlainListOfWhatWasUsedAndWhatHasLeftItSaysSo() {
        var random = SeededGenerator(seed: 7)
        var table = CachedResponseTable(byteLimit: 20_000)
        var model: [(key: ResponseCacheKey, answer: CachedResponse)] = []
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
                model.removeAll { $0.answer.lists.contains { $0.reads(list) } }
                #expect(count == before - model.count)
            case 10...49:
                let query = WebhookRequestQuery(
                    appID: key.appID, events: Bool.random(using: &random) ? ["a", "b"] : ["b"])
                let answer = answer(of: Int.random(in: 0..<2500, using: &random), lists: [query])
                table.store(answer, for: key)
                model.removeAll { $0.key == key }
                let size = answer.byteCount(key: key)
                guard size <= 2500 else { continue }
                stored.append(answer)
                func total() -> Int { model.reduce(size) { $0 + $1.answer.byteCount(key: $1.key) } }
                while total() > 20_000 { model.removeFirst() }
                model.append((key, answer))
            default:
                let found = table.answer(for: key)
                let index = model.firstIndex { $0.key == key }
                #expect(found === index.map { model[$0].answer })
                if let index { model.append(model.remove(at: index)) }
            }
            #expect(table.count == model.count)
            #expect(table.byteCount == model.reduce(0) { $0 + $1.answer.byteCount(key: $1.key) })
            #expect(hasRightPlaces(table))
            #expect(model.allSatisfy { $0.answer.isHeld } && stored.count { $0.isHeld } == model.count)
            stored.removeAll { !$0.isHeld }
        }
        #expect(table.evictionCount > 0)
    }

    @Test func keysOfDifferentQuestionsDifferAlsoWhereTheirPartsRunTogether() {
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

    /// Whether every answer is in its app's list, where it says, and nothing else is.
    private func hasRightPlaces(_ table: CachedResponseTable) -> Bool {
        let used = table.slots.indices.filter { table.slots[$0] != nil }
        return used.count == table.slotsByApp.values.reduce(0) { $0 + $1.count }
            && !table.slotsByApp.values.contains { $0.isEmpty }
            && used.allSatisfy { position in
                guard let slot = table.slots[position] else { return false }
                let list = table.slotsByApp[slot.key.appID] ?? []
                return list.indices.contains(slot.placeInApp) && list[slot.placeInApp] == position
            }
    }

    @Test func theMemoryOfWhatAnAnswerReadsAndRefersToCountsToo() {
        let key = key(0)
        let plain = answer(of: 10).byteCount(key: key)
        let events = (0..<20).map { EventType(rawValue: "event.\($0)") }
        let lists = [false, true].map { WebhookRequestQuery(appID: 1, events: events, errorsOnly: $0) }
        let ofLists = answer(of: 10, lists: lists).byteCount(key: key) - plain
        // The header of an array takes 32 bytes.
        let least = MemoryLayout<WebhookRequestQuery>.stride + 32 + events.count * MemoryLayout<EventType>.stride
        #expect(ofLists >= lists.count * least)

        let basis = CachedResponseBasis()
        let event = IssueEvent(projectID: 1, eventID: HandlersFixture.eventID, groupID: 2)
        basis.note(.issueEvent(projectID: 1, eventID: HandlersFixture.eventID, event))
        let ofReference = answer(of: 10, basis: basis).byteCount(key: key) - plain
        // The text is there twice, each in a piece of memory of its own.
        #expect(ofReference >= MemoryLayout<DirectoryReference>.stride + 2 * (HandlersFixture.eventID.utf8.count + 32))
    }

    private func key(_ number: Int, appID: Int64 = 1) -> ResponseCacheKey {
        let app = SentryApp(id: appID, slug: "a", name: "a", ownerID: 2, status: .published, uuid: "u")
        var key = ResponseCacheKey(.requests, of: app)
        key.add(Int64(number))
        return key
    }

    private func answer(
        of count: Int, lists: [WebhookRequestQuery] = [], basis: CachedResponseBasis = CachedResponseBasis()
    ) -> CachedResponse {
        CachedResponse(
            Reply(body: Array(repeating: 0x20, count: count)), number: 1, lists: lists, lease: ListLease(.seconds(60)),
            madeAt: HandlersFixture.now, basis: basis)
    }
}
