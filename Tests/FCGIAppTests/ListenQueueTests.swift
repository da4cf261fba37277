import Foundation
import Handlers
import ProgramSupport
import System
import TestSupport
import Testing

@testable import FCGIApp
@testable import ResponderSupport

/// The queue of a listening socket.
@Suite
struct ListenQueueTests {
    @Test func onAUnixSocketIsWhatTheKernelHoldsAndTheMostThatWereSeenAreRemembered() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("queue.sock")
        let socket = try #require(try ListeningSocket.open(.unix(path: path), mode: 0o600, group: nil))
        defer { close(socket.descriptor) }
        let gauge = ListenQueueGauge(descriptor: socket.descriptor)
        let empty = gauge.now()

        let clients = try (0..<3).map { _ in try connectUnixSocket(path) }
        defer { for client in clients { close(client) } }
        let full = gauge.now()
        close(accept(socket.descriptor, nil, nil))
        let rest = gauge.now()

        #expect(empty == .init(waiting: 0, maximumWaiting: 0, capacity: Int(ListeningSocket.backlog)))
        #expect(full == .init(waiting: 3, maximumWaiting: 3, capacity: Int(ListeningSocket.backlog)))
        #expect(rest == .init(waiting: 2, maximumWaiting: 3, capacity: Int(ListeningSocket.backlog)))
    }

    @Test func onATcpPortToo() throws {
        let port = try freePort()
        let socket = try #require(
            try ListeningSocket.open(.network(host: "127.0.0.1", port: port), mode: 0o600, group: nil))
        defer { close(socket.descriptor) }
        let queue = ListenQueue(descriptor: socket.descriptor)

        let clients = try (0..<2).map { _ in try connectLoopback(port: port) }
        defer { for client in clients { close(client) } }

        #expect(queue.length() == .init(waiting: 2, capacity: Int(ListeningSocket.backlog)))
        close(accept(socket.descriptor, nil, nil))
        #expect(queue.length() == .init(waiting: 1, capacity: Int(ListeningSocket.backlog)))
    }

    @Test func isLookedAtOnceASecondHoweverOftenItIsAskedFor() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("queue.sock")
        let socket = try #require(try ListeningSocket.open(.unix(path: path), mode: 0o600, group: nil))
        defer { close(socket.descriptor) }
        let gauge = ListenQueueGauge(descriptor: socket.descriptor)
        let client = try connectUnixSocket(path)
        gauge.sample(at: .init(microseconds: 5_000_000))
        close(accept(socket.descriptor, nil, nil))
        close(client)

        let others = try (0..<2).map { _ in try connectUnixSocket(path) }
        gauge.sample(at: .init(microseconds: 5_999_999))
        for other in others {
            close(accept(socket.descriptor, nil, nil))
            close(other)
        }
        #expect(gauge.now()?.maximumWaiting == 1)

        let third = try (0..<2).map { _ in try connectUnixSocket(path) }
        gauge.sample(at: .init(microseconds: 6_000_000))
        for other in third {
            close(accept(socket.descriptor, nil, nil))
            close(other)
        }
        #expect(gauge.now()?.maximumWaiting == 2)
    }

    @Test func isUnknownNotEmptyOfWhatIsNoSocket() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }

        #expect(ListenQueue(descriptor: file).length() == nil)
        #expect(ListenQueue(descriptor: -1).length() == nil)
        #expect(UnixSocketDiagnosis(descriptor: file)?.listenQueue() == nil)
        #expect(UnixSocketDiagnosis(descriptor: -1) == nil)
    }

    @Test func isUnknownWhenTheKernelsReplyIsAnErrorTruncatedOrUnrelated() {
        func reply(type: UInt8 = 20, attribute: UInt8 = 4, length: UInt8 = 12, count: Int = 44) -> ArraySlice<UInt8> {
            var bytes = [UInt8](repeating: 0, count: 44)
            bytes[4] = type
            bytes[32] = length
            bytes[34] = attribute
            bytes[36] = 7
            bytes[40] = 9
            return bytes.prefix(count)
        }

        #expect(UnixSocketDiagnosis.read(reply()) == .init(waiting: 7, capacity: 9))
        #expect(UnixSocketDiagnosis.read(reply(type: 2)) == nil)
        #expect(UnixSocketDiagnosis.read(reply(attribute: 5)) == nil)
        #expect(UnixSocketDiagnosis.read(reply(length: 0)) == nil)
        for count in 0..<44 { #expect(UnixSocketDiagnosis.read(reply(count: count)) == nil) }
    }

    @Test func belongsToAResponderThatIsNamedByWhereItListens() throws {
        let directory = try TemporaryDirectory()
        let unix = try #require(
            try ListeningSocket.open(.unix(path: directory.file("hookline-7.sock")), mode: 0o600, group: nil))
        defer { close(unix.descriptor) }
        let port = try freePort()
        let network = try #require(
            try ListeningSocket.open(.network(host: "127.0.0.1", port: port), mode: 0o600, group: nil))
        defer { close(network.descriptor) }

        #expect(PoolName.of(descriptor: unix.descriptor) == "hookline-7")
        #expect(PoolName.of(descriptor: network.descriptor) == "127.0.0.1:\(port)")
        #expect(PoolName.of(descriptor: -1) == nil)
    }
}
