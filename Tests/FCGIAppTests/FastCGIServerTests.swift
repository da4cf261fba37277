import Buffer
import Foundation
import Handlers
import ProgramSupport
import Redis
import System
import TestSupport
import Testing

@testable import FCGIApp
@testable import ResponderSupport

/// Starting worker threads, and their end when the system refuses to let them wait.
@Suite
struct FastCGIServerTests {
    @Test func aThreadThatCannotWaitEndsWithAnErrorInTheLogAndTheServerHasFailed() throws {
        let directory = try TemporaryDirectory()
        let socket = try UnixListener(path: directory.file("s"), mode: 0o600, group: nil).open(backlog: 8)
        defer { close(socket.descriptor) }
        let log = try directory.write("", to: "log")
        let poll = try EventPoll()
        let server = try FastCGIServer(
            socket: socket,
            options: .init(
                threadCount: 1, inputOutputSeconds: 5, limits: RequestLimits(), bodyMemory: BodyMemory(limit: 1 << 20),
                logs: RequestLogs(writer: LogWriter(appendingTo: log), access: nil),
                board: StatusBoard(threadCount: 1, socket: nil)), poll: poll
        ) {
            Responder(respond: { _, _ in Response(status: 200) }, clock: PhaseClock(), redisCounts: { RedisCounts() })
        }
        let other = open("/dev/null", O_RDONLY)
        defer { close(other) }
        #expect(dup2(other, poll.descriptor) >= 0)

        try server.start()

        try waitUntil("the thread has failed") { server.hasFailed }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains(#""reason":"epoll_wait failed: Invalid argument","errno":22"#), "\(text)")
    }

    @Test func aStartThatFailsAtALaterThreadAcceptsNoConnection() throws {
        let directory = try TemporaryDirectory()
        let socket = try UnixListener(path: directory.file("s"), mode: 0o600, group: nil).open(backlog: 8)
        defer { close(socket.descriptor) }
        let client = try FastCGIClient(socketPath: directory.file("s"))
        try client.sendRequest(FastCGIClient.parameters("GET", "/-/ping"))
        let board = StatusBoard(threadCount: 3, socket: nil)
        let server = try FastCGIServer(
            socket: socket,
            options: .init(
                threadCount: 3, inputOutputSeconds: 5, limits: RequestLimits(), bodyMemory: BodyMemory(limit: 1 << 20),
                logs: RequestLogs(writer: .standardError, access: nil), board: board)
        ) {
            Responder(
                respond: { _, _ in Response(status: 200) }, clock: PhaseClock(),
                redisCounts: { RedisCounts() })
        }
        var startCount = 0
        let ended = Counter()

        #expect(throws: SystemCallError.self) {
            try server.start { (work) throws(SystemCallError) in
                startCount += 1
                guard startCount < 3 else { throw SystemCallError(call: "pthread_create", code: EAGAIN) }
                try PosixThread.start {
                    work()
                    ended.increment()
                }
            }
        }
        try waitUntil("the threads that were started have ended") { ended.value == 2 }

        #expect(fcntl(socket.descriptor, F_SETFL, O_NONBLOCK) == 0)
        let waiting = accept(socket.descriptor, nil, nil)
        #expect(waiting >= 0, "a thread took the connection: \(errno)")
        close(waiting)
    }

    @Test(arguments: [(1, 1), (2, 1), (8, 2), (64, 16)])
    func threadsShareFewHeapsMoreOfThemOnAMachineWithManyProcessors(processors: Int, expected: Int) {
        #expect(HeapPolicy.heapCount(processors: processors) == expected)
    }
}
