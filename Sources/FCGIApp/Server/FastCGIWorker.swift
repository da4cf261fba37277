import CFastCGI
import Glibc
import ProgramSupport
import System

/// One thread's work: takes connections out of the waiting room and answers one request on each.
///
/// libfcgi gets a duplicate of the descriptor and no listening socket: it reads and writes records, while accepting,
/// waiting, deadlines and closing stay here. `FCGX_Detach` keeps it from lingering on the connection when it closes its
/// duplicate.
final class FastCGIWorker {
    private let room: ConnectionPoller
    private let member: WorkerThread
    private let deadline: ConnectionDeadline
    private let conversation: RequestHandler
    private let inputOutputSeconds: Int
    private let answered: Tally
    private let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)

    /// - Parameters:
    ///   - member: this thread's place in the room.
    ///   - answered: shared by all threads; counts what was done with.
    init(
        room: ConnectionPoller, member: WorkerThread, deadline: ConnectionDeadline, conversation: RequestHandler,
        inputOutputSeconds: Int,
        answered: Tally
    ) {
        self.room = room
        self.member = member
        self.deadline = deadline
        self.conversation = conversation
        self.inputOutputSeconds = inputOutputSeconds
        self.answered = answered
        // No socket to accept from: when a connection turns out to be useless, FCGX_Accept_r fails at once.
        FCGX_InitRequest(request, -1, 0)
    }

    deinit {
        FCGX_Free(request, 1)
        request.deallocate()
    }

    /// Returns when the waiting room closes.
    func run() {
        while case .request(let visit) = member.next() {
            let (connection, arrival) = (visit.connection, visit.arrival)
            if !visit.isWhole { member.promoteFollower() }
            conversation.responder.begin(visit.mark)
            conversation.slot.read(since: arrival)
            deadline.set(connection, end: arrival.adding(seconds: inputOutputSeconds))
            let mayKeep = serve(connection, arrival)
            deadline.clear()
            conversation.slot.rest()
            answered.add()
            if mayKeep, !deadline.hasPassed {
                room.keep(connection)
            } else {
                room.close(connection)
            }
        }
    }

    /// Answers one request; whether the connection may carry another.
    private func serve(_ connection: Connection, _ arrival: MonotonicTime) -> Bool {
        guard readParameters(connection) else {
            if deadline.hasPassed { logSilence() }
            return false
        }
        let exchange = FastCGITransport(
            request: request, deadline: deadline, connection: connection, member: member, arrival: arrival,
            inputOutputSeconds: inputOutputSeconds)
        conversation.run(exchange)
        let isComplete = exchange.hasReadAll
        let mayKeep = isComplete && request.pointee.keepConnection != 0
        request.pointee.keepConnection = 0
        FCGX_Finish_r(request)
        if !isComplete {
            member.promoteFollower()
            connection.linger()
        }
        return mayKeep
    }

    /// libfcgi 2.4 reads parameters of any number and size (the deadline bounds them), and ends the process when the
    /// lengths of one name and its value add up to 2 GiB: whoever can connect is trusted not to.
    private func readParameters(_ connection: Connection) -> Bool {
        var duplicate = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
        if duplicate < 0 { member.promoteFollower() }
        while duplicate < 0, !deadline.hasPassed {
            room.makeRoom()
            duplicate = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
        }
        guard duplicate >= 0 else { return false }
        request.pointee.ipcFd = duplicate
        // FCGX_Accept_r first finishes the request before, and would close a connection that is not to be kept.
        request.pointee.keepConnection = 1
        FCGX_Detach(request)
        return FCGX_Accept_r(request) == 0
    }

    private func logSilence() {
        conversation.logs.writer.write(
            LogLine(
                .warning, "connection closed: no complete request in time",
                [("seconds", .number(Int64(inputOutputSeconds)))]))
    }
}
