package import Model
package import Redis

/// The rows of an app's log as they are added. One object serves one thread.
///
/// A list is read as a whole only when its newest element is another one than before: while nothing is added, a call
/// reads one element of each list, in one round trip.
package final class WebhookRequestTail {
    /// What was added since the last call.
    package struct Addition: Sendable {
        /// Newest first. `eventIndex` counts through the tail's events.
        package var page: WebhookRequestPage
        /// The events of whose lists more was added than a list holds, so that some rows are missing.
        package var overrunEvents: [EventType]
    }

    /// The newest element of a list.
    private enum NewestElement: Hashable {
        case none
        case element([UInt8])
        /// Larger than the connection reads.
        case oversized

        init(_ element: ReplyValue?) {
            switch element {
            case .text(let bytes)?: self = .element(Array(bytes))
            case nil: self = .none
            default: self = .oversized
            }
        }
    }

    private let connection: RedisConnection
    private let events: [EventType]
    private let keys: [String]
    private var heads: [NewestElement]
    /// What each list had when it was last read. Where its newest element was erased, the others are no additions.
    private var known: [Set<NewestElement>]

    /// - Parameter errorsOnly: the lists of errors.
    package init(connection: RedisConnection, appID: Int64, events: [EventType], errorsOnly: Bool) {
        self.connection = connection
        self.events = events
        keys = events.map { WebhookRequestKey(appID: appID, event: $0, isErrors: errorsOnly).text }
        heads = events.map { _ in .none }
        known = events.map { _ in [] }
    }

    /// The rows that were added since the last call; at the first, all that are there.
    ///
    /// After an error nothing is forgotten: the next call returns what this one would have.
    package func next() throws(RedisError) -> Addition {
        let newest = try read(Array(keys.indices), count: 1).map { NewestElement($0.first) }
        // A list that is gone has nothing to show.
        let changed = keys.indices.filter { newest[$0] != heads[$0] && newest[$0] != .none }
        for index in keys.indices where newest[index] == .none { remember([], of: index) }
        var (bytes, lists) = ([UInt8](), EntryMerge.Lists())
        var overrun: [EventType] = []
        let contents = changed.isEmpty ? [] : try read(changed, count: WebhookRequestBuffer.capacity)
        let byIndex = Dictionary(zip(changed, contents)) { first, _ in first }
        for index in keys.indices {
            // Every list has its place, so that rows name their event.
            defer { lists.ends.append(lists.elements.count) }
            guard let elements = byIndex[index] else { continue }
            let known = known[index]
            let added = elements.prefix { !known.contains(NewestElement($0)) }
            if added.count == elements.count, added.count >= WebhookRequestBuffer.capacity, !known.isEmpty {
                overrun.append(events[index])
            }
            for element in added {
                guard case .text(let text) = element else {
                    lists.oversizedCount += 1
                    continue
                }
                let lower = UInt32(bytes.count)
                bytes += text
                lists.elements.append(EntryMerge.Element(lower: lower, upper: UInt32(bytes.count)))
            }
            remember(elements, of: index)
        }
        var merge = EntryMerge()
        let page = merge.page(of: &lists, in: bytes.span, ordering: .byDate, limit: .max)
        return Addition(page: page, overrunEvents: overrun)
    }

    private func remember(_ elements: [ReplyValue], of index: Int) {
        heads[index] = NewestElement(elements.first)
        known[index] = Set(elements.map { NewestElement($0) })
        // One oversized element is like another: only as the newest one it is taken for the same.
        if heads[index] != .oversized { known[index].remove(.oversized) }
    }

    /// The first elements of lists, in one round trip.
    private func read(_ indices: [Int], count: Int) throws(RedisError) -> [[ReplyValue]] {
        var request = RedisRequest()
        for index in indices { request.append("LRANGE", keys[index], "0", String(count - 1)) }
        let replies = try connection.values(of: request, isRepeatable: true)
        var lists: [[ReplyValue]] = []
        for (index, reply) in zip(indices, replies) { lists.append(try reply.list(key: keys[index])) }
        return lists
    }
}
