import Buffer
import CFastCGI
import Glibc
import Model
import ProgramSupport
import ResponderSupport
import System

/// The worker threads behind one listening socket, from start to the last response.
final class FastCGIServer: Sendable {
    /// What the server needs besides its socket.
    struct Options: Sendable {
        var threadCount: Int
        /// For a peer to send its request, and to receive the response.
        var inputOutputSeconds: Int
        var limits: RequestLimits
        /// What requests with a body may use together.
        var bodyMemory: BodyMemory
        var logs: RequestLogs
        /// Has a slot for each thread.
        var board: StatusBoard
        /// Called every tenth of a second: releases memory that is not needed any more.
        var trimMemory: @Sendable () -> Void = {}
    }

    /// How a server came to its end.
    enum Ending: Equatable {
        /// Every request in progress was responded to.
        case drained
        /// The drain time was over with this many connections still open.
        case cutOff(connections: Int)
        /// A second signal came.
        case interrupted(signal: Int32)
    }

    /// How often deadlines are enforced, in milliseconds.
    private static let tick = 100
    private static let drainTick = 10

    private let socket: ListeningSocket
    private let options: Options
    private let poller: ConnectionPoller
    private let pool: WorkerPool
    private let deadlines: [ConnectionDeadline]
    private let completed = Counter()
    private let failures = Counter()
    private let makeResponder: @Sendable () -> Responder

    /// - Parameters:
    ///   - poll: where the threads wait; nil = an epoll instance of the server.
    ///   - makeResponder: called once on each thread.
    init(
        socket: ListeningSocket, options: Options, poll: EventPoll? = nil,
        makeResponder: @escaping @Sendable () -> Responder
    ) throws(SystemCallError) {
        self.socket = socket
        self.options = options
        self.makeResponder = makeResponder
        guard FCGX_Init() == 0 else { throw SystemCallError(call: "FCGX_Init") }
        // Replaces libfcgi's handler: a write to a peer that is gone shall only fail.
        signal(SIGPIPE, SIG_IGN)
        let budget = DescriptorBudget(threadCount: options.threadCount)
        poller = try ConnectionPoller(
            listener: socket.descriptor, inputSeconds: options.inputOutputSeconds,
            idleLimit: budget.idleConnections, memory: options.bodyMemory,
            parameterBytes: options.limits.parameterBytes, poll: poll)
        pool = WorkerPool { [poller] in poller.wakeWaiter() }
        deadlines = (0..<options.threadCount).map { _ in ConnectionDeadline() }
    }

    /// Starts the threads, all or none: until the last one is started, none takes a request. Signals that the caller
    /// has blocked are blocked in them.
    ///
    /// - Parameter startThread: starts one thread.
    func start(
        by startThread: (@escaping @Sendable () -> Void) throws(SystemCallError) -> Void = PosixThread.start
    ) throws(SystemCallError) {
        // Whether all have been started; nil = not known yet.
        let hasStarted = Condition<Bool?>(nil)
        func tellThreads(_ outcome: Bool) {
            hasStarted.change { known in
                known = outcome
                return true
            }
        }
        do throws(SystemCallError) {
            for (deadline, slot) in zip(deadlines, options.board.slots) {
                try startThread { [self] in
                    if hasStarted.wait(until: .distantFuture, { $0 }) == true { work(deadline, slot) }
                }
            }
        } catch {
            tellThreads(false)
            throw error
        }
        tellThreads(true)
    }

    private func work(_ deadline: ConnectionDeadline, _ slot: ThreadSlot) {
        slot.occupy()
        let handler = RequestHandler(
            limits: options.limits, responder: makeResponder(), slot: slot, logs: options.logs)
        let worker = FastCGIWorker(
            poller: poller, member: pool.makeMember(), deadline: deadline, handler: handler,
            inputOutputSeconds: options.inputOutputSeconds, memory: options.bodyMemory, completed: completed)
        do throws(SystemCallError) {
            try worker.run()
        } catch {
            options.logs.writer.write(
                LogLine(
                    .error, "a worker thread cannot wait for requests: the process drains and ends",
                    [("reason", .text(error.description)), ("errno", .number(Int64(error.code)))]))
            failures.increment()
        }
    }

    /// Whether a thread has ended because the system refused to let it wait. The process has to end then, for the
    /// service manager to start another.
    var hasFailed: Bool { failures.value > 0 }

    /// To be called every tenth of a second: enforces deadlines and samples the listen queue.
    func enforceDeadlines() {
        let now = MonotonicTime.now()
        pool.relieve()
        for _ in 0..<poller.enforceDeadlines(at: now) {
            options.logs.writer.write(
                LogLine(
                    .warning, "connection closed: no complete request in time",
                    [("seconds", .number(Int64(options.inputOutputSeconds)))]))
        }
        for deadline in deadlines { deadline.enforce(at: now) }
        options.board.sample(at: now)
        options.trimMemory()
    }

    /// For `ProcessSupervisor`.
    var heartbeat: ProcessSupervisor.Heartbeat {
        let (completed, probe) = (completed, poller.probe)
        return ProcessSupervisor.Heartbeat(
            requestCount: { completed.value }, beatCount: { probe.responseCount }, request: { probe.send() })
    }

    /// Serves until a signal asks to stop, another process has taken over or a thread has failed; then finishes the
    /// requests in progress.
    ///
    /// - Parameter supervisor: has begun.
    func run(_ supervisor: inout ProcessSupervisor, drainSeconds: Int) -> Ending {
        var ending: ProcessSupervisor.Ending?
        while ending == nil, !hasFailed {
            ending = supervisor.wait(milliseconds: Self.tick)
            enforceDeadlines()
        }
        beginDraining(isSocketTaken: ending?.isSocketTaken ?? false)
        defer {
            poller.shutDown()
            pool.shutDown()
        }
        return drain(&supervisor, after: ending ?? .stop(signal: SIGTERM), until: .now().adding(seconds: drainSeconds))
    }

    /// Accepts no new connections but those that wait at a socket of this process.
    ///
    /// - Parameter isSocketTaken: whether another process serves on the socket by now: then it stays as it is, and that
    ///   process gets what waits there.
    func beginDraining(isSocketTaken: Bool) {
        if !isSocketTaken { socket.withdraw() }
        poller.drain()
        guard socket.isOwn, !isSocketTaken else { return }
        poller.acceptRemaining()
        socket.refuse()
    }

    private func drain(
        _ supervisor: inout ProcessSupervisor, after ending: ProcessSupervisor.Ending, until end: MonotonicTime
    ) -> Ending {
        while openCount > 0 || supervisor.isReloadUnfinished() {
            guard MonotonicTime.now() < end else { return openCount > 0 ? .cutOff(connections: openCount) : .drained }
            if let signal = supervisor.waitDraining(milliseconds: Self.drainTick, after: ending) {
                return .interrupted(signal: signal)
            }
            enforceDeadlines()
        }
        return .drained
    }

    /// Connections that are still open.
    var openCount: Int { poller.openCount }
}

extension ProcessSupervisor.Ending {
    fileprivate var isSocketTaken: Bool {
        switch self {
        case .stop: false
        case .handedOver(let newProcess): newProcess.isSocketTaken
        }
    }
}
