import Buffer
import CFastCGI
import Glibc
import Model
import ProgramSupport
import System

/// The pool of threads behind one listening socket, from start to the last answer.
final class FastCGIServer: Sendable {
    /// What the server needs to know beside its socket.
    struct Options: Sendable {
        var threadCount: Int
        /// For a peer to send its request, and to take the answer.
        var inputOutputSeconds: Int
        var limits: RequestLimits
        var logs: RequestLogs
        /// Has a slot for each thread.
        var board: StatusBoard
        /// The present moment in the life of what keeps answers exact; nil = there is no such thing.
        var mark: @Sendable () -> InvalidationSequence? = { nil }
        /// Called every tenth of a second: gives back memory that is not needed any more.
        var tidy: @Sendable () -> Void = {}
    }

    private let socket: ListeningSocket
    private let options: Options
    private let room: ConnectionPoller
    private let deadlines: [ConnectionDeadline]
    private let answered = Tally()
    private let makeResponder: @Sendable (@escaping @Sendable () -> Void) -> Responder

    /// - Parameter makeResponder: called once on each thread, with what is to be called before anything that may take long.
    init(
        socket: ListeningSocket, options: Options,
        makeResponder: @escaping @Sendable (@escaping @Sendable () -> Void) -> Responder
    ) throws(SystemCallError) {
        self.socket = socket
        self.options = options
        self.makeResponder = makeResponder
        guard FCGX_Init() == 0 else { throw SystemCallError(call: "FCGX_Init") }
        // libfcgi has its own handler; an answer to a peer that is gone shall be an error of write, no more.
        signal(SIGPIPE, SIG_IGN)
        let budget = DescriptorBudget(threadCount: options.threadCount)
        room = try ConnectionPoller(
            listener: socket.descriptor, silenceSeconds: options.inputOutputSeconds,
            maximumGuests: budget.silentConnections, batchSize: budget.batchSize, mark: options.mark)
        deadlines = (0..<options.threadCount).map { _ in ConnectionDeadline() }
    }

    /// Starts the threads, all or none: before the last is there, none takes a request that nobody may come to answer.
    /// Signals that the caller has blocked are blocked in them.
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
        let member = WorkerThread(room: room)
        let conversation = RequestHandler(
            limits: options.limits, responder: makeResponder { member.promoteFollower() }, slot: slot,
            logs: options.logs)
        FastCGIWorker(
            room: room, member: member, deadline: deadline, conversation: conversation,
            inputOutputSeconds: options.inputOutputSeconds, answered: answered
        ).run()
    }

    /// To be called every tenth of a second: ends what takes too long.
    func enforceDeadlines() {
        let now = MonotonicTime.now()
        room.enforceDeadlines(at: now)
        for deadline in deadlines { deadline.enforce(at: now) }
        options.board.sample(at: now)
        options.tidy()
    }

    /// For `ProcessSupervisor`: what goes on here.
    var pulse: ProcessSupervisor.Heartbeat {
        ProcessSupervisor.Heartbeat(
            requestCount: { [answered] in answered.count },
            beatCount: { [rollCall = room.rollCall] in rollCall.answerCount },
            request: { [rollCall = room.rollCall] in rollCall.ask() })
    }

    /// Takes no new requests but those that are already waiting at a socket of our own.
    ///
    /// - Parameter isSocketTaken: whether another process serves on the socket by now: then it stays as it is, and that
    ///   process gets what waits there.
    func beginDraining(isSocketTaken: Bool) {
        if !isSocketTaken { socket.withdraw() }
        room.drain()
        guard socket.isOwn, !isSocketTaken else { return }
        room.acceptRemaining()
        socket.refuse()
    }

    /// How many connections are still open.
    var openCount: Int { room.openCount }

    /// Ends the threads that wait.
    func close() {
        room.ringForClosing()
    }
}
