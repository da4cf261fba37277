import Buffer
import Delivery
import Directory
import Model
import ProgramSupport
import Queue
import Redis

/// The settings of responder and worker that commands need, by the programs' own table: same names, defaults, ranges and
/// messages, so that a command acts on what the programs use.
///
/// They come from the environment and from the settings file that it names. Only what a command asks for is looked at: a
/// slip in another setting is no reason not to list the queue. The file, though, must be one.
struct CommandDeliverySettings {
    private let environment: [String: String]
    /// What the command's options say; it wins.
    private let options: [Setting: String]

    init(environment: [String: String] = ProcessEnvironment.all(), options: [Setting: String?] = [:]) {
        self.environment = environment
        self.options = options.compactMapValues { $0 }
    }

    /// A queue of this deployment.
    func queue(_ name: QueueName) throws(CommandFailure) -> DeliveryQueueSettings {
        name == .events ? try queue().events : .mail
    }

    /// Bytes of an enqueue body.
    func maximumEventBytes() throws(CommandFailure) -> Int {
        try read([.maximumEventBytes]) { $0.number(.maximumEventBytes) }
    }

    /// Whether payloads are kept.
    func keepsPayloads() throws(CommandFailure) -> Bool {
        try read([.payloadSeconds]) { $0.number(.payloadSeconds) } > 0
    }

    func archive() throws(CommandFailure) -> ArchiveLimits {
        guard let archive = try queue().archive else {
            throw CommandFailure(
                .configuration,
                "\(Setting.payloadSeconds.variable) is 0: payloads are not kept, so nothing can be sent again")
        }
        return archive
    }

    /// A connection, not yet made.
    ///
    /// - Parameter commandTimeout: of one round trip.
    func connection(commandTimeout: Duration) throws(CommandFailure) -> RedisConnection {
        let endpoint = try read([.redis]) { $0.redis() }
        var limits = ReplyLimits()
        limits.maximumElementBytes = max(limits.maximumElementBytes, try queue().maximumPayloadBytes)
        return RedisConnection(endpoint: endpoint, commandTimeout: commandTimeout, limits: limits)
    }

    func directory() throws(CommandFailure) -> DirectoryLocation { try read([.directory]) { $0.directory() } }

    func events() throws(CommandFailure) -> EventCatalogue { try read([.events]) { $0.events() } }

    private func queue() throws(CommandFailure) -> QueueSettings {
        try read([.queueShards, .queueMaximumDepth, .maximumEventBytes, .idempotencySeconds, .payloadSeconds]) {
            $0.queue()
        }
    }

    /// What `body` makes of the settings, of which nothing else is looked at.
    func read<Value>(
        _ settings: [Setting], _ body: (inout SettingReader) -> Value?
    ) throws(CommandFailure) -> Value {
        let asked = [Setting.settingsFile] + settings
        let names = Set(asked.flatMap(\.variables))
        // An option makes what the environment says of it, right or wrong, meaningless.
        let hidden = Set(options.keys.flatMap(\.variables))
        var reader = SettingReader(
            SettingValues(
                program: .worker, flags: options,
                environment: environment.filter { names.contains($0.key) && !hidden.contains($0.key) }))
        let value = body(&reader)
        guard let value, reader.errors.isEmpty else {
            throw CommandFailure(.configuration, reader.errors.map(text).joined(separator: "\n"))
        }
        return value
    }

    /// The message; of what an option says, by the option's name.
    private func text(_ error: ConfigurationError) -> String {
        let text = error.description
        for setting in options.keys
        where text.hasPrefix(setting.variable + ":") || text.hasPrefix(setting.variable + " ") {
            return "--\(setting.flag)" + text.dropFirst(setting.variable.count)
        }
        return text
    }
}
