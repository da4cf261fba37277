import Model

extension WebhookRequestBuffer {
    /// What became of a record.
    package enum RecordOutcome: Hashable, Sendable {
        case stored
        /// The event is not in the catalogue; nothing was written, as in the original (contract 1.3).
        case unknownEvent
    }

    /// Stores one attempt in the list of its event and, if it is an error, in the list of errors, in one transaction
    /// (contract 1.6).
    ///
    /// After `.connectionLost` and `.timedOut` it is not known whether it was stored.
    package func record(_ record: WebhookRequestRecord) throws(BufferError) -> RecordOutcome {
        guard events.contains(record.event) else { return .unknownEvent }
        let kinds = record.isError ? [false, true] : [false]
        let keys = kinds.map {
            WebhookRequestKey(appID: record.appID, event: record.event, isErrors: $0).text
        }
        try connection.perform(transaction(storing: record.json, at: keys), isRepeatable: false)
        try checkTransaction(keys: keys)
        return .stored
    }

    private func transaction(storing value: [UInt8], at keys: [String]) -> RedisRequest {
        var request = RedisRequest()
        request.append("MULTI")
        for key in keys {
            request.begin(argumentCount: 3)
            request.appendArgument("LPUSH")
            request.appendArgument(key)
            request.appendArgument(value)
            request.append("LTRIM", key, "0", String(WebhookRequestBuffer.capacity - 1))
            request.append("EXPIRE", key, String(WebhookRequestBuffer.lifetimeSeconds))
        }
        request.append("EXEC")
        return request
    }

    /// Checks the answers to `MULTI`, to three commands for each key, and the array that `EXEC` gives.
    private func checkTransaction(keys: [String]) throws(BufferError) {
        let tokens = connection.reply.tokens
        let commandCount = keys.count * 3
        let executed = commandCount + 2
        // A command that is refused when it is queued comes before the EXEC that fails because of it.
        for (index, token) in tokens.enumerated() where token.kind == .error {
            let command = index < executed ? index - 1 : index - executed
            let key = (0..<commandCount).contains(command) ? keys[command / 3] : nil
            throw .refused(key: key, message: connection.reply.text(of: token))
        }
        guard tokens.count == executed + commandCount, tokens[executed - 1].kind == .array,
            tokens[executed...].allSatisfy({ $0.kind == .integer || $0.kind == .status })
        else { throw .unexpectedReply("EXEC gave no array of \(commandCount) results") }
    }
}
