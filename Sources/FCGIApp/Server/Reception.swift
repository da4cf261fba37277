import Glibc
import ResponderSupport
import System

/// A request that is received in parts, because it did not arrive as a whole or is too long for a look at the socket.
///
/// Its connection is parked meanwhile and holds no thread. The parameters are kept as records, which libfcgi reads once
/// they are complete. Then a thread decides whether the body is needed; if so, it is received, without its records.
///
/// Unchecked because one thread at a time has it, with its connection: the one that claimed the connection's event, or
/// the worker thread that it was handed to.
final class Reception: @unchecked Sendable {
    enum State: Equatable {
        /// The parameters are not complete.
        case parameters
        /// They are; no thread has read them yet.
        case head
        /// A body of this length is received.
        case body(count: Int)
        /// Nothing more is received: the body is complete, or longer or shorter than announced.
        case complete
        /// There was no memory for the body in time.
        case refused
        /// The peer sent something else than a request, or closed the connection before the parameters were complete,
        /// or there is no memory even for those.
        case failed
    }

    /// What is looked at in one piece.
    static let pieceBytes = 16 << 10
    /// What one event reads of a body at most, so that the others get their turn.
    private static let turnBytes = 256 << 10

    /// When its first byte was seen.
    let arrival: MonotonicTime
    /// When it has to be complete, or its refusal has to be sent.
    private(set) var deadline: MonotonicTime
    private(set) var state = State.parameters
    /// The records up to the end of the parameters.
    private(set) var head: [UInt8] = []
    private(set) var body: [UInt8] = []
    /// What happens next.
    private(set) var progress = Progress.waitsForPeer
    /// Whether the input has more bytes than were announced.
    private(set) var hasMore = false
    /// Whether the input was received to its regular end, so that another request may follow.
    var isWhole: Bool { scanner.state == .whole }

    private let memory: BodyMemory
    private let headLimit: Int
    private var reserved = 0
    private var hasBodyMemory = false
    private var memoryPerByte = BodyMemory.bytesPerByte
    private var isWaiting = false
    private var scanner = RecordScanner()

    /// - Parameters:
    ///   - headLimit: the most bytes of the records with the parameters.
    ///   - deadline: when it has to be complete.
    init(memory: BodyMemory, headLimit: Int, arrival: MonotonicTime, deadline: MonotonicTime) {
        self.memory = memory
        self.headLimit = headLimit
        self.arrival = arrival
        self.deadline = deadline
    }

    deinit {
        release()
    }

    /// Gives the memory back.
    func release() {
        endWait()
        (head, body) = ([], [])
        memory.release(reserved)
        reserved = 0
    }

    /// For the thread that has read the parameters: receives the body, of which nothing was received before the first
    /// call. Whether it is there.
    ///
    /// - Parameter memoryPerByte: what each byte of the body counts in the memory.
    func receiveBody(count: Int, memoryPerByte: Int, _ connection: Connection) -> Bool {
        if state == .head {
            state = .body(count: count)
            self.memoryPerByte = memoryPerByte
        }
        advance(connection)
        return progress == .done
    }

    /// Takes the memory for the body if it is free.
    func reserveBody() -> Bool {
        guard case .body(let count) = state, count > 0, !hasBodyMemory else { return true }
        let needed = count * memoryPerByte
        guard memory.reserve(needed, for: .body) else { return false }
        reserved += needed
        hasBodyMemory = true
        endWait()
        return true
    }

    /// Other bodies have to wait until this one has got its memory.
    func beginWait() {
        guard !isWaiting else { return }
        isWaiting = true
        memory.beginWait()
    }

    private func endWait() {
        guard isWaiting else { return }
        isWaiting = false
        memory.endWait()
    }

    /// There was no memory in time.
    ///
    /// - Parameter deadline: when the refusal has to be sent.
    func refuse(until deadline: MonotonicTime) {
        endWait()
        state = .refused
        self.deadline = deadline
    }

    /// The body, once it is complete; its memory is the caller's.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    enum Progress {
        /// More must arrive.
        case waitsForPeer
        /// Memory for the body must be free first.
        case needsMemory
        /// There is something to do for a worker thread, or it has failed.
        case done
    }

    /// Receives what has arrived, without blocking.
    func advance(_ connection: Connection) {
        progress = next(connection)
    }

    private func next(_ connection: Connection) -> Progress {
        switch state {
        case .parameters: break
        case .body(let count):
            // Those that wait come first.
            let mayReserve = hasBodyMemory || count == 0 || !memory.isAwaited
            guard mayReserve, reserveBody() else { return .needsMemory }
            body.reserveCapacity(count)
        case .head, .complete, .refused, .failed: return .done
        }
        return receive(connection)
    }

    /// libfcgi does not skip it.
    private func removePaddingOfBeginning() {
        let padding = Int(head[6])
        guard padding > 0 else { return }
        head[6] = 0
        head.removeSubrange(16..<16 + padding)
    }

    private func receive(_ connection: Connection) -> Progress {
        withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 8) { piece in
            var received = 0
            while received < Self.turnBytes {
                let count = recv(
                    connection.descriptor, piece.baseAddress, piece.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno == EAGAIN || errno == EWOULDBLOCK { return .waitsForPeer }
                }
                guard count > 0 else {
                    end()
                    return .done
                }
                let progress = take(UnsafeRawBufferPointer(rebasing: piece[..<count])) {
                    // The same bytes again.
                    recv(connection.descriptor, piece.baseAddress, $0, Int32(MSG_DONTWAIT))
                }
                if let progress { return progress }
                received += count
            }
            return .waitsForPeer
        }
    }

    /// The peer sends no more.
    private func end() {
        switch state {
        case .body: state = .complete
        case .parameters, .head, .complete, .refused, .failed: state = .failed
        }
    }

    /// Takes what belongs to the stage off the connection; nil = there may be more.
    ///
    /// - Parameter discard: takes this many bytes off the connection.
    private func take(_ arrived: UnsafeRawBufferPointer, discard: (Int) -> Void) -> Progress? {
        switch state {
        case .parameters:
            var next = scanner
            let count = next.consume(arrived)
            guard next.state != .malformed, head.count + count <= headLimit, memory.reserve(count, for: .head) else {
                state = .failed
                return .done
            }
            reserved += count
            scanner = next
            head.append(contentsOf: arrived[..<count])
            discard(count)
            guard next.state == .input else { return nil }
            removePaddingOfBeginning()
            state = .head
            return .done
        case .body(let expected):
            let count = scanner.consume(arrived) { piece in
                hasMore = hasMore || body.count + piece.count > expected
                body.append(contentsOf: piece.prefix(expected - body.count))
            }
            discard(count)
            guard scanner.state != .input || hasMore else { return nil }
            state = scanner.state == .malformed ? .failed : .complete
            return .done
        case .head, .complete, .refused, .failed: return .done
        }
    }
}
