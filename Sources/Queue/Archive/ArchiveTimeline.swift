package import Model
package import Redis

/// The archived events of several apps in the order of their times, read a page of one app at a time. One object serves
/// one thread.
///
/// Events of the same time come in any order. What is archived or evicted meanwhile may be there or not.
package final class ArchiveTimeline {
    package enum Order: Sendable {
        case oldestFirst, newestFirst
    }

    /// Which events.
    package struct Range: Hashable, Sendable {
        /// Start, inclusive; nil: the oldest.
        package var since: Timestamp?
        /// End, exclusive; nil: the newest.
        package var until: Timestamp?
        /// Only events whose last attempt failed, that of a redelivery included.
        package var errorsOnly: Bool

        package init(since: Timestamp? = nil, until: Timestamp? = nil, errorsOnly: Bool = false) {
            self.since = since
            self.until = until
            self.errorsOnly = errorsOnly
        }
    }

    /// One event, without its payload.
    package struct Item: Hashable, Sendable {
        package var appID: Int64
        package var id: String
        package var enqueuedAt: Timestamp
    }

    /// What is known of one app's list.
    private struct Source {
        var appID: Int64
        var key: String
        /// The next ones, the first one last.
        var pending: [SortedSetPage.Item] = []
        /// The score of the last item that was read, and all items read that have it: a page begins with these again.
        var boundary: (score: String, members: Set<String>)?
        /// Whether the list has no more.
        var isAtEnd = false

        var head: SortedSetPage.Item? { pending.last }
    }

    /// Members of one page, also of those read for many apps together.
    private static let pageSize = 100
    /// Members of the first page of each app, of which there may be many.
    private static let firstPageSize = 10
    /// Apps whose first pages are read in one round trip.
    private static let appsPerTrip = 100

    private let connection: RedisConnection
    private let order: Order
    private let bounds: (from: String, to: String)
    private var sources: [Source]
    /// Indexes of the sources that have a head, a heap by the head's time.
    private var heap: [Int] = []
    private var isPrepared = false

    init(_ archive: PayloadArchive, appIDs: [Int64], _ range: Range, order: Order, now: Timestamp) {
        connection = archive.connection
        self.order = order
        let oldest = now.adding(seconds: -Int64(archive.limits.lifetimeSeconds))
        bounds = (
            String(max(range.since ?? oldest, oldest).microseconds),
            range.until.map { String($0.microseconds - 1) } ?? "+inf"
        )
        sources = appIDs.map { id in
            let keys = ArchiveKeys(appID: id)
            return Source(appID: id, key: range.errorsOnly ? keys.errors : keys.index)
        }
    }

    /// The next event; nil at the end.
    package func next() throws(RedisError) -> Item? {
        if !isPrepared { try prepare() }
        guard let top = heap.first, let item = sources[top].pending.popLast() else { return nil }
        if sources[top].pending.isEmpty, !sources[top].isAtEnd { try read([top], count: Self.pageSize) }
        if sources[top].head == nil {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        }
        sink(0)
        return Item(appID: sources[top].appID, id: item.member, enqueuedAt: Timestamp(clamping: item.microseconds))
    }

    private func prepare() throws(RedisError) {
        for start in stride(from: 0, to: sources.count, by: Self.appsPerTrip) {
            let end = min(start + Self.appsPerTrip, sources.count)
            try read(Array(start..<end), count: sources.count == 1 ? Self.pageSize : Self.firstPageSize)
        }
        heap = sources.indices.filter { sources[$0].head != nil }
        for position in (0..<heap.count / 2).reversed() { sink(position) }
        isPrepared = true
    }

    /// Reads the next page of each of these sources, which have no pending items.
    private func read(_ indexes: [Int], count: Int) throws(RedisError) {
        let calls = indexes.map { call(for: sources[$0], count: count) }
        let replies = try connection.run(calls, isRepeatable: true)
        for (index, reply) in zip(indexes, replies) {
            try take(try SortedSetPage(reply, key: sources[index].key).items, asked: count, into: index)
        }
    }

    private func call(for source: Source, count: Int) -> ScriptCall {
        let last = source.boundary?.score
        return ScriptCall(
            Self.script, keys: [source.key], order == .oldestFirst ? last ?? bounds.from : bounds.from,
            order == .newestFirst ? last ?? bounds.to : bounds.to, order == .newestFirst ? "1" : "0",
            String(count + (source.boundary?.members.count ?? 0)))
    }

    private func take(_ items: [SortedSetPage.Item], asked count: Int, into index: Int) throws(RedisError) {
        let seen = sources[index].boundary
        let new = items.filter { !($0.score == seen?.score && seen?.members.contains($0.member) == true) }
        sources[index].isAtEnd = items.count < count + (seen?.members.count ?? 0) || new.isEmpty
        sources[index].pending = order == .newestFirst ? new : new.reversed()
        guard let last = sources[index].pending.first else { return }
        let members = new.filter { $0.score == last.score }.map(\.member)
        let before = seen?.score == last.score ? seen?.members ?? [] : []
        sources[index].boundary = (last.score, before.union(members))
    }

    /// Moves the entry at a position of the heap down to its place.
    private func sink(_ position: Int) {
        var parent = position
        while true {
            var first = parent
            for child in 2 * parent + 1..<min(2 * parent + 3, max(heap.count, 2 * parent + 1))
            where isBefore(heap[child], heap[first]) {
                first = child
            }
            guard first != parent else { return }
            heap.swapAt(parent, first)
            parent = first
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        guard let first = sources[left].head?.microseconds, let second = sources[right].head?.microseconds else {
            return false
        }
        return order == .oldestFirst ? first < second : first > second
    }

    /// KEYS: sorted set. ARGV: least score, greatest score, 1 = the greatest scores, count. Returns members and scores
    /// in turn, ascending.
    private static let script = RedisScript(
        """
        local first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
        local last = redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[2])
        local count = tonumber(ARGV[4])
        if ARGV[3] == '1' then first = math.max(first, last - count) else last = math.min(last, first + count) end
        if last <= first then return {} end
        return redis.call('ZRANGE', KEYS[1], first, last - 1, 'WITHSCORES')
        """)
}

extension PayloadArchive {
    /// The apps that may have archived events, ordered by id.
    package func appIDs() throws(RedisError) -> [Int64] {
        var request = RedisRequest()
        request.append("ZRANGE", ArchiveUsage.appsKey, "0", "-1")
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return try reply.list(key: ArchiveUsage.appsKey).compactMap(\.number).sorted()
    }

    /// The events of apps, in the order of their times.
    package func timeline(
        appIDs: [Int64], _ range: ArchiveTimeline.Range, order: ArchiveTimeline.Order, now: Timestamp
    ) -> ArchiveTimeline {
        ArchiveTimeline(self, appIDs: appIDs, range, order: order, now: now)
    }

    /// The type of each event; nil when it has expired. One round trip.
    package func eventTypes(_ items: [ArchiveTimeline.Item]) throws(RedisError) -> [EventType?] {
        guard !items.isEmpty else { return [] }
        var request = RedisRequest()
        for item in items { request.append("HGET", ArchiveKeys(appID: item.appID).event(item.id), QueueField.event) }
        return try connection.values(of: request, isRepeatable: true).map { $0.string.map(EventType.init(rawValue:)) }
    }

    /// Each event with its payload, and whether its last attempt failed, that of a redelivery included; nil when it has
    /// expired. One round trip.
    package func events(
        _ items: [ArchiveTimeline.Item]
    ) throws(RedisError) -> [(event: ArchivedEvent, hasFailed: Bool)?] {
        guard !items.isEmpty else { return [] }
        var request = RedisRequest()
        for item in items {
            let keys = ArchiveKeys(appID: item.appID)
            request.appendFields(ofEvent: keys.event(item.id))
            request.append("ZSCORE", keys.errors, item.id)
        }
        let replies = try connection.values(of: request, isRepeatable: true)
        guard replies.count == 2 * items.count else {
            throw .unexpectedReply("the archive has sent \(replies.count) replies for \(items.count) events")
        }
        var events: [(event: ArchivedEvent, hasFailed: Bool)?] = []
        for (index, item) in items.enumerated() {
            let values = try replies[2 * index].list(key: ArchiveKeys(appID: item.appID).event(item.id))
            let event = ArchivedEvent(id: item.id, appID: item.appID, values: values)
            events.append(event.map { ($0, replies[2 * index + 1].string != nil) })
        }
        return events
    }
}
