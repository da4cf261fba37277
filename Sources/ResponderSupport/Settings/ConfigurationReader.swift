import Directory
import Glibc
import ProgramSupport
import System
import WebhookRules

/// Parses the responder's settings and collects every error on the way.
struct ConfigurationReader {
    private var reader: SettingReader
    private let opener: any DirectoryOpening

    var errors: [ConfigurationError] { reader.errors }

    /// - Parameters:
    ///   - environment: searched for variables of libfcgi that have no effect here.
    ///   - opener: opens the directory.
    init(_ values: SettingValues, environment: [String: String], opener: any DirectoryOpening) {
        reader = SettingReader(values)
        self.opener = opener
        if environment["FCGI_WEB_SERVER_ADDRS"]?.isEmpty == false {
            reader.report(
                .unsupportedVariable(
                    "FCGI_WEB_SERVER_ADDRS", instead: "listen on a Unix socket, whose mode restricts who can connect"))
        }
    }

    /// The configuration; nil when `errors` is not empty.
    mutating func read() -> Configuration? {
        let process = reader.process()
        let listen = reader.value(
            .listen, "unix:PATH (at most 107 bytes), HOST:PORT with a literal address, or inherited"
        ) { ListenAddress(setting: $0) }
        let socketMode = reader.value(.socketMode, "an octal mode from 0000 to 0777") { text -> UInt16? in
            guard text.utf8.allSatisfy({ (48...55).contains($0) }) else { return nil }
            return UInt16(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
        }
        let (stores, threads, limits) = (reader.stores(opener: opener), threadCount(), limits())
        let identity = reader.identity(directory: stores?.directory)
        let explanation = DiagnosisSettings(
            plan: reader.plan(events: stores?.events), policies: reader.deliveryPolicies(),
            silence: reader.silenceRule())
        let addresses = AddressPolicy(allowing: reader.networks(.allowedNetworks))
        let cacheSeconds = reader.number(.directoryCacheSeconds)
        let drainSeconds = reader.number(.drainSeconds)
        let inputOutputSeconds = reader.number(.inputOutputSeconds)
        let (logsAccess, accessFormat) = (reader.isOn(.accessLog), accessFormat())
        let logCacheBytes = reader.number(.logCacheBytes)
        let slowLogMilliseconds = reader.number(.slowLogMilliseconds)
        let servesStatusAsCGI = reader.isOn(.cgiStatus)
        let signOutURL = reader.signOutURL()
        guard errors.isEmpty, let listen, let socketMode, let stores, let identity, let accessFormat else { return nil }
        return Configuration(
            process: process, listen: listen, socketMode: socketMode, socketGroup: reader.text(.socketGroup),
            stores: stores, identity: identity, explanation: explanation, addresses: addresses,
            directoryCacheSeconds: cacheSeconds,
            threadCount: threads, limits: limits,
            warnings: stores.queue.warnings + bodyWarnings(stores.queue.maximumEventBytes),
            bodyMemoryBytes: reader.number(.bodyMemoryBytes), drainSeconds: drainSeconds,
            inputOutputSeconds: inputOutputSeconds,
            logCacheBytes: logCacheBytes, logsAccess: logsAccess, accessFormat: accessFormat,
            slowLogMilliseconds: slowLogMilliseconds, servesStatusAsCGI: servesStatusAsCGI,
            signOutURL: signOutURL)
    }

    private mutating func accessFormat() -> AccessFormat? {
        do throws(AccessPattern.ParseError) {
            return try AccessFormat(parsing: reader.values[.accessFormat].text)
        } catch {
            return reader.refuse(.accessFormat, error.description)
        }
    }

    private mutating func limits() -> RequestLimits {
        RequestLimits(
            parameterCount: reader.number(.maximumParameters),
            parameterBytes: reader.number(.maximumParameterBytes),
            queryBytes: reader.number(.maximumQueryBytes),
            bodyBytes: min(
                reader.number(.maximumBodyBytes), BodyMemory.longestBody(limit: reader.number(.bodyMemoryBytes))),
            importBytes: min(
                reader.number(.importMaximumBytes), BodyMemory.longestImport(limit: reader.number(.bodyMemoryBytes))))
    }

    /// Limits with which the body of the largest event gets status 413.
    private mutating func bodyWarnings(_ eventBytes: Int) -> [String] {
        let event = "\(Setting.maximumEventBytes.variable)=\(eventBytes)"
        let (body, memory) = (reader.number(.maximumBodyBytes), reader.number(.bodyMemoryBytes))
        let least = BodyMemory.leastLimit(forBody: eventBytes)
        var warnings: [String] = []
        if body < eventBytes {
            warnings.append(
                "\(Setting.maximumBodyBytes.variable) is \(body), too little for the largest event: \(event) needs at "
                    + "least \(eventBytes)")
        }
        if memory < least {
            warnings.append(
                "\(Setting.bodyMemoryBytes.variable) is \(memory), too little for the largest event: \(event) needs at "
                    + "least \(least)")
        }
        return warnings
    }

    private mutating func threadCount() -> Int {
        guard reader.text(.threads) == "auto" else { return reader.number(.threads) }
        return min(512, 4 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
}
