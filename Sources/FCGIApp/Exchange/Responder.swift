import Handlers

/// What one thread answers requests with.
struct Responder {
    let respond: (Request) -> Response
    /// Time this thread has waited for Redis so far, in microseconds; the difference of two readings is one request's.
    let redisMicroseconds: () -> Int64
}
