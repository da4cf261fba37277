extension RedisConnection {
    /// Runs scripts in one round trip and returns their results in order; error replies are results.
    ///
    /// A script that Redis does not know (any more: it forgets them when it restarts) is sent again with its text, which
    /// makes Redis remember it. Such a call had no effect before.
    ///
    /// - Parameter isRepeatable: the scripts only read.
    package func run(_ calls: [ScriptCall], isRepeatable: Bool = false) throws(RedisError) -> [ReplyValue] {
        var results = try evaluate(calls, byText: false, isRepeatable: isRepeatable)
        let unknown = calls.indices.filter { results[$0].isError(code: "NOSCRIPT") }
        guard !unknown.isEmpty else { return results }
        let repeated = try evaluate(unknown.map { calls[$0] }, byText: true, isRepeatable: isRepeatable)
        for (index, result) in zip(unknown, repeated) { results[index] = result }
        return results
    }

    /// Runs one script.
    package func run(_ call: ScriptCall, isRepeatable: Bool = false) throws(RedisError) -> ReplyValue {
        try run([call], isRepeatable: isRepeatable).first ?? .null
    }

    private func evaluate(
        _ calls: [ScriptCall], byText: Bool, isRepeatable: Bool
    ) throws(RedisError) -> [ReplyValue] {
        guard !calls.isEmpty else { return [] }
        var request = RedisRequest()
        // Some more for keys and names.
        request.reserve(calls.reduce(0) { $0 + $1.arguments.bytes.count + 64 * ($1.keys.count + 3) })
        for call in calls {
            request.begin(argumentCount: 3 + call.keys.count + call.arguments.count)
            request.appendArgument(byText ? "EVAL" : "EVALSHA")
            request.appendArgument(byText ? call.script.text : call.script.digest)
            request.appendArgument(String(call.keys.count))
            for key in call.keys { request.appendArgument(key) }
            request.append(call.arguments)
        }
        return try values(of: request, isRepeatable: isRepeatable)
    }

    /// Sends commands and returns the answers as values, one for each command.
    package func values(
        of request: borrowing RedisRequest, isRepeatable: Bool, serverWait: Duration = .zero
    ) throws(RedisError) -> [ReplyValue] {
        try perform(request, isRepeatable: isRepeatable, serverWait: serverWait)
        return reply.values
    }
}
