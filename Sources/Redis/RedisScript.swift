import CMessageDigest

/// A Lua script that Redis runs as one step, and the name under which Redis keeps it.
package struct RedisScript: Hashable {
    package let text: String
    /// Lower-case hexadecimal SHA-1 of the text, as `EVALSHA` takes it.
    let digest: String

    package init(_ text: String) {
        self.text = text
        digest = RedisScript.digest(of: Array(text.utf8))
    }

    private static func digest(of bytes: [UInt8]) -> String {
        var hexadecimal = [CChar](repeating: 0, count: 2 * Int(SHA1_DIGEST_LENGTH) + 1)
        SHA1Data(bytes, bytes.count, &hexadecimal)
        return String(decoding: hexadecimal.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// One run of a script. All keys carry the same hash tag: a script cannot span two nodes of a Redis Cluster.
package struct ScriptCall {
    let script: RedisScript
    package var keys: [String]
    private(set) var arguments = RedisArguments()

    package init(_ script: RedisScript, keys: [String], _ arguments: String...) {
        self.script = script
        self.keys = keys
        for argument in arguments { append(argument) }
    }

    package mutating func append(_ argument: String) {
        arguments.append(argument)
    }

    package mutating func append(_ argument: [UInt8]) {
        arguments.append(argument)
    }

    package mutating func append(_ argument: some BinaryInteger) {
        append(String(argument))
    }
}
