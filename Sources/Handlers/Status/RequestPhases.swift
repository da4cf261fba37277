/// Where the time of one request went, in microseconds. The phases do not overlap: their sum is the whole request.
package struct RequestPhases: Hashable, Sendable {
    /// From the first byte until parameters and body were there.
    package var parameters: Int64 = 0
    /// Diagnostic the route and who is asking, without the look-ups.
    package var identity: Int64 = 0
    /// Look-ups in the directory that no cache answered.
    package var directory: Int64 = 0
    /// Waiting for Redis.
    package var redis: Int64 = 0
    /// Everything else that makes the answer: merging, formatting.
    package var merge: Int64 = 0
    /// Until the web server had taken the answer.
    package var write: Int64 = 0

    package init() {}

    package var total: Int64 { parameters + identity + directory + redis + merge + write }

    /// The phases by name, in the order they come.
    package var named: [(name: String, microseconds: Int64)] {
        [
            ("parameters", parameters), ("identity", identity), ("directory", directory), ("redis", redis),
            ("merge", merge), ("write", write),
        ]
    }
}
