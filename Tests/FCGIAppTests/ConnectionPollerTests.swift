import Foundation
import ProgramSupport
import System
import TestSupport
import Testing

@testable import FCGIApp
@testable import ResponderSupport

/// Real connections, taken by threads that the tests control.
@Suite
struct ConnectionPollerTests {
    private static let idleLimit = 2
    /// Enough for the events of some of them to come at the moment that matters.
    private static let pairCount = 2000

    private let directory: TemporaryDirectory
    private let path: String
    private let poller: ConnectionPoller
    private let pool = WorkerPool()

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("s.sock")
        let socket = try #require(try ListeningSocket.open(.unix(path: path), mode: 0o600, group: nil))
        poller = try ConnectionPoller(
            listener: socket.descriptor, inputSeconds: 60, idleLimit: Self.idleLimit,
            memory: BodyMemory(limit: 1 << 20), parameterBytes: 1000, batchSize: 1)
    }

    @Test func oneThreadTakesConnectionsInTheOrderInWhichTheyCame() throws {
        let clients = try (1...3).map { try send("/\($0)") }

        let taken = try clients.map { _ in try nextURI() }

        #expect(taken == ["/1", "/2", "/3"])
        #expect(poller.openCount == 3)
    }

    @Test func everyIdleThreadIsWokenForAConnection() throws {
        let taken = Lock<Set<String>>([])
        let problems = Lock<[String]>([])
        // Of the first thread only, until all have ended.
        nonisolated(unsafe) var clients: [FastCGIClient] = []
        let uris: Set = ["/1", "/2", "/3", "/4"]

        // None of the threads takes a second connection: if one event were lost, a connection and a thread would be
        // left.
        try runThreads(count: uris.count + 1) { number in
            do {
                if number == 0 {
                    for uri in uris.sorted() { clients.append(try send(uri)) }
                } else {
                    let uri = try nextURI()
                    taken.withLock { _ = $0.insert(uri) }
                }
            } catch {
                problems.withLock { $0.append("\(error)") }
            }
        }

        #expect(problems.withLock { $0 } == [])
        #expect(taken.withLock { $0 } == uris)
        withExtendedLifetime(clients) {}
    }

    @Test func aConnectionThatWaitsWhileAThreadIsBusyGoesToAnotherThread() throws {
        let clients = try (1...2).map { try send("/\($0)") }
        #expect(try nextURI() == "/1")
        let taken = Lock("")

        try runThreads(count: 1) { _ in
            let uri = try? nextURI()
            taken.withLock { $0 = uri ?? "" }
        }

        #expect(taken.withLock { $0 } == "/2")
        withExtendedLifetime(clients) {}
    }

    @Test func aSilentConnectionIsParkedUntilItHasARequest() throws {
        let silent = try FastCGIClient(socketPath: path)
        let client = try send("/1")
        #expect(try nextURI() == "/1")

        try silent.sendRequest(FastCGIClient.parameters("GET", "/silent"))

        #expect(try nextURI() == "/silent")
        withExtendedLifetime(client) {}
    }

    /// A thread that takes one of two connections and then waits leaves the other one to a thread that waits for events
    /// already, where no event may tell of it.
    @Test func aConnectionThatIsLeftBehindIsTakenByTheThreadThatWaitsForEvents() throws {
        let path = directory.file("pair.sock")
        let socket = try #require(try ListeningSocket.open(.unix(path: path), mode: 0o600, group: nil))
        let poller = try ConnectionPoller(
            listener: socket.descriptor, inputSeconds: 60, idleLimit: 8, memory: BodyMemory(limit: 1 << 20),
            parameterBytes: 1000)
        let pool = WorkerPool { poller.wakeWaiter() }
        let taken = Condition(0)
        let isComplete: @Sendable (Int) -> Bool = { count in
            taken.wait(until: .now().adding(seconds: 20)) { $0 >= count ? true : nil } ?? false
        }
        let completed = Counter()

        try runThreads(count: 3) { number in
            guard number > 0 else {
                for round in 1...Self.pairCount {
                    let clients = (0..<2).compactMap { _ in try? Self.send("/", to: path) }
                    guard clients.count == 2, isComplete(2 * round) else { break }
                    completed.increment()
                }
                poller.shutDown()
                return pool.shutDown()
            }
            let member = pool.makeMember()
            defer { member.leave() }
            var streak = 0
            while let ready = try? poller.next(member, streak: &streak) {
                member.beginRequest()
                member.willWait()
                var rank = 0
                taken.change { count in
                    count += 1
                    rank = count
                    return true
                }
                // Until the other one of the pair has been taken.
                _ = isComplete(rank + rank % 2)
                member.didWait()
                member.endRequest()
                poller.close(ready.connection)
            }
        }

        #expect(completed.value == Self.pairCount)
    }

    @Test func aParkedConnectionGetsItsTurnAmongNewOnes() throws {
        let kept = try FastCGIClient(socketPath: path)
        try kept.sendRequest(FastCGIClient.parameters("GET", "/kept"))
        let connection = try next()
        var bytes = [UInt8](repeating: 0, count: 4096)
        #expect(read(connection.descriptor, &bytes, bytes.count) > 0)
        poller.park(connection)
        try kept.sendRequest(FastCGIClient.parameters("GET", "/again"))
        // The event of the listening socket may come first, once.
        let count = 2 * ConnectionPoller.longestStreak + 2
        let clients = try (0..<count).map { try send("/\($0)") }

        let member = pool.makeMember()
        var taken: [String] = []
        var streak = 0
        for _ in 0..<count { taken.append(try uri(next(member, streak: &streak))) }

        #expect(taken.contains("/again"))
        withExtendedLifetime(clients) {}
    }

    @Test func beyondTheLimitTheOldestIdleConnectionIsClosed() throws {
        let silent = try (0...Self.idleLimit).map { _ in try FastCGIClient(socketPath: path) }
        let client = try send("/1")

        #expect(try nextURI() == "/1")

        try silent.first?.waitForClose()
        for client in silent.dropFirst() { #expect(client.isSilent) }
        #expect(poller.openCount == Self.idleLimit + 1)
        withExtendedLifetime(client) {}
    }

    @Test func aRequestThatHasBegunIsNotClosedForAnIdleConnection() throws {
        let begun = try FastCGIClient(socketPath: path)
        try begun.send(FastCGIClient.beginning())
        let silent = try (0..<Self.idleLimit).map { _ in try FastCGIClient(socketPath: path) }
        let client = try send("/1")

        #expect(try nextURI() == "/1")

        try silent.first?.waitForClose()
        #expect(begun.isSilent)
        withExtendedLifetime(client) {}
    }

    @Test func anIdleConnectionPastItsDeadlineIsClosedUnlessItHasSomethingToRead() throws {
        let silent = try (0..<2).map { _ in try FastCGIClient(socketPath: path) }
        let client = try send("/1")
        #expect(try nextURI() == "/1")
        try silent[1].sendRequest(FastCGIClient.parameters("GET", "/late"))

        poller.enforceDeadlines(at: MonotonicTime.now().adding(seconds: 61))

        try silent[0].waitForClose()
        #expect(try nextURI() == "/late")
        withExtendedLifetime(client) {}
    }

    @Test func shutDownEndsEveryThreadThatWaits() throws {
        let ended = Counter()
        poller.drain()
        poller.shutDown()
        pool.shutDown()

        try runThreads(count: 3) { _ in
            var streak = 0
            if let ready = try? poller.next(pool.makeMember(), streak: &streak) {
                ready.connection.close()
            } else {
                ended.increment()
            }
        }

        #expect(ended.value == 3)
    }

    @Test func drainingClosesKeptConnectionsAndAcceptsOnlyWhatWasQueued() throws {
        let kept = try send("/kept")
        poller.park(try drained(next()))
        let queued = try send("/queued")

        poller.drain()
        poller.acceptRemaining()

        try kept.waitForClose()
        #expect(try nextURI() == "/queued")
        withExtendedLifetime(queued) {}
    }

    @Test func aProbeIsAnsweredByAnIdleThread() throws {
        poller.probe.send()
        let isAnswered = Lock(false)

        try runThreads(count: 2) { number in
            if number == 0 {
                var streak = 0
                _ = try? poller.next(pool.makeMember(), streak: &streak)
            } else {
                let outcome = (try? waitUntil("a thread has responded") { poller.probe.responseCount == 1 }) != nil
                isAnswered.withLock { $0 = outcome }
                poller.shutDown()
            }
        }

        #expect(isAnswered.withLock { $0 })
    }

    @Test(arguments: [(8, 1024, 928), (8, 4096, 1024), (2, 64, 16), (512, 1024, 8), (8, Int.max, 1024)])
    func theBudgetLeavesThreadsTheirDescriptors(threads: Int, limit: Int, idle: Int) {
        #expect(DescriptorBudget(threadCount: threads, descriptorLimit: limit).idleConnections == idle)
    }

    /// Sends a whole request on a new connection.
    private func send(_ uri: String) throws -> FastCGIClient { try Self.send(uri, to: path) }

    private static func send(_ uri: String, to path: String) throws -> FastCGIClient {
        let client = try FastCGIClient(socketPath: path)
        try client.sendRequest(FastCGIClient.parameters("GET", uri))
        return client
    }

    private func nextURI() throws -> String {
        try uri(next())
    }

    private func next() throws -> Connection {
        let member = pool.makeMember()
        defer { member.leave() }
        var streak = 0
        return try next(member, streak: &streak)
    }

    private func next(_ member: WorkerPool.Member, streak: inout Int) throws -> Connection {
        guard let ready = try poller.next(member, streak: &streak) else { throw TestSupportError("it is shut down") }
        return ready.connection
    }

    /// Takes what can be read off a connection.
    private func drained(_ connection: Connection) -> Connection {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while recv(connection.descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 {}
        return connection
    }

    private func uri(_ connection: Connection) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection.descriptor, &bytes, bytes.count, Int32(MSG_PEEK))
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        return String(try #require(text.firstMatch(of: /REQUEST_URI(\/[a-z0-9]*)/)).1)
    }
}
