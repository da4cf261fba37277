import Logging
import ProgramSupport

/// Writes swift-log's entries in the format of the programs' log: one JSON object per line.
struct JSONLogHandler: LogHandler {
    /// Keys that every line has.
    private static let reservedKeys: Set<String> = ["time", "level", "message"]

    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let writer: LogWriter

    init(level: Logger.Level, writer: LogWriter = .standardError) {
        logLevel = level
        self.writer = writer
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// The fields are sorted by key; an event's metadata takes precedence over the logger's.
    func log(event: LogEvent) {
        var all = metadata
        if let metadataProvider { all.merge(metadataProvider.get()) { $1 } }
        if let metadata = event.metadata { all.merge(metadata) { $1 } }
        var fields = all.sorted { $0.key < $1.key }.map { name, value in
            (key: Self.reservedKeys.contains(name) ? name + "_" : name, value: Self.value(value))
        }
        if let error = event.error { fields.append((key: "error", value: .text("\(error)"))) }
        writer.write(LogLine(Self.level(event.level), event.message.description, fields))
    }

    private static func value(_ value: Logger.MetadataValue) -> LogLine.Value {
        switch value {
        case .string(let text): return .text(text)
        case .stringConvertible(let value as any BinaryInteger & Sendable):
            return .number(Int64(clamping: value))
        case .stringConvertible(let value as Bool): return .boolean(value)
        case .stringConvertible, .array, .dictionary: return .text(value.description)
        }
    }

    private static func level(_ level: Logger.Level) -> LogLine.Level {
        LogLine.Level(rawValue: level.rawValue) ?? .error
    }
}
