import Handlers

/// What one thread answers requests with.
struct Responder {
    let respond: (Request) -> Response
    /// Runs while the thread waits for Redis.
    let redisTime: Stopwatch
}
