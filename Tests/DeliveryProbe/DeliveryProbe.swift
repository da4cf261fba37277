import Delivery
import Dispatch
import Model
import Redis
import System
import WebhookRules

/// Sends a webhook to each URL of its arguments and prints the result; for tests that need another name server than the
/// machine's, which is set for a whole process.
///
///     DeliveryProbe one-by-one|together ALLOWED-NETWORKS TIMEOUT-MS URL…
///
/// One line each, in the order of completion: URL, status or reason, address, milliseconds.
///
///     DeliveryProbe growth ALLOWED-NETWORKS TIMEOUT-MS URL…
///
/// Sends to each URL a hundred times, then five times a hundred, and prints the growth of the process in kilobytes and
/// descriptors after the first hundred: a process that runs other tests as well cannot measure its own.
///
///     DeliveryProbe throughput ALLOWED-NETWORKS TIMEOUT-MS URL REDIS EVENTS APPS
///
/// Enqueues EVENTS events for APPS apps with this URL, delivers them with a worker, and prints the rate per second of
/// processor time.
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
        let timeout = Duration.milliseconds(milliseconds)
        settings.nameCacheSeconds = 0
        if arguments[1] == "growth" {
            settings.keptConnections = 8
            try Growth(sender: WebhookSender(settings: settings), urls: Array(arguments[4...]), timeout: timeout)
                .report()
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
            let webhook = PlannedWebhook(url: url, body: Array("{}".utf8), appID: Int64(index), timeout: timeout)
            try sender.submit(webhook) { result in
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

extension PlannedWebhook {
    /// A webhook with what the sender uses.
    convenience init(
        url: String, headers: [(name: String, value: String)] = [], body: [UInt8], appID: Int64, timeout: Duration
    ) {
        let app = SentryApp(id: appID, slug: "app", name: "App", ownerID: 1, status: .published, uuid: "a")
        let installation = Installation(
            id: 1, appID: appID, organizationID: 1, uuid: "i", dateAdded: Timestamp(seconds: 0))
        self.init(
            app: app, installation: installation, event: "issue.created", url: url, headers: headers,
            loggedHeaders: headers, body: body, timeout: timeout)
    }
}
