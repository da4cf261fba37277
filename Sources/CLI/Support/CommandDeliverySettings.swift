import Buffer
import Delivery
import Directory
import Glibc
import Model
import ProgramSupport
import Queue
import Redis
import System
import WebhookRules

/// The settings of responder and worker that commands need, read with the programs' settings table: same names,
/// defaults, ranges and messages.
///
/// They come from the environment and the settings file that it names, by default that of an installed system if there
/// is one. Only the settings of a command are validated: an error in another one does not stop it. The file must be
/// readable, unless the environment and the options give all settings that are read.
struct CommandDeliverySettings {
    private let environment: [String: String]
    /// The command's options, which override the environment.
    private let options: [Setting: String]

    /// - Parameter installedFile: read when the environment names no settings file, if it exists.
    init(
        environment: [String: String] = ProcessEnvironment.all(), options: [Setting: String?] = [:],
        installedFile: String = SettingsFile.installedPath
    ) {
        var environment = environment
        if (environment[Setting.settingsFile.variable] ?? "").isEmpty {
            environment[Setting.settingsFile.variable] = Self.exists(installedFile) ? installedFile : nil
        }
        self.environment = environment
        self.options = options.compactMapValues { $0 }
    }

    /// A queue of this deployment.
    func queue(_ name: QueueName) throws(CommandFailure) -> DeliveryQueueSettings {
        name == .events ? try queue().events : .mail
    }

    /// The maximum bytes of an enqueue body.
    func maximumEventBytes() throws(CommandFailure) -> Int {
        try read([.maximumEventBytes]) { $0.number(.maximumEventBytes) }
    }

    /// Whether payloads are kept.
    func keepsPayloads() throws(CommandFailure) -> Bool {
        try read([.payloadSeconds]) { $0.number(.payloadSeconds) } > 0
    }

    /// How much of a body the details of an attempt show, in bytes.
    func detailsBytes() throws(CommandFailure) -> Int { try read([.detailsBytes]) { $0.number(.detailsBytes) } }

    /// What the platform is called, and the actor of its events.
    func platformNames() throws(CommandFailure) -> PlatformNames {
        try read([.platformName, .platformActor, .productName]) { $0.platformNames() }
    }

    func archive() throws(CommandFailure) -> ArchiveLimits {
        guard let archive = try queue().archive else {
            throw CommandFailure(
                .configuration,
                "\(Setting.payloadSeconds.variable) is 0: payloads are not stored, so nothing can be redelivered")
        }
        return archive
    }

    /// A connection that is not open yet.
    ///
    /// - Parameter commandTimeout: of one round trip.
    func connection(commandTimeout: Duration) throws(CommandFailure) -> RedisConnection {
        let endpoint = try read([.redis]) { $0.redis() }
        var limits = ReplyLimits()
        // Commands that only read the log do not need the queue's settings: where they cannot be read, they are not
        // what the command should fail for.
        if let queue = try? queue() {
            limits.maximumElementBytes = max(limits.maximumElementBytes, queue.maximumPayloadBytes)
        }
        return RedisConnection(endpoint: endpoint, commandTimeout: commandTimeout, limits: limits)
    }

    /// The circuit breakers; nil where there are none.
    ///
    /// - Parameter connection: to the Redis that has everything else.
    func breakers(sharing connection: RedisConnection) throws(CommandFailure) -> CircuitBreakers? {
        guard let breaker = try deliveryPolicies().breaker else { return nil }
        let endpoint = try read([.breakerRedis]) { reader in
            reader.text(.breakerRedis) == nil ? .some(nil) : reader.redis(.breakerRedis).map(Optional.some)
        }
        return CircuitBreakers(
            connection: endpoint.map { RedisConnection(endpoint: $0, commandTimeout: .seconds(2)) } ?? connection,
            settings: breaker)
    }

    func allowsCoreDumps() throws(CommandFailure) -> Bool { try read([.coreDumps]) { $0.isOn(.coreDumps) } }

    func directory() throws(CommandFailure) -> DirectoryLocation {
        try read([.directory]) { $0.directory(opener: Hookline.opener) }
    }

    /// Without a list of events, those of the release; under `auto` the kind of the directory decides.
    func events() throws(CommandFailure) -> EventCatalogue {
        let isListed = try read([.events]) { $0.text(.events) } != Setting.events.defaultValue
        return try read(isListed ? [.events] : [.events, .protocolRelease, .directory]) { $0.events() }
    }

    /// Whose rules are followed.
    func protocolChoice() throws(CommandFailure) -> ProtocolChoice {
        try read([.protocolRelease]) { $0.protocolChoice() }
    }

    /// The folder with the keys of encrypted values in the directory; nil = there is none.
    func encryptionKeys() throws(CommandFailure) -> String? {
        let folder = try read([.encryptionKeys]) { $0.text(.encryptionKeys) ?? "" }
        return folder.isEmpty ? nil : folder
    }

    /// The file with the keys that encrypt the directory's secrets; nil = they are stored unencrypted.
    func secretKeyFile() throws(CommandFailure) -> String? {
        let path = try read([.secretKeyFile]) { $0.text(.secretKeyFile) ?? "" }
        return path.isEmpty ? nil : path
    }

