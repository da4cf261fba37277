import Buffer
import Delivery
import Dispatch
import Redis

/// Sends to each URL of its arguments and prints what became of it; for tests that need another name server than the
/// machine's, which is set for a whole process.
///
///     DeliveryProbe one-by-one|together ALLOWED-NETWORKS TIMEOUT-MS URL…
///
/// A line each, in the order of the ends: URL, status or reason, address, milliseconds.
///
///     DeliveryProbe growth ALLOWED-NETWORKS TIMEOUT-MS URL…
///
/// Sends to each URL a hundred times, then five times a hundred, and prints by how many kilobytes and descriptors the
/// process grew after the first hundred: a test program that runs other tests as well cannot tell that of itself.
///
///     DeliveryProbe throughput ALLOWED-NETWORKS TIMEOUT-MS URL REDIS EVENTS APPS
///
/// Enqueues so many events to so many apps with this URL, delivers them with a worker, and prints how many that were
/// for each second of processor time.
@main enum DeliveryProbe {
    enum Misuse: Error {
        case arguments([String])
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 4, let milliseconds = Int(arguments[3]) else {
            throw Misuse.arguments(arguments)
        }
        var settings = SenderSettings()
        settings.addresses = try AddressPolicy(parsing: arguments[2])
        settings.timeout = .milliseconds(milliseconds)
        settings.nameCacheSeconds = 0
        if arguments[1] == "growth" {
            settings.keptConnections = 8
            try Growth(sender: WebhookSender(settings: settings), urls: Array(arguments[4...])).report()
            return
        }
        if arguments[1] == "throughput" {
            guard arguments.count == 8, let events = Int(arguments[6]), let apps = Int(arguments[7]) else {
                throw Misuse.arguments(arguments)
            }
            try Throughput(
                sender: settings, url: arguments[4], redis: RedisEndpoint(parsing: arguments[5]), eventCount: events,
                appCount: apps
            ).report()
            return
        }
        let sender = try WebhookSender(settings: settings)
        let isTogether = arguments[1] == "together"
        let ended = DispatchSemaphore(value: 0)
        for (index, url) in arguments[4...].enumerated() {
            let request = OutgoingRequest(url: url, headers: [], body: Array("{}".utf8), appID: Int64(index))
            try sender.submit(request) { result in
                let outcome = result.status.map(String.init) ?? result.failure?.rawValue ?? ""
                print(url, outcome, result.address ?? "-", result.durationMilliseconds)
                ended.signal()
            }
            if !isTogether { ended.wait() }
        }
        if isTogether { arguments[4...].forEach { _ in ended.wait() } }
        sender.stop(within: .zero)
    }
}
