package import Model
package import Redis

/// What endpoints do with the dead letters of apps. One object serves one thread.
package protocol DeadLetterManaging: AnyObject {
    /// See `DeliveryQueue.deadLetters`.
    func deadLetters(
        appID: Int64?, after cursor: DeadLetterPage.Cursor?, count: Int
    ) throws(RedisError) -> DeadLetterPage
    /// See `DeliveryQueue.deadLetterSummary`.
    func deadLetterSummary(appID: Int64) throws(RedisError) -> DeadLetterSummary
    /// See `DeliveryQueue.deadLetter`.
    func deadLetter(id: String, appID: Int64) throws(RedisError) -> DeadLetter?
    /// See `DeliveryQueue.redrive`.
    func redrive(ids: [String], now: Timestamp) throws(RedisError) -> Redrive
    /// See `DeliveryQueue.deleteDeadLetters`.
    func deleteDeadLetters(ids: [String], appID: Int64?) throws(RedisError) -> Int
    /// See `DeliveryQueue.oldestDeadLetters`.
    func oldestDeadLetters(appID: Int64, limit: Int) throws(RedisError) -> (ids: [String], hasMore: Bool)
}

extension DeliveryQueue: DeadLetterManaging {}

extension DeadLetterPage.Cursor {
    /// As clients get it and send it back.
    package var text: String { "\(shard):\(last?.member ?? "")" }

    /// - Parameters:
    ///   - text: of a page of this app's dead letters; otherwise the result is nil.
    ///   - appID: a cursor of another app would list that app's dead letters.
    package init?(text: String, appID: Int64) {
        guard let colon = text.firstIndex(of: ":"), let shard = Int(text[..<colon]), shard >= 0 else { return nil }
        let member = String(text[text.index(after: colon)...])
        guard member.isEmpty || member.utf8.starts(with: QueueIndex.range(appID: appID).start.utf8) else { return nil }
        self.init(shard: shard, last: member.isEmpty ? nil : SortedSetPage.Item(member: member, score: ""))
    }
}