    /// The limits of the queue of events.
    func queue() throws(CommandFailure) -> QueueSettings {
        try read([
            .queueShards, .queueMaximumDepth, .queueMaximumBytes, .maximumEventBytes,
            .maximumRelayBytes, .idempotencySeconds,
            .payloadSeconds, .archiveMaximumBytes, .appArchiveBytes, .detailsBytes,
        ]) { $0.queue() }
    }

    /// Runs `body` with a reader that knows only these settings.
    func read<Value>(
        _ settings: [Setting], _ body: (inout SettingReader) -> Value?
    ) throws(CommandFailure) -> Value {
        let needed = settings.allSatisfy(isGiven) ? settings : [.settingsFile] + settings
        let names = Set(needed.flatMap(\.variables))
        // The environment's value is ignored, valid or not, where an option is given.
        let overridden = Set(options.keys.flatMap(\.variables))
        var reader = SettingReader(
            SettingValues(
                program: .worker, flags: options,
                environment: environment.filter { names.contains($0.key) && !overridden.contains($0.key) }))
        let value = body(&reader)
        guard let value, reader.errors.isEmpty else {
            throw CommandFailure(.configuration, reader.errors.map(message).joined(separator: "\n"))
        }
        return value
    }

    /// Whether an option or a variable sets it.
    private func isGiven(_ setting: Setting) -> Bool {
        options[setting] != nil || setting.variables.contains { !(environment[$0] ?? "").isEmpty }
    }

    /// Whether there is such a file, readable or not.
    private static func exists(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }

    /// The message, with the option's name in place of the variable's where an option was given.
    private func message(_ error: ConfigurationError) -> String {
        let text = error.description
        if case .invalidSettingsFile(_, nil, _) = error {
            return text + ". Run the command as a user who may read it, or set \(Setting.settingsFile.variable)="
                + "\(SettingsFile.none) and give the settings by options or variables"
        }
        for setting in options.keys
        where text.hasPrefix(setting.variable + ":") || text.hasPrefix(setting.variable + " ") {
            return "--\(setting.flag)" + text.dropFirst(setting.variable.count)
        }
        return text
    }
}

/// The worker's settings that `hookline why` needs.
extension CommandDeliverySettings {
    /// The settings of `DeliveryDiagnosis`.
    func diagnosis(events: EventCatalogue) throws(CommandFailure) -> DiagnosisSettings {
        DiagnosisSettings(
            plan: try plan(events: events), policies: try deliveryPolicies(),
            silence: try read([.silenceDays]) { $0.silenceRule() })
    }

    /// The rules for failures, retries and automatic disabling.
    func deliveryPolicies() throws(CommandFailure) -> DeliveryPolicies {
        try read([
            .policy, .retryDelays, .retryJitterPercent, .retryAfterMaximumSeconds, .retryApps, .disableApps,
            .disableTimeouts, .disableDays, .disableWarnings, .logDetails, .protocolRelease, .breaker, .breakerErrors,
            .breakerWindowSeconds, .breakerOpenSeconds, .breakerPercent, .breakerFloor,
        ]) { $0.deliveryPolicies() }
    }

    /// The name of the policy of apps without one of their own.
    func deploymentPolicy() throws(CommandFailure) -> DeliveryPolicy.Name {
        try read([.policy]) { $0.choice(.policy, fallback: DeliveryPolicy.Name.sentry) }
    }

    /// The worker's connection settings.
    func sender() throws(CommandFailure) -> SenderSettings {
        try read([.webhookTimeoutMilliseconds, .certificateAuthorityFile, .proxy, .allowedNetworks]) { reader in
            var settings = SenderSettings()
            settings.timeout = reader.milliseconds(.webhookTimeoutMilliseconds)
            settings.extraAuthorities = reader.text(.certificateAuthorityFile)
            if reader.serverURL(.proxy, schemes: ["http", "https", "socks5h"]) != nil {
                settings.proxy = Secret(reader.values[.proxy].text)
            }
            guard let addresses = Self.addresses(&reader) else { return nil }
            settings.addresses = addresses
            return settings
        }
    }

    /// The addresses that webhooks may be sent to.
    func addresses() throws(CommandFailure) -> AddressPolicy {
        try read([.allowedNetworks]) { Self.addresses(&$0) }
    }

    private static func addresses(_ reader: inout SettingReader) -> AddressPolicy? {
        do throws(CIDRError) {
            return try AddressPolicy(parsing: reader.values[.allowedNetworks].text)
        } catch {
            return reader.refuse(.allowedNetworks, error.description)
        }
    }

    /// The settings of the rules for webhooks.
    func plan(events: EventCatalogue) throws(CommandFailure) -> PlanSettings {
        try read([
            .webhookTimeoutMilliseconds, .webhookMinimumTimeoutMilliseconds, .webhookMaximumTimeoutMilliseconds,
            .protocolRelease, .disabledEnforcement, .platformName, .platformActor, .productName,
        ]) { $0.plan(events: events) }
    }
}
