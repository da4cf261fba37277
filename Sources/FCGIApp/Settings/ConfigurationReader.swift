import Buffer
import Directory
import Glibc
import Model

/// Makes a configuration of the settings' texts and collects everything that is wrong on the way.
struct ConfigurationReader {
    let values: SettingValues
    private(set) var errors: [ConfigurationError]

    init(_ values: SettingValues) {
        self.values = values
        errors = values.errors
    }

    /// The configuration; nil when `errors` is not empty.
    mutating func read() -> Configuration? {
        let listen = value(.listen, "unix:PATH (at most 107 bytes), HOST:PORT with a literal address, or inherited") {
            ListenAddress(setting: $0)
        }
        let socketMode = value(.socketMode, "an octal mode from 0000 to 0777") { text -> UInt16? in
            guard text.utf8.allSatisfy({ (48...55).contains($0) }) else { return nil }
            return UInt16(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
        }
        let events = value(.events, "23.7, 26, or a list of names such as issue.created,error.created") {
            EventCatalogue(setting: $0)
        }
        let logsAccess = value(.accessLog, "on or off") { ["on": true, "off": false][$0] }
        let (redis, directory, threads, limits) = (redis(), directory(), threadCount(), limits())
        let redisConnect = number(.redisConnectMilliseconds, in: 1...60_000)
        let redisCommand = number(.redisCommandMilliseconds, in: 1...60_000)
        let cacheSeconds = number(.directoryCacheSeconds, in: 0...3600)
        let drainSeconds = number(.drainSeconds, in: 0...3600)
        let inputOutputSeconds = number(.inputOutputSeconds, in: 1...3600)
        guard errors.isEmpty, let listen, let socketMode, let events, let logsAccess, let redis, let directory else {
            return nil
        }
        return Configuration(
            listen: listen, socketMode: socketMode,
            socketGroup: values[.socketGroup].text.isEmpty ? nil : values[.socketGroup].text, redis: redis,
            redisConnectMilliseconds: redisConnect, redisCommandMilliseconds: redisCommand, directory: directory,
            directoryCacheSeconds: cacheSeconds, threadCount: threads, events: events, limits: limits,
            drainSeconds: drainSeconds, inputOutputSeconds: inputOutputSeconds, logsAccess: logsAccess)
    }

    private mutating func limits() -> RequestLimits {
        RequestLimits(
            parameterCount: number(.maximumParameters, in: 1...100_000),
            parameterBytes: number(.maximumParameterBytes, in: 1...(64 << 20)),
            queryBytes: number(.maximumQueryBytes, in: 0...(64 << 20)),
            bodyBytes: number(.maximumBodyBytes, in: 0...(1 << 30)))
    }

    private mutating func redis() -> RedisEndpoint? {
        do throws(RedisEndpointError) {
            let endpoint = try RedisEndpoint(parsing: values[.redis].text)
            if values[.redis].source == .flag, endpoint.password != nil {
                errors.append(.secretInFlag(flag: Setting.redis.flag, variable: Setting.redis.variable))
            }
            return endpoint
        } catch {
            errors.append(.badAddress(setting: Setting.redis.variable, reason: error.description))
            return nil
        }
    }

    private mutating func directory() -> DirectoryLocation? {
        do throws(DirectoryLocation.ParseError) {
            return try DirectoryLocation(parsing: values[.directory].text)
        } catch {
            errors.append(.badAddress(setting: Setting.directory.variable, reason: error.description))
            return nil
        }
    }

    private mutating func threadCount() -> Int {
        guard values[.threads].text == "auto" else { return number(.threads, in: 1...512) }
        return min(512, 4 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    private mutating func number(_ setting: Setting, in range: ClosedRange<Int>) -> Int {
        value(setting, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else { return nil }
            return range.contains(number) ? number : nil
        } ?? range.lowerBound
    }

    private mutating func value<Value>(
        _ setting: Setting, _ expected: String, _ parse: (String) -> Value?
    ) -> Value? {
        let text = values[setting].text
        if let value = parse(text) { return value }
        errors.append(.badValue(setting: setting.variable, value: text, expected: expected))
        return nil
    }
}
