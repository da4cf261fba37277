package import Model
package import Redis

/// The webhook request log in Redis: the lists that the original keeps, key for key and byte for byte (docs/protocol.md
/// 1.2).
package final class WebhookRequestBuffer: WebhookRequestReading {
    /// Elements of one list (docs/protocol.md 1.6).
    package static let capacity = 100
    /// Lifetime of a list after its last element: 30 days (docs/protocol.md 1.6).
    package static let lifetimeSeconds = 2_592_000

    let connection: RedisConnection
    let events: EventCatalogue
    private var request = RedisRequest()
    private let buffers: ReadBufferPool

    /// - Parameters:
    ///   - events: the events that are recorded; reading depends on the query alone.
    ///   - readBuffers: shared by several objects; nil: a pool for this one.
    package init(
        connection: RedisConnection, events: EventCatalogue = .version23Dot7, readBuffers: ReadBufferPool? = nil
    ) {
        self.connection = connection
        self.events = events
        buffers = readBuffers ?? ReadBufferPool()
    }

    package func read(_ query: WebhookRequestQuery) throws(RedisError) -> WebhookRequestPage {
        guard !query.events.isEmpty, query.limit > 0 else { return .empty }
        request.removeAll()
        for event in query.events {
            request.begin(argumentCount: 4)
            request.appendArgument("LRANGE")
            key(event, query).append(to: &request)
            request.appendArgument("0")
            request.appendArgument("99")
        }
        let buffer = buffers.acquire()
        defer { buffers.release(buffer) }
        return try read(query, in: buffer)
    }

    private func read(
        _ query: WebhookRequestQuery, in buffer: ReadBuffer
    ) throws(RedisError) -> WebhookRequestPage {
        swap(&connection.reply, &buffer.reply)
        defer { swap(&connection.reply, &buffer.reply) }
        do {
            try connection.perform(request, isRepeatable: true)
        } catch {
            throw named(error, query, reply: connection.reply)
        }
        try collectElements(of: query, from: connection.reply, into: &buffer.lists)
        let bytes = connection.reply.bytes
        return buffer.merge.page(of: &buffer.lists, in: bytes.span, ordering: query.ordering, limit: query.limit)
    }

    /// The error about a reply that is too large, with the list that has most of it.
    private func named(_ error: RedisError, _ query: WebhookRequestQuery, reply: ReplyReader) -> RedisError {
        guard case .unexpectedReply(let what) = error else { return error }
        let tokens = reply.tokens
        var index = 0
        var start = 0
        var largest: (event: EventType, bytes: Int)?
        for event in query.events where index < tokens.count {
            let next = index + 1 + (tokens[index].kind == .array ? tokens[index].elementCount : 0)
            let isComplete = next <= tokens.count
            let end = isComplete ? Int(tokens[index..<next].map(\.upper).max() ?? 0) : reply.bytes.count
            if end - start > largest?.bytes ?? 0 { largest = (event, end - start) }
            (index, start) = (next, max(start, end))
        }
        guard let largest else { return error }
        return .unexpectedReply(
            "\(what), of which \(largest.bytes) for the list \(key(largest.event, query).text)")
    }

    private func key(_ event: EventType, _ query: WebhookRequestQuery) -> WebhookRequestKey {
        WebhookRequestKey(appID: query.appID, event: event, isErrors: query.errorsOnly)
    }

    /// Collects the ranges of the lists' elements in the reply.
    private func collectElements(
        of query: WebhookRequestQuery, from reply: ReplyReader, into lists: inout EntryMerge.Lists
    ) throws(RedisError) {
        lists.removeAll()
        let tokens = reply.tokens
        var index = 0
        for event in query.events {
            let header = tokens[index]
            index += 1
            guard case .array = header.kind else {
                let name = key(event, query).text
                guard header.kind == .error else { throw .unexpectedReply("LRANGE \(name) returned no array") }
                throw .refused(key: name, message: reply.text(of: header))
            }
            guard lists.append(tokens.span.extracting(index..<index + header.elementCount)) else {
                throw .unexpectedReply("LRANGE \(key(event, query).text) returned an element that is not a string")
            }
            index += header.elementCount
        }
    }
}

extension WebhookRequestBuffer {
    /// Removes every list of an app, for the events of the catalogue, and its counts.
    package func removeAll(appID: Int64) throws(RedisError) {
        let keys = events.events.flatMap { event in
            [false, true].map { WebhookRequestKey(appID: appID, event: event, isErrors: $0).text }
        }
        guard !keys.isEmpty else { return }
        var request = RedisRequest()
        request.begin(argumentCount: keys.count + 1)
        request.appendArgument("DEL")
        for key in keys { request.appendArgument(key) }
        try connection.perform(request, isRepeatable: false)
        if let message = connection.reply.firstErrorMessage { throw .refused(key: nil, message: message) }
        try DeliveryHours.removeAll(appID: appID, now: .now(), on: connection)
    }
}
