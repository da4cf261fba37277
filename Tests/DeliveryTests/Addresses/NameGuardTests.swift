import Foundation
import TestSupport
import Testing

/// The guard against names that lead to forbidden addresses, with a name server of the test's own.
@Suite(.enabled(if: DNSServer.isPossible, "needs the superuser, for port 53 and a mount namespace"))
struct NameGuardTests {
    /// One line of the probe: what became of a URL.
    private struct Line {
        let outcome: String
        let address: String
        let milliseconds: Int
    }

    private func probe(
        _ server: DNSServer, _ mode: String = "one-by-one", allowed: String, milliseconds: Int = 20000, _ urls: [String]
    ) throws -> [(url: String, line: Line)] {
        let command = server.resolverCommand(
            [try BuiltProducts.testProgram("DeliveryProbe"), mode, allowed, String(milliseconds)] + urls)
        let (status, output, error) = try ChildProcess.run(command)
        #expect(status == .exited(0), "\(error)")
        return output.split(separator: "\n").map { text in
            let words = text.split(separator: " ").map(String.init)
            return (words[0], Line(outcome: words[1], address: words[2], milliseconds: Int(words[3]) ?? -1))
        }
    }

    @Test func namesOfForbiddenAddressesAreRefusedAndOthersAreReached() throws {
        let receiver = try WebhookReceiver(addresses: ["127.0.0.1", "127.0.0.2"])
        let server = try DNSServer { name, _ in
            switch name {
            case "inside.example": .addresses(["127.0.0.2"])
            case "metadata.example": .addresses(["169.254.169.254"])
            case "both.example": .addresses(["127.0.0.2", "10.0.0.1"])
            case "good.example": .addresses(["127.0.0.1"])
            default: .noSuchName
            }
        }
        let names = ["inside.example", "metadata.example", "both.example", "good.example", "missing.example"]

        let lines = try probe(server, allowed: "127.0.0.1", names.map { receiver.url("/\($0)", host: $0) })

        #expect(
            lines.map(\.line.outcome) == ["blocked-address", "blocked-address", "blocked-address", "200", "dns"])
        #expect(lines.map(\.line.address) == ["-", "-", "-", "127.0.0.1", "-"])
        #expect(receiver.received.map(\.path) == ["/good.example"])
        #expect(receiver.acceptedConnections == 1)
    }

    /// A check before the look-up would have got the allowed address; the next look-up returns another one.
    @Test func aNameThatChangesItsAddressIsBlocked() throws {
        let receiver = try WebhookReceiver(addresses: ["127.0.0.1", "127.0.0.2"])
        let server = try DNSServer { _, earlier in .addresses([earlier % 2 == 0 ? "127.0.0.1" : "127.0.0.2"]) }
        // Each response ends its connection, so that each request looks the name up again.
        let url = receiver.url("/cut", host: "rebinding.example")

        let lines = try probe(server, allowed: "127.0.0.1", [url, url, url, url])

        #expect(lines.map(\.line.outcome) == ["connection", "blocked-address", "connection", "blocked-address"])
        #expect(server.asked.count == 4)
        #expect(receiver.acceptedConnections == 2)
    }

    /// The resolver's own patience is 10 seconds and more.
    @Test func aNameServerThatSaysNothingCostsNoMoreThanTheDeadline() throws {
        let receiver = try WebhookReceiver()
        let server = try DNSServer { name, _ in name.hasPrefix("good") ? .addresses(["127.0.0.1"]) : .silence }
        let silent = (0..<4).map { receiver.url("/", host: "silent\($0).example") }
        let good = (0..<8).map { receiver.url("/\($0)", host: "good\($0).example") }

        let lines = try probe(server, "together", allowed: "127.0.0.1", milliseconds: 3000, silent + good)

        #expect(lines.filter { $0.line.outcome == "200" }.count == 8)
        let late = lines.filter { $0.url.contains("silent") }
        #expect(late.map(\.line.outcome) == Array(repeating: "timeout", count: 4))
        #expect(late.allSatisfy { (2900..<8000).contains($0.line.milliseconds) }, "\(late)")
        // The others did not wait for those: they ended before them.
        #expect(lines.prefix(8).allSatisfy { $0.line.outcome == "200" })
    }

    /// A look-up that times out must not block the thread that all transfers share.
    @Test func aLookUpThatTimesOutDelaysNoOther() throws {
        let receiver = try WebhookReceiver()
        let server = try DNSServer { name, _ in name.hasPrefix("good") ? .addresses(["127.0.0.1"]) : .silence }
        let silent = receiver.url("/", host: "silent.example")
        let good = receiver.url("/", host: "good.example")

        let start = Date()
        let lines = try probe(server, allowed: "127.0.0.1", milliseconds: 1000, [silent, good])
        let seconds = Date().timeIntervalSince(start)

        #expect(lines.map(\.line.outcome) == ["timeout", "200"])
        #expect(seconds < 8, "the look-up itself takes 10 s")
    }
}
