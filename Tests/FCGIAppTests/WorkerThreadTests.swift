import Buffer
import Foundation
import Model
import ProgramSupport
import System
import TestSupport
import Testing

@testable import FCGIApp

/// Real connections, taken by members of one room whose turns the tests decide.
/// Leader and followers.
@Suite
struct PoolMemberTests {
    private static let batchSize = 8

    private let directory: TemporaryDirectory
    private let path: String
    private let room: ConnectionPoller
    private let exchanges = Lock(0)

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("s.sock")
        let socket = try #require(try ListeningSocket.open(.unix(path: path), mode: 0o600, group: nil))
        let exchanges = exchanges
        room = try ConnectionPoller(
            listener: socket.descriptor, silenceSeconds: 60, maximumGuests: 2, batchSize: Self.batchSize
        ) {
            InvalidationSequence(begunCount: exchanges.withLock { $0 })
        }
    }

    @Test func oneThreadTakesWhatWaitsInTheOrderInWhichItCame() throws {
        let clients = try (1...3).map { try ask("/\($0)") }
        let member = WorkerThread(room: room)
        var taken: [String] = []
        for _ in clients { taken.append(try visit(member)) }
        #expect(taken == ["/1", "/2", "/3"])
        #expect(room.openCount == 3)
    }

    @Test func whatTheLeaderHasAcceptedGoesToOthersAsSoonAsItPromotesOneOfThem() throws {
        let clients = try (1...4).map { try ask("/\($0)") }
        let (leader, follower) = (WorkerThread(room: room), WorkerThread(room: room))
        #expect(try visit(leader) == "/1")
        #expect(try visit(leader) == "/2")
        leader.promoteFollower()

        #expect(try Set([visit(follower), visit(follower)]) == ["/3", "/4"])
        // And the follower leads now.
        let late = try ask("/5")
        #expect(try visit(follower) == "/5")
        withExtendedLifetime((clients, late)) {}
    }

    @Test func aThreadThatWasPromotedOverTakesWhatIsLeftInTheRoomAndMayLeadAgain() throws {
        let clients = try (1...3).map { try ask("/\($0)") }
        let member = WorkerThread(room: room)
        var taken: Set<String> = []
        for _ in clients {
            taken.insert(try visit(member))
            member.promoteFollower()
        }
        #expect(taken == ["/1", "/2", "/3"])
        let late = try ask("/4")
        #expect(try visit(member) == "/4")
        withExtendedLifetime((clients, late)) {}
    }

    @Test func aFullBatchWakesAnotherThreadAtOnceAndIsNotLostWhenItsThreadIsHeldUp() throws {
        let clients = try (0...Self.batchSize).map { try ask("/\($0)") }
        let (leader, helper) = (WorkerThread(room: room), WorkerThread(room: room))
        #expect(try visit(leader) == "/0")
        #expect(try visit(leader) == "/1")
        let late = try ask("/late")
        // The helper takes from the batch before it looks for more.
        #expect(try visit(helper) == "/2")
        leader.promoteFollower()

        var rest: Set<String> = []
        for _ in 3...Self.batchSize + 1 { rest.insert(try visit(helper)) }
        #expect(rest == Set((3...Self.batchSize).map { "/\($0)" } + ["/late"]))
        withExtendedLifetime((clients, late)) {}
    }

    @Test func aLeaderThatIsHeldUpWithoutAWordIsRelievedAtTheSecondLook() throws {
        let clients = try (1...3).map { try ask("/\($0)") }
        let (leader, follower) = (WorkerThread(room: room), WorkerThread(room: room))
        #expect(try visit(leader) == "/1")
        #expect(try visit(leader) == "/2")
        room.enforceDeadlines(at: .now())
        #expect(room.leadership.isHeld)
        room.enforceDeadlines(at: .now())
        #expect(!room.leadership.isHeld)

        #expect(try visit(follower) == "/3")
        let late = try ask("/4")
        #expect(try visit(follower) == "/4")
        // What the one that was relieved promotes is nobody's.
        leader.promoteFollower()
        withExtendedLifetime((clients, late)) {}
    }

    @Test func whatOthersDoMeanwhileDoesNotHideThatTheLeaderIsHeldUp() throws {
        let kept = try FastCGIClient(socketPath: path)
        let client = try ask("/1")
        let (leader, other) = (WorkerThread(room: room), WorkerThread(room: room))
        #expect(try visit(leader) == "/1")
        for number in 1...2 {
            #expect(room.leadership.isHeld)
            try kept.sendRequest(FastCGIClient.parameters("GET", "/kept\(number)"))
            let connection = try next(other).connection
            #expect(connection.isReadable)
            var bytes = [UInt8](repeating: 0, count: 4096)
            #expect(read(connection.descriptor, &bytes, bytes.count) > 0)
            room.keep(connection)
            room.enforceDeadlines(at: .now())
        }
        #expect(!room.leadership.isHeld)
        withExtendedLifetime(client) {}
    }

    @Test func requestsThatWaitForAThreadAreNotGivenUpForWantOfRoomHoweverManyAreSilent() throws {
        let silent = try (1...2).map { _ in try FastCGIClient(socketPath: path) }
        let clients = try (1...5).map { try ask("/\($0)") }
        let (leader, follower) = (WorkerThread(room: room), WorkerThread(room: room))
        #expect(try visit(leader) == "/1")
        #expect(try visit(leader) == "/2")
        leader.promoteFollower()

        var rest: [String] = []
        for _ in 3...5 { rest.append(try visit(follower)) }
        #expect(rest == ["/3", "/4", "/5"])
        withExtendedLifetime((silent, clients)) {}
    }

    @Test func everyOneOfSeveralIdleThreadsIsWokenForWhatIsQueued() throws {
        let clients = try (1...4).map { try ask("/\($0)") }
        let leader = WorkerThread(room: room)
        #expect(try visit(leader) == "/1")
        #expect(try visit(leader) == "/2")
        let taken = Lock<Set<String>>([])
        let problems = Lock<[String]>([])
        try runThreads(count: 3) { number in
            do {
                guard number > 0 else { return leader.promoteFollower() }
                let uri = try visit(WorkerThread(room: room))
                taken.withLock { _ = $0.insert(uri) }
            } catch {
                problems.withLock { $0.append("\(error)") }
            }
        }
        #expect(problems.withLock { $0 }.isEmpty)
        #expect(taken.withLock { $0 } == ["/3", "/4"])
        withExtendedLifetime(clients) {}
    }

    @Test func aLeaderThatGoesOnIsNotRelieved() throws {
        let clients = try (1...4).map { try ask("/\($0)") }
        let leader = WorkerThread(room: room)
        for number in 1...4 {
            #expect(try visit(leader) == "/\(number)")
            room.enforceDeadlines(at: .now())
            #expect(room.leadership.isHeld)
        }
        withExtendedLifetime(clients) {}
    }

    @Test func aSilentConnectionWaitsInTheRoomWhoeverAcceptedIt() throws {
        let silent = try FastCGIClient(socketPath: path)
        let client = try ask("/1")
        let member = WorkerThread(room: room)
        #expect(try visit(member) == "/1")
        try silent.sendRequest(FastCGIClient.parameters("GET", "/silent"))
        #expect(try visit(member) == "/silent")
        withExtendedLifetime((silent, client)) {}
    }

    @Test func aRequestIsMarkedWhenItIsThereNotWhenItsConnectionIs() throws {
        let silent = try FastCGIClient(socketPath: path)
        let client = try ask("/1")
        let (leader, follower) = (WorkerThread(room: room), WorkerThread(room: room))
        exchanges.withLock { $0 = 1 }
        #expect(try mark(leader, "/1") == InvalidationSequence(begunCount: 1))
        leader.promoteFollower()
        exchanges.withLock { $0 = 2 }
        try silent.sendRequest(FastCGIClient.parameters("GET", "/silent"))
        exchanges.withLock { $0 = 3 }
        #expect(try mark(follower, "/silent") == InvalidationSequence(begunCount: 3))
        withExtendedLifetime(client) {}
    }

    @Test func theRequestsOfABatchAreMarkedWhenItIsAcceptedOneQuestionToRedisCanServeAllOfThem() throws {
        let clients = try (1...3).map { try ask("/\($0)") }
        let member = WorkerThread(room: room)
        _ = try visit(member)
        exchanges.withLock { $0 = 1 }
        #expect(try mark(member, "/2") == InvalidationSequence(begunCount: 1))
        exchanges.withLock { $0 = 2 }
        #expect(try mark(member, "/3") == InvalidationSequence(begunCount: 1))
        withExtendedLifetime(clients) {}
    }

    @Test func closingSendsTheLeaderHomeWhenItHasAnsweredWhatItAccepted() throws {
        let clients = try (1...3).map { try ask("/\($0)") }
        let member = WorkerThread(room: room)
        #expect(try visit(member) == "/1")
        #expect(try visit(member) == "/2")
        room.drain()
        room.ringForClosing()
        #expect(try visit(member) == "/3")
        guard case .closing = member.next() else {
            Issue.record("the room is closed")
            return
        }
        withExtendedLifetime(clients) {}
    }

    /// Sends a whole request on a connection of its own.
    private func ask(_ uri: String) throws -> FastCGIClient {
        let client = try FastCGIClient(socketPath: path)
        try client.sendRequest(FastCGIClient.parameters("GET", uri))
        return client
    }

    private func mark(_ member: WorkerThread, _ uri: String) throws -> InvalidationSequence? {
        let visit = try next(member)
        #expect(try asked(visit) == uri)
        return visit.mark
    }

    /// What the next request asks for.
    private func visit(_ member: WorkerThread) throws -> String {
        try asked(next(member))
    }

    private func next(_ member: WorkerThread) throws -> ReadyConnection {
        guard case .request(let visit) = member.next() else { throw TestSupportError("the room is closed") }
        return visit
    }

    private func asked(_ visit: ReadyConnection) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(visit.connection.descriptor, &bytes, bytes.count, Int32(MSG_PEEK))
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let uri = try #require(text.firstMatch(of: /REQUEST_URI(\/[a-z0-9]*)/))
        return String(uri.1)
    }
}
