package import Model
package import Redis

/// The webhook request log in Redis: the lists that the original keeps, key for key and byte for byte (contract 1).
package final class WebhookRequestBuffer: WebhookRequestReading {
    /// Entries of one list (contract 1.6).
    static let capacity = 100
    /// How long a list lives after its last entry: 30 days (contract 1.6).
    static let lifetimeSeconds = 2_592_000

    let connection: RedisConnection
    let events: EventCatalogue
    private var request = RedisRequest()
    private let memory: ReadBufferPool

    /// - Parameters:
    ///   - events: what may be recorded; reading goes by the query alone.
    ///   - memory: what several buffers share to read in; nil = a pool of its own.
    package init(
        connection: RedisConnection, events: EventCatalogue = .version23Dot7, memory: ReadBufferPool? = nil
    ) {
        self.connection = connection
        self.events = events
        self.memory = memory ?? ReadBufferPool(limits: connection.reply.limits)
    }

    package func read(_ query: WebhookRequestQuery) throws(RedisError) -> WebhookRequestPage {
        guard !query.events.isEmpty, query.limit > 0 else { return .empty }
        request.removeAll()
        for event in query.events {
            request.begin(argumentCount: 4)
            request.appendArgument("LRANGE")
            request.appendArgument(key(event, query).text)
            request.appendArgument("0")
            request.appendArgument("99")
        }
        let memory = self.memory.take()
        defer { self.memory.giveBack(memory) }
        return try read(query, in: memory)
    }

    private func read(
        _ query: WebhookRequestQuery, in memory: ReadBuffer
    ) throws(RedisError) -> WebhookRequestPage {
        swap(&connection.reply, &memory.reply)
        defer { swap(&connection.reply, &memory.reply) }
        try connection.perform(request, isRepeatable: true)
        try collectElements(of: query, from: connection.reply, into: &memory.lists)
        let bytes = connection.reply.bytes
        return memory.merge.page(of: &memory.lists, in: bytes.span, ordering: query.ordering, limit: query.limit)
    }

    private func key(_ event: EventType, _ query: WebhookRequestQuery) -> WebhookRequestKey {
        WebhookRequestKey(appID: query.appID, event: event, isErrors: query.errorsOnly)
    }

    /// Notes where the lists' elements stand in the answer.
    private func collectElements(
        of query: WebhookRequestQuery, from reply: ReplyReader, into lists: inout EntryMerge.Lists
    ) throws(RedisError) {
        lists.removeAll()
        let tokens = reply.tokens
        var index = 0
        for event in query.events {
            let head = tokens[index]
            index += 1
            guard head.kind == .array else {
                let name = key(event, query).text
                guard head.kind == .error else { throw .unexpectedReply("LRANGE \(name) gave no array") }
                throw .refused(key: name, message: reply.text(of: head))
            }
            guard lists.append(tokens.span.extracting(index..<index + head.elementCount)) else {
                throw .unexpectedReply("LRANGE \(key(event, query).text) gave an element that is no string")
            }
            index += head.elementCount
        }
    }
}
