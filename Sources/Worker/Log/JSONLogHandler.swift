import Logging
import ProgramSupport

/// Writes what libraries log in the form of every program's log: one JSON object a line.
struct JSONLogHandler: LogHandler {
    /// Names that a line has already.
    private static let takenNames: Set<String> = ["time", "level", "message"]

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

    /// The fields stand in the order of their names; an event's own win over the logger's.
    func log(event: LogEvent) {
        var all = metadata
        if let metadataProvider { all.merge(metadataProvider.get()) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        var fields = all.sorted { $0.key < $1.key }.map { name, value in
            (key: Self.takenNames.contains(name) ? name + "_" : name, value: Self.value(value))
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
