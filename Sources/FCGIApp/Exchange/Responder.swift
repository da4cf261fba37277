import Buffer
import Handlers
import Redis

/// What one thread answers requests with.
struct Responder {
    let respond: (Request) -> Response
    /// Is told by `respond` when it is known who is asking.
    let clock: PhaseClock
    /// What went wrong on this thread's connection to Redis so far.
    let redisCounts: () -> RedisCounts
    /// Is told, before `respond`, how far Redis had been asked when the request was there.
    var begin: (InvalidationSequence?) -> Void = { _ in }
}
