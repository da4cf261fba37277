import Buffer
package import Redis

/// What one responder says of itself, in php-fpm's terms; its threads are what php-fpm's processes are.
package struct ProcessStatus: Sendable {
    /// How threads come to be.
    package enum Manager: String, Sendable {
        /// There are always as many.
        case `static`
        /// The web server starts a process for each request.
        case onDemand = "ondemand"
    }

    /// Connections that wait to be accepted, at the listening socket.
    package struct ListenQueue: Hashable, Sendable {
        package var waiting: Int
        /// The most that were seen; looked at once a second.
        package var maximumWaiting: Int
        /// How many may wait.
        package var capacity: Int

        package init(waiting: Int, maximumWaiting: Int, capacity: Int) {
            self.waiting = waiting
            self.maximumWaiting = maximumWaiting
            self.capacity = capacity
        }
    }

    /// Of the whole process, in bytes.
    package struct Memory: Hashable, Sendable {
        package var resident: Int64
        /// The most there was.
        package var peak: Int64

        package init(resident: Int64, peak: Int64) {
            self.resident = resident
            self.peak = peak
        }
    }

    /// The name of this responder among others.
    package var pool: String
    package var manager: Manager
    package var threads: [ThreadStatus] = []
    package var maximumActiveThreads = 0
    /// How often the last idle thread was taken.
    package var exhaustionCount: Int64 = 0
    /// Nil where the system does not tell.
    package var listenQueue: ListenQueue?
    /// Nil where the system does not tell.
    package var memory: Memory?
    package var requests = RequestCounts()
    /// Requests that took longer than the slow log's threshold.
    package var slowRequestCount: Int64 = 0
    package var redis = RedisCounts()
    /// Stored log elements left out of answers because they are unreadable.
    package var skippedElementCount: Int64 = 0

    package init(pool: String, manager: Manager) {
        self.pool = pool
        self.manager = manager
    }

    /// Requests begun, those that are not answered yet included.
    var acceptedCount: Int64 { threads.reduce(0) { $0 + $1.requestCount } }

    var idleThreadCount: Int { threads.count { $0.state == .idle } }
    var activeThreadCount: Int { threads.count - idleThreadCount }
}
