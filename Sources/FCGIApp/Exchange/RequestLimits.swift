/// How much of a request is taken; more is answered with a 4xx that names the limit.
struct RequestLimits: Hashable, Sendable {
    var parameterCount = 256
    /// Names and values together.
    var parameterBytes = 64 << 10
    var queryBytes = 16 << 10
    var bodyBytes = 1 << 20
}
