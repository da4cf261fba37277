import Glibc
import Synchronization
import System

/// The state behind the copies of a `LogWriter`: where its lines go, and what did not get through.
///
/// Other processes may share the open file behind the descriptor, and its flags with it: it stays blocking. A line
/// must nevertheless not be blocked by a reader that is slow, nor by another writer that takes the space that `poll`
/// has just reported. So a pipe or a terminal is opened once more, non-blocking, for this process alone; on a socket
/// each call is non-blocking by itself.
final class LogOutput: Sendable {
    fileprivate enum Target {
        /// Whatever has no slow reader.
        case file
        case socket
        /// A pipe or a terminal, through a non-blocking description of this process.
        case own(Int32)
        /// A pipe or a terminal that cannot be opened again, for instance because it belongs to another user: a write
        /// may block if another process writes between `poll` and `write`.
        case shared
    }

    private struct State {
        var target: Target
        var droppedLines = 0
        /// Whether the last line was written in part: the next one must begin on a new line.
        var isInsideLine = false
    }

    private let descriptor: Int32
    private let openAgain: @Sendable (Int32) -> Int32
    private let willWrite: @Sendable () -> Void
    /// Whether the target is not a file.
    private let mayBlock: Atomic<Bool>
    private let hasDroppedLines = Atomic(false)
    /// Locked while a line waits, so that no other thread takes the space that `poll` reported.
    private let state: Lock<State>

    /// - Parameters:
    ///   - openAgain: opens the file behind a descriptor for this process alone, non-blocking; negative = impossible.
    ///   - willWrite: called between waiting and writing; for tests.
    init(
        _ descriptor: Int32, openAgain: @escaping @Sendable (Int32) -> Int32 = LogOutput.openAgain,
        willWrite: @escaping @Sendable () -> Void = {}
    ) {
        self.descriptor = descriptor
        self.openAgain = openAgain
        self.willWrite = willWrite
        let target = Self.target(descriptor, openAgain)
        mayBlock = Atomic(!target.isFile)
        state = Lock(State(target: target))
    }

    deinit {
        state.withLock { $0.target.close() }
    }

    /// Linux opens a pipe or a terminal once more by this name.
    static let openAgain: @Sendable (Int32) -> Int32 = { descriptor in
        open("/proc/self/fd/\(descriptor)", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }

    private static func target(_ descriptor: Int32, _ openAgain: (Int32) -> Int32) -> Target {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .file }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFSOCK { return .socket }
        guard kind == S_IFIFO || isatty(descriptor) == 1 else { return .file }
        let own = openAgain(descriptor)
        return own >= 0 ? .own(own) : .shared
    }

    /// To be called when another file has the descriptor's number.
    func updateTarget() {
        state.withLock { state in
            state.target.close()
            state.target = Self.target(descriptor, openAgain)
            mayBlock.store(!state.target.isFile, ordering: .relaxed)
        }
    }

    func write(_ bytes: [UInt8]) {
        var written = 0
        if !mayBlock.load(ordering: .relaxed), !hasDroppedLines.load(ordering: .relaxed) {
            written = max(0, bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) })
            if written == bytes.count { return }
        }
        finish(bytes, from: written)
    }

    private func finish(_ bytes: [UInt8], from start: Int) {
        state.withLock { state in
            let wait = state.droppedLines == 0 ? LogWriter.maximumWaitMilliseconds : 0
            let deadline = MonotonicTime.now().adding(.milliseconds(wait))
            if start == 0, state.droppedLines > 0, sendNotice(until: deadline, &state) { state.droppedLines = 0 }
            let isBlocked = start == 0 && state.droppedLines > 0
            if isBlocked || !send(bytes, from: start, until: deadline, &state) { state.droppedLines += 1 }
            hasDroppedLines.store(state.droppedLines > 0, ordering: .relaxed)
        }
    }

    private func sendNotice(until deadline: MonotonicTime, _ state: inout State) -> Bool {
        let notice = LogLine(.warning, "log lines dropped", [("count", .number(Int64(state.droppedLines)))])
        let separator = state.isInsideLine ? [UInt8(ascii: "\n")] : []
        return send(separator + notice.bytes, from: 0, until: deadline, &state)
    }

    /// Writes all bytes from `start` on; false when that fails or takes too long.
    private func send(_ bytes: [UInt8], from start: Int, until deadline: MonotonicTime, _ state: inout State) -> Bool {
        var position = start
        // Also tells whether anything still reads: where nothing does, a write to a pipe would be answered by a signal.
        var mustWait = state.target.isPipe
        var hasFailed = false
        while position < bytes.count {
            if hasFailed, deadline <= .now() { break }
            if mustWait, !waitUntilWritable(deadline) { break }
            willWrite()
            let count = bytes.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[position...]), state.target) }
            if count > 0 {
                position += count
            } else if errno == EAGAIN {
                mustWait = true
                hasFailed = true
            } else if errno != EINTR {
                break
            }
        }
        if position > 0 { state.isInsideLine = position < bytes.count }
        return position == bytes.count
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ target: Target) -> Int {
        switch target {
        case .file: Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        case .socket:
            Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        case .own(let own): Glibc.write(own, bytes.baseAddress, bytes.count)
        // What fits into a pipe that `poll` calls writable: more would block.
        case .shared: Glibc.write(descriptor, bytes.baseAddress, min(bytes.count, Int(PIPE_BUF)))
        }
    }

    /// False when the deadline is over, or nothing reads any more.
    private func waitUntilWritable(_ deadline: MonotonicTime) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let count = poll(&entry, 1, deadline.remainingMilliseconds())
            if count < 0, errno == EINTR { continue }
            return count == 1 && entry.revents == Int16(POLLOUT)
        }
    }
}

extension LogOutput.Target {
    fileprivate var isFile: Bool {
        switch self {
        case .file: true
        case .socket, .own, .shared: false
        }
    }

    /// Or a terminal.
    fileprivate var isPipe: Bool {
        switch self {
        case .own, .shared: true
        case .file, .socket: false
        }
    }

    fileprivate func close() {
        switch self {
        case .own(let descriptor): Glibc.close(descriptor)
        case .file, .socket, .shared: break
        }
    }
}
