import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

@testable import Delivery

/// Counts for StatsD.
@Suite
struct StatsDTests {
    private func client(_ receiver: DatagramReceiver) -> StatsDClient {
        StatsDClient(StatsDAddress(host: "127.0.0.1", port: receiver.port))
    }

    @Test func linesHaveTheOriginalsNamesAndTags() {
        var counts = MetricCounts()
        counts.add(3, to: MetricSeries(.responses, tags: ["200", "app|x:y,z#@\n", "issue.created"]))
        counts.add(4, to: MetricSeries(.processed, tags: ["comment.created"]))
        counts.add(5, to: MetricSeries(.retries))
        counts.add(6, to: MetricSeries(.deadLetters))
        counts.add(7, to: MetricSeries(.appsDisabled))
        var times = LatencyCounts(.duration)
        for milliseconds in [7, 8, 9, 40_000] { times.record(milliseconds: Int64(milliseconds)) }
        counts.add(times)

        #expect(
            StatsDLines.lines(for: counts) == [
                "integration-platform.http_response:3|c|#status:200,integration:app_x_y_z___,"
                    + "webhook_event:issue.created",
                "resource_change.processed:4|c|#change_event:comment.created", "hookline.retries:5|c",
                "hookline.dead_letters:6|c", "hookline.apps_disabled:7|c",
                "hookline.delivery_duration:8|ms|@0.333333333", "hookline.delivery_duration:40000|ms",
            ])
    }

    @Test func queuesAreGauges() {
        var statistics = QueueStatistics()
        statistics.waiting = 1
        statistics.pending = 2
        statistics.scheduled = 3
        statistics.dead = 4

        #expect(
            StatsDLines.lines(for: statistics, queue: "mail", oldestSeconds: 9) == [
                "hookline.queue_entries:1|g|#queue:mail,state:waiting",
                "hookline.queue_entries:2|g|#queue:mail,state:pending",
                "hookline.queue_entries:3|g|#queue:mail,state:scheduled",
                "hookline.queue_entries:4|g|#queue:mail,state:dead",
                "hookline.queue_oldest_due_seconds:9|g|#queue:mail",
            ])
    }

    @Test func silentAppsAreGaugesOfEachCause() {
        let lines = StatsDLines.lines(silentApps: ["disabled": 2, "unknown": 1])

        #expect(
            lines.filter { !$0.contains(":0|g") } == [
                "hookline.silent_apps:2|g|#cause:disabled", "hookline.silent_apps:1|g|#cause:unknown",
            ])
        #expect(lines.contains("hookline.silent_apps:0|g|#cause:not-subscribed"))
        #expect(lines.count == SilenceCause.Kind.allCases.count + 1)
    }

    @Test func datagramsAreFilledButNotOverfilled() {
        let half = String(repeating: "a", count: 716)
        let rest = String(repeating: "b", count: 715)
        let whole = String(repeating: "c", count: 1432)

        #expect(StatsDClient.packed([half, rest]).map(\.count) == [1432])
        #expect(StatsDClient.packed([half, half]).map(\.count) == [716, 716])
        #expect(StatsDClient.packed([whole, "d", whole + "x", "", "e"]).map(\.count) == [1432, 3])
        #expect(StatsDClient.packed([]).isEmpty)
    }

    @Test func linesArriveTogether() throws {
        let receiver = try DatagramReceiver()
        let client = client(receiver)

        client.send(["a:1|c", "b:2|c"])
        client.send([])
        client.send(["c:3|c"])

        #expect(receiver.next() == "a:1|c\nb:2|c")
        #expect(receiver.next() == "c:3|c")
        #expect(client.lostDatagrams == 0)
    }

    @Test func aServerThatComesLaterIsFound() throws {
        let port = try freePort()
        let client = StatsDClient(StatsDAddress(host: "127.0.0.1", port: port))
        for _ in 0..<5 { client.send(["lost:1|c"]) }

        let receiver = try DatagramReceiver(port: port)
        client.send(["found:1|c"])

        #expect(receiver.next() == "found:1|c")
    }

    @Test func anUnknownNameIsIgnored() {
        let client = StatsDClient(StatsDAddress(host: "256.256.256.256", port: 8125))

        client.send(["a:1|c"])
        client.send(["b:1|c"])

        #expect(client.lostDatagrams == 2)
    }

    @Test func theSettingIsAHostAndAPort() {
        #expect(StatsDAddress(parsing: "127.0.0.1:8125") == StatsDAddress(host: "127.0.0.1", port: 8125))
        #expect(StatsDAddress(parsing: "[::1]:65535") == StatsDAddress(host: "::1", port: 65535))
        #expect(StatsDAddress(parsing: "[::1]:65535")?.description == "[::1]:65535")
        for text in ["", ":8125", "host", "host:", "host:0", "host:65536", "::1:8125", "[]:1", "a b:1", "host:-1"] {
            #expect(StatsDAddress(parsing: text) == nil, "\(text)")
        }
    }
}

/// A UDP socket on 127.0.0.1 that a test reads from.
final class DatagramReceiver {
    let port: UInt16
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        self.port = port
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let descriptor = descriptor
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { throw TestSupportError("cannot bind UDP port \(port): errno \(errno)") }
    }

    convenience init() throws {
        try self.init(port: try freePort())
    }

    deinit {
        close(descriptor)
    }

    /// The next datagram; nil when none comes within the time.
    func next(milliseconds: Int32 = 5000) -> String? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Reads until a datagram with `text` has come; all lines so far.
    func lines(until text: String) -> [String] {
        var lines: [String] = []
        while let datagram = next() {
            lines += datagram.split(separator: "\n").map(String.init)
            if datagram.contains(text) { break }
        }
        return lines
    }
}
