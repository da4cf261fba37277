import Handlers

/// Puts the rooms together.
struct Wiring: Sendable {
    init(_ configuration: Configuration) {}

    func problems() -> [String] { [] }

    func makeResponder() -> Responder {
        Responder(respond: { _ in Response(status: 503) }, redisTime: Stopwatch())
    }
}
