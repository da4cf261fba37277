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
        checkSecrets()
        let limits = RequestLimits(
            parameterCount: number(.maximumParameters, in: 1...100_000),
            parameterBytes: number(.maximumParameterBytes, in: 1...(64 << 20)),
            queryBytes: number(.maximumQueryBytes, in: 0...(64 << 20)),
            bodyBytes: number(.maximumBodyBytes, in: 0...(1 << 30)))
        let configuration = Configuration(
            listen: value(.listen, "unix:PATH (at most 107 bytes), HOST:PORT with a literal address, or inherited") {
                ListenAddress(setting: $0)
            } ?? .inherited,
            socketMode: value(.socketMode, "an octal mode from 0000 to 0777") {
                UInt16($0, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
            } ?? 0,
            socketGroup: values[.socketGroup].text.isEmpty ? nil : values[.socketGroup].text,
            redis: Secret(values[.redis].text),
            redisConnectMilliseconds: number(.redisConnectMilliseconds, in: 1...60_000),
            redisCommandMilliseconds: number(.redisCommandMilliseconds, in: 1...60_000),
            directoryPath: value(.directory, "sqlite:PATH") { Self.path($0) } ?? "",
            directoryCacheSeconds: number(.directoryCacheSeconds, in: 0...3600),
            threadCount: threadCount(),
            events: value(.events, "23.7, 26, or a list of names such as issue.created,error.created") {
                EventCatalogue(setting: $0)
            } ?? EventCatalogue([]),
            limits: limits,
            drainSeconds: number(.drainSeconds, in: 0...3600),
            inputOutputSeconds: number(.inputOutputSeconds, in: 1...3600),
            logsAccess: value(.accessLog, "on or off") { ["on": true, "off": false][$0] } ?? true)
        return errors.isEmpty ? configuration : nil
    }

    private mutating func checkSecrets() {
        if values[.redis].source == .flag, MaskedAddress(values[.redis].text).hasPassword {
            errors.append(.secretInFlag(flag: Setting.redis.flag, variable: Setting.redis.variable))
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

    private static func path(_ url: String) -> String? {
        let path = url.dropFirst("sqlite:".count)
        return url.hasPrefix("sqlite:") && !path.isEmpty ? String(path) : nil
    }
}
