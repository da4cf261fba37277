import Redis

/// A piece of a sorted set whose scores are microseconds since the epoch.
struct SortedSetPage {
    struct Item: Hashable, Sendable {
        var member: String
        var score: Int64
    }

    var items: [Item]

    /// The call that reads the piece behind `last`.
    static func call(
        key: String, from: Int64? = nil, to: Int64? = nil, behind last: Item?, count: Int, suffix: String = ""
    ) -> ScriptCall {
        ScriptCall(
            QueueScripts.page, keys: [key], from.map { String($0) } ?? "-inf", to.map { String($0) } ?? "+inf",
            last.map { String($0.score) } ?? "", last?.member ?? "", String(count), suffix)
    }

    init(_ answer: ReplyValue, key: String) throws(RedisError) {
        let values = try answer.list(key: key)
        items = stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
            guard let member = values[index].string, let score = values[index + 1].number else { return nil }
            return Item(member: member, score: score)
        }
    }
}
