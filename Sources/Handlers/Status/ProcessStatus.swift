package import Model
package import Redis

/// The state of one responder process in php-fpm's terms; a thread here is a process there.
package struct ProcessStatus: Sendable {
    /// How threads are started.
    package enum Manager: String, Sendable {
        /// A fixed number of threads.
        case `static`
        /// The web server starts a process for each request.
        case onDemand = "ondemand"
    }

    /// Connections waiting to be accepted at the listening socket.
    package struct ListenQueue: Hashable, Sendable {
        package var waiting: Int
        /// The highest number seen; sampled once a second.
        package var maximumWaiting: Int
        /// The length limit of the queue.
        package var capacity: Int

        package init(waiting: Int, maximumWaiting: Int, capacity: Int) {
            self.waiting = waiting
            self.maximumWaiting = maximumWaiting
            self.capacity = capacity
        }
    }

    /// Memory of the process in bytes.
    package struct Memory: Hashable, Sendable {
        package var resident: Int64
        /// The peak.
        package var peak: Int64

        package init(resident: Int64, peak: Int64) {
            self.resident = resident
            self.peak = peak
        }
    }

    /// The name of this responder.
    package var pool: String
    package var manager: Manager
    package var threads: [ThreadStatus] = []
    package var maximumActiveThreads = 0
    /// How often all threads were active.
    package var exhaustionCount: Int64 = 0
    /// Nil where the system does not provide it.
    package var listenQueue: ListenQueue?
    /// Nil where the system does not provide it.
    package var memory: Memory?
    package var requests = RequestCounts()
    /// Requests that reached the threshold of the slow log.
    package var slowRequestCount: Int64 = 0
    package var redis = RedisCounts()
    /// Invalid stored log entries that were left out of responses.
    package var skippedElementCount: Int64 = 0

    package init(pool: String, manager: Manager) {
        self.pool = pool
        self.manager = manager
    }

    /// Requests started, including those in progress.
    var acceptedCount: Int64 { threads.reduce(0) { $0 + $1.requestCount } }

    var idleThreadCount: Int { threads.count { $0.state == .idle } }
    var activeThreadCount: Int { threads.count - idleThreadCount }
}

/// What one thread is doing, and its last request.
package struct ThreadStatus: Sendable {
    /// States in php-fpm's terms.
    package enum State: String, Sendable {
        case idle = "Idle"
        /// Receiving parameters and body.
        case reading = "Reading headers"
        /// Processing the request.
        case running = "Running"
        /// Sending the response.
        case ending = "Ending"
    }

    /// The thread's id in the operating system; 0 before the thread has started.
    package var threadID: Int64 = 0
    package var state = State.idle
    package var startedAt: Timestamp
    /// Requests started.
    package var requestCount: Int64 = 0
    /// Duration of the current request so far, else of the last one, in microseconds.
    package var requestMicroseconds: Int64 = 0
    /// The method of the current or last request; empty before the first one.
    package var method = ""
    /// The path of that request, without the query.
    package var path = ""
    /// The caller; until authentication has finished, the user named by the web server.
    package var user: String?
    /// Length of the request's body in bytes.
    package var contentLength = 0
    /// Of the last finished request.
    package var lastPhases = RequestPhases()

    package init(startedAt: Timestamp) {
        self.startedAt = startedAt
    }
}

/// The time that each phase of one request took, in microseconds. Phases do not overlap; their sum is the duration.
package struct RequestPhases: Hashable, Sendable {
    /// From the first byte until parameters and body were received.
    package var parameters: Int64 = 0
    /// Finding the route and authenticating the caller, without directory lookups.
    package var identity: Int64 = 0
    /// Directory lookups that missed the cache.
    package var directory: Int64 = 0
    /// Waiting for Redis.
    package var redis: Int64 = 0
    /// Everything else up to the response: merging, formatting.
    package var merge: Int64 = 0
    /// Writing the response to the web server.
    package var write: Int64 = 0

    package init() {}

    package var total: Int64 { parameters + identity + directory + redis + merge + write }

    /// The phases by name in chronological order.
    package var named: [(name: String, microseconds: Int64)] {
        [
            ("parameters", parameters), ("identity", identity), ("directory", directory), ("redis", redis),
            ("merge", merge), ("write", write),
        ]
    }
}
