package import Model

/// What one thread does at the moment, and its last request.
package struct ThreadStatus: Sendable {
    /// In php-fpm's words.
    package enum State: String, Sendable {
        case idle = "Idle"
        /// Parameters and body are on their way.
        case reading = "Reading headers"
        /// The answer is being made.
        case running = "Running"
        /// The answer is being sent.
        case ending = "Ending"
    }

    /// The thread's id in the operating system; 0 = it is only about to start.
    package var threadID: Int64 = 0
    package var state = State.idle
    package var startedAt: Timestamp
    /// Requests begun.
    package var requestCount: Int64 = 0
    /// Of the current request so far, else of the last one, in microseconds.
    package var requestMicroseconds: Int64 = 0
    /// Of the current request or the last one; empty = none yet.
    package var method = ""
    /// Without the query.
    package var path = ""
    /// Who was found to be asking; until that is known, whom the web server named.
    package var user: String?
    /// Of the request's body, in bytes.
    package var contentLength = 0
    /// Of the last request that was finished.
    package var lastPhases = RequestPhases()

    package init(startedAt: Timestamp) {
        self.startedAt = startedAt
    }
}
