import CMessageDigest

/// A Lua script, which Redis runs atomically, and the digest by which Redis keeps it.
package struct RedisScript: Hashable {
    package let source: String
    /// Lower-case hexadecimal SHA-1 of the source, as `EVALSHA` takes it.
    let digest: String

    package init(_ source: String) {
        self.source = source
        digest = RedisScript.digest(of: Array(source.utf8))
    }

    private static func digest(of bytes: [UInt8]) -> String {
        var hexadecimal = [CChar](repeating: 0, count: 2 * Int(SHA1_DIGEST_LENGTH) + 1)
        SHA1Data(bytes, bytes.count, &hexadecimal)
        return String(decoding: hexadecimal.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// One call of a script. All keys have the same hash tag: a script cannot span two nodes of a Redis Cluster.
package struct ScriptCall {
    let script: RedisScript
    package var keys: [String]
    private(set) var arguments = RedisArguments()

    package init(_ script: RedisScript, keys: [String], _ arguments: String...) {
        self.script = script
        self.keys = keys
        for argument in arguments { append(argument) }
    }

    /// The size of the arguments with their headers.
    package var argumentByteCount: Int { arguments.bytes.count }

    package mutating func append(_ argument: String) {
        arguments.append(argument)
    }

    package mutating func append(_ argument: [UInt8]) {
        arguments.append(argument)
    }

    package mutating func append(_ argument: Int) {
        append(String(argument))
    }

    package mutating func append(_ argument: Int64) {
        append(String(argument))
    }
}

extension RedisConnection {
    /// Runs scripts in one round trip and returns their results in order; error replies are results.
    ///
    /// A script that Redis does not know, for instance after a restart, is sent again with its source, which makes
    /// Redis keep it. The first call of such a script had no effect.
    ///
    /// - Parameter isRepeatable: the scripts only read.
    package func run(_ calls: [ScriptCall], isRepeatable: Bool = false) throws(RedisError) -> [ReplyValue] {
        var values: [ReplyValue] = []
        for result in runEach(calls, isRepeatable: isRepeatable) { values.append(try result.get()) }
        return values
    }

    /// As `run`, for scripts that do not depend on each other: when the connection fails while unknown scripts are sent
    /// again, the results of the others are known.
    package func runEach(
        _ calls: [ScriptCall], isRepeatable: Bool = false
    ) -> [Result<ReplyValue, RedisError>] {
        do throws(RedisError) {
            let values = try evaluate(calls, bySource: false, isRepeatable: isRepeatable)
            var results = values.map { Result<ReplyValue, RedisError>.success($0) }
            let unknown = calls.indices.filter { values[$0].isError(code: "NOSCRIPT") }
            guard !unknown.isEmpty else { return results }
            let repeated = evaluateEach(unknown.map { calls[$0] }, isRepeatable: isRepeatable)
            for (index, result) in zip(unknown, repeated) { results[index] = result }
            return results
        } catch {
            return calls.map { _ in .failure(error) }
        }
    }

    private func evaluateEach(_ calls: [ScriptCall], isRepeatable: Bool) -> [Result<ReplyValue, RedisError>] {
        do throws(RedisError) {
            return try evaluate(calls, bySource: true, isRepeatable: isRepeatable).map { .success($0) }
        } catch {
            return calls.map { _ in .failure(error) }
        }
    }

    /// Runs one script.
    package func run(_ call: ScriptCall, isRepeatable: Bool = false) throws(RedisError) -> ReplyValue {
        try run([call], isRepeatable: isRepeatable).first ?? .null
    }

    private func evaluate(
        _ calls: [ScriptCall], bySource: Bool, isRepeatable: Bool
    ) throws(RedisError) -> [ReplyValue] {
        guard !calls.isEmpty else { return [] }
        var request = RedisRequest()
        // 64 bytes for each key, each name and their headers.
        request.reserve(calls.reduce(0) { $0 + $1.arguments.bytes.count + 64 * ($1.keys.count + 3) })
        for call in calls {
            request.begin(argumentCount: 3 + call.keys.count + call.arguments.count)
            request.appendArgument(bySource ? "EVAL" : "EVALSHA")
            request.appendArgument(bySource ? call.script.source : call.script.digest)
            request.appendArgument(String(call.keys.count))
            for key in call.keys { request.appendArgument(key) }
            request.append(call.arguments)
        }
        return try values(of: request, isRepeatable: isRepeatable)
    }

    /// Sends commands and returns the replies as values, one for each command.
    package func values(
        of request: borrowing RedisRequest, isRepeatable: Bool, serverWait: Duration = .zero
    ) throws(RedisError) -> [ReplyValue] {
        try perform(request, isRepeatable: isRepeatable, serverWait: serverWait)
        return reply.values
    }
}
