package import System

/// A thread that asks Redis once a second, on one connection, which role it has, and makes the whole process connect
/// again when it is no master any more: a failover behind one address may leave connections open at the demoted server.
///
/// The same connection finds out when a Redis that did not respond does so again, while all other calls fail at once.
package final class RedisMonitor: Sendable {
    /// What has changed; each is said once.
    package enum Event: Hashable, Sendable {
        /// The server is not a master; `role` as `ROLE` names it.
        case notMaster(role: String)
        case masterFound
        /// Redis refuses to tell its role: managed services and restricted users. It is not asked again.
        case roleRefused(message: String)
        case silent(milliseconds: Int64)
        case respondsAgain
    }

    private static let interval = Duration.seconds(1)
    /// The pause between looks at a Redis that does not respond; each look takes a timeout, too.
    private static let silentInterval = Duration.milliseconds(100)
    /// The pause after a look in any case.
    private static let shortestPause = Duration.milliseconds(50)

    private let state: RedisServerState
    private let makeConnection: @Sendable () -> RedisConnection
    private let report: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - makeConnection: called once, on the monitor's thread; without `state`, whose verdict it must not obey.
    ///   - report: called on the monitor's thread.
    package init(
        state: RedisServerState, makeConnection: @escaping @Sendable () -> RedisConnection,
        report: @escaping @Sendable (Event) -> Void
    ) {
        self.state = state
        self.makeConnection = makeConnection
        self.report = report
    }

    deinit {
        stop()
    }

    /// Starts the thread; once only.
    package func start() throws(SystemCallError) {
        state.beginMonitoring()
        let (state, makeConnection, report) = (state, makeConnection, report)
        do {
            let thread = try PosixThread(blocksSignals: true) {
                let loop = MonitorLoop(state: state, connection: makeConnection(), report: report)
                repeat {
                    loop.look()
                } while state.waitForProbe(
                    shortest: Self.shortestPause, longest: state.isSilent ? Self.silentInterval : Self.interval)
                state.endMonitoring()
            }
            thread.detach()
        } catch {
            state.endMonitoring()
            throw error
        }
    }

    /// Ends the thread, once a call in progress is over. Does not wait for that: a program that stops must not wait for
    /// a Redis that does not respond.
    package func stop() {
        state.stopMonitoring()
    }
}

/// The monitor's looks at Redis.
private final class MonitorLoop {
    private let state: RedisServerState
    private let connection: RedisConnection
    private let report: (RedisMonitor.Event) -> Void
    private var roles = RoleHistory()
    private var wasSilent = false

    init(state: RedisServerState, connection: RedisConnection, report: @escaping (RedisMonitor.Event) -> Void) {
        self.state = state
        self.connection = connection
        self.report = report
        // The loop has its own pauses.
        connection.backoff = ReconnectBackoff(shortest: .zero, longest: .zero)
    }

    func look() {
        let start = MonotonicTime.now()
        // Once refused, the role is not asked for; then there is nothing to do unless Redis is silent.
        guard !roles.isRefused || state.isSilent else { return }
        do throws(RedisError) {
            if roles.isRefused {
                try connection.ping()
            } else {
                try askRole()
            }
            noteResponse()
        } catch {
            switch error {
            case .timedOut(_, let milliseconds): noteTimeout(since: start, milliseconds: milliseconds)
            case .unreachable where start.millisecondsUntilNow >= connection.connectTimeout.milliseconds:
                noteTimeout(since: start, milliseconds: connection.connectTimeout.milliseconds)
            // Every caller finds out by itself, at once; a refusal is a response.
            case .unreachable, .connectionLost, .refused, .unexpectedReply: noteResponse()
            }
        }
    }

    private func noteTimeout(since start: MonotonicTime, milliseconds: Int) {
        state.noteTimeout(since: start, milliseconds: Int64(milliseconds))
        if state.isSilent, !wasSilent { report(.silent(milliseconds: Int64(milliseconds))) }
        wasSilent = state.isSilent
    }

    private func noteResponse() {
        state.noteReply(at: MonotonicTime.now().microseconds)
        state.endSilence()
        if wasSilent { report(.respondsAgain) }
        wasSilent = false
    }

    private func askRole() throws(RedisError) {
        var request = RedisRequest()
        request.append("ROLE")
        guard let reply = try connection.values(of: request, isRepeatable: true).first else { return }
        let observation: RoleHistory.Observation
        if case .error(let message) = reply {
            if RedisError.isTransient(reply: message) { return }
            observation = .refused(message)
        } else {
            observation = .role(reply.elements.first?.string ?? "unknown")
        }
        let change = roles.note(observation)
        if change.closesConnections { state.closeConnections() }
        // The next look takes a new connection: the address may lead to the master by then.
        if roles.isElsewhere { connection.close() }
        if let event = change.event { report(event) }
    }
}

/// The roles that a process has seen, and what follows from a new one. Pure.
struct RoleHistory {
    enum Observation: Hashable {
        case role(String)
        case refused(String)
    }

    struct Change: Hashable {
        /// The process's connections may lead to a server that is not the master.
        var closesConnections = false
        var event: RedisMonitor.Event?
    }

    /// The last role was not master.
    private(set) var isElsewhere = false
    /// Redis does not report it.
    private(set) var isRefused = false

    mutating func note(_ observation: Observation) -> Change {
        switch observation {
        case .refused(let message):
            defer { isRefused = true }
            return isRefused ? Change() : Change(event: .roleRefused(message: message))
        case .role("master"):
            defer { isElsewhere = false }
            // Others may have connected to the server that is no master before the address led elsewhere.
            return isElsewhere ? Change(closesConnections: true, event: .masterFound) : Change()
        case .role(let role):
            defer { isElsewhere = true }
            return isElsewhere ? Change() : Change(closesConnections: true, event: .notMaster(role: role))
        }
    }
}

extension RedisMonitor.Event {
    /// Constant text for the log.
    package var message: String {
        switch self {
        case .notMaster: "Redis is not the master: all connections are replaced until it is"
        case .masterFound: "Redis is the master again"
        case .roleRefused:
            "Redis does not report its role: a failover that keeps connections shows only by refused writes"
        case .silent: "Redis does not respond: requests that need it fail at once until it does"
        case .respondsAgain: "Redis responds again"
        }
    }

    /// Name and value of what the text leaves out.
    package var detail: (key: String, value: String)? {
        switch self {
        case .notMaster(let role): ("role", role)
        case .roleRefused(let message): ("reason", message)
        case .silent(let milliseconds): ("milliseconds", String(milliseconds))
        case .masterFound, .respondsAgain: nil
        }
    }

    /// Whether it is a fault, and not the end of one or a limitation.
    package var isFault: Bool {
        switch self {
        case .notMaster, .silent: true
        case .masterFound, .roleRefused, .respondsAgain: false
        }
    }
}
