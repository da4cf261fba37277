import Model
package import Redis

extension WebhookRequestBuffer {
    /// The outcome of recording one attempt.
    package enum RecordOutcome: Hashable, Sendable {
        case stored
        /// The event is not in the catalogue; nothing was written, as in the original (docs/protocol.md 1.3).
        case unknownEvent
        /// Redis refused a command of the record's transaction, on `key` if that is known. Records of other
        /// transactions of the batch are not affected.
        case refused(key: String?, message: String)
    }

    /// Stores one attempt in the list of its event and, if it is an error, in the list of errors, in one transaction
    /// (docs/protocol.md 1.6).
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown whether it was stored.
    ///
    /// - Returns: `stored` or `unknownEvent`; a refusal is thrown.
    package func record(_ record: WebhookRequestRecord) throws(RedisError) -> RecordOutcome {
        let outcome = try self.record([record]).first ?? .unknownEvent
        if case .refused(let key, let message) = outcome { throw .refused(key: key, message: message) }
        return outcome
    }

    /// Stores attempts in one round trip: those of one app and event in one transaction, in the order given, so that
    /// the last is the first in the lists. The outcomes are in the same order.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown which were stored: see `unstored`.
    package func record(_ records: [WebhookRequestRecord]) throws(RedisError) -> [RecordOutcome] {
        var outcomes = records.map { _ in RecordOutcome.unknownEvent }
        let transactions = transactions(of: records)
        guard !transactions.isEmpty else { return outcomes }
        if let refusal = try refusalOfTransactions() {
            for index in transactions.flatMap(\.indices) { outcomes[index] = refusal }
            return outcomes
        }
        var request = RedisRequest()
        for transaction in transactions { transaction.append(to: &request, records) }
        try connection.perform(request, isRepeatable: false)
        var tokens = connection.reply.tokens[...]
        for transaction in transactions {
            let outcome = try outcome(of: transaction, &tokens)
            for index in transaction.indices { outcomes[index] = outcome }
        }
        return outcomes
    }

    /// The records that a call of `record` with the same records has not stored, after an error that leaves this open.
    ///
    /// A record counts as stored as long as its element, or that of a later one of the same app and event, is in the
    /// list: these were stored together or not at all.
    package func unstored(_ records: [WebhookRequestRecord]) throws(RedisError) -> [WebhookRequestRecord] {
        var unstored: [Int] = []
        for transaction in transactions(of: records) {
            guard let last = transaction.indices.last else { continue }
            let (key, element) = (transaction.keys[0], records[last].json[...])
            var request = RedisRequest()
            request.append("LRANGE", key, "0", String(Self.capacity - 1))
            let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
            if try !reply.list(key: key).contains(.text(element)) { unstored += transaction.indices }
        }
        return unstored.sorted().map { records[$0] }
    }

    /// Tries an empty transaction, unless `MULTI` was accepted the last time: where it is refused, the commands after
    /// it would be executed one by one, and again with each try.
    private func refusalOfTransactions() throws(RedisError) -> RecordOutcome? {
        guard !mayUseTransactions else { return nil }
        var request = RedisRequest()
        request.append("MULTI")
        request.append("EXEC")
        try connection.perform(request, isRepeatable: true)
        guard let message = connection.reply.firstErrorMessage else {
            mayUseTransactions = true
            return nil
        }
        return .refused(key: nil, message: message)
    }

    private func transactions(of records: [WebhookRequestRecord]) -> [RecordTransaction] {
        var positions: [RecordTransaction.Lists: Int] = [:]
        var transactions: [RecordTransaction] = []
        for (index, record) in records.enumerated() where events.contains(record.event) {
            let lists = RecordTransaction.Lists(appID: record.appID, event: record.event)
            if let position = positions[lists] {
                transactions[position].add(index, isError: record.isError)
            } else {
                positions[lists] = transactions.count
                transactions.append(RecordTransaction(lists: lists, index: index, isError: record.isError))
            }
        }
        return transactions
    }

    /// Takes the replies to one transaction: to `MULTI`, to its commands, and to `EXEC` an array or an error.
    private func outcome(
        of transaction: RecordTransaction, _ tokens: inout ArraySlice<ReplyToken>
    ) throws(RedisError) -> RecordOutcome {
        let keys = transaction.keys
        let commandCount = keys.count * 3
        var refusal: RecordOutcome?
        // The error of a command that is refused when it is queued comes before that of the EXEC which fails because of
        // it.
        func check(_ token: ReplyToken, command: Int) {
            guard token.kind == .error, refusal == nil else { return }
            let key = (0..<commandCount).contains(command) ? keys[command / 3] : nil
            refusal = .refused(key: key, message: connection.reply.text(of: token))
        }
        guard tokens.count >= commandCount + 2 else { throw .unexpectedReply("a transaction has too few replies") }
        if tokens[tokens.startIndex].kind == .error { mayUseTransactions = false }
        if !mayUseTransactions, tokens.dropFirst().prefix(commandCount).allSatisfy({ $0.kind != .error }) {
            // Only MULTI was refused, since a moment ago: the commands were executed one by one.
            tokens = tokens.dropFirst(commandCount + 2)
            return .stored
        }
        for (index, token) in tokens.prefix(commandCount + 1).enumerated() { check(token, command: index - 1) }
        tokens = tokens.dropFirst(commandCount + 1)
        let executed = tokens.removeFirst()
        check(executed, command: commandCount)
        if executed.kind == .array {
            guard executed.elementCount == commandCount, tokens.count >= commandCount else {
                throw .unexpectedReply("EXEC returned no array of \(commandCount) results")
            }
            for (command, token) in tokens.prefix(commandCount).enumerated() {
                check(token, command: command)
                guard [.integer, .status, .error].contains(token.kind) else {
                    throw .unexpectedReply("EXEC returned a result that is not an integer")
                }
            }
            tokens = tokens.dropFirst(commandCount)
        } else if refusal == nil {
            throw .unexpectedReply("EXEC returned no array of \(commandCount) results")
        }
        return refusal ?? .stored
    }
}

/// Records of one app and event, which belong to the same lists (docs/protocol.md 1.6).
private struct RecordTransaction {
    struct Lists: Hashable {
        var appID: Int64
        var event: EventType
    }

    let lists: Lists
    /// Indices of the records in the batch.
    private(set) var indices: [Int]
    /// The indices of the errors among them.
    private var errors: [Int]

    init(lists: Lists, index: Int, isError: Bool) {
        self.lists = lists
        indices = [index]
        errors = isError ? [index] : []
    }

    mutating func add(_ index: Int, isError: Bool) {
        indices.append(index)
        if isError { errors.append(index) }
    }

    var keys: [String] {
        (errors.isEmpty ? [false] : [false, true]).map {
            WebhookRequestKey(appID: lists.appID, event: lists.event, isErrors: $0).text
        }
    }

    func append(to request: inout RedisRequest, _ records: [WebhookRequestRecord]) {
        request.append("MULTI")
        for (key, members) in zip(keys, [indices, errors]) {
            request.begin(argumentCount: 2 + members.count)
            request.appendArgument("LPUSH")
            request.appendArgument(key)
            for index in members { request.appendArgument(records[index].json) }
            request.append("LTRIM", key, "0", String(WebhookRequestBuffer.capacity - 1))
            request.append("EXPIRE", key, String(WebhookRequestBuffer.lifetimeSeconds))
        }
        request.append("EXEC")
    }
}
