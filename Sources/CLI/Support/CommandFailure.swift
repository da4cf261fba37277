import Directory
import Model
import Redis
import System

/// Why a command failed: the message for the user and the exit status for scripts.
struct CommandFailure: Error {
    /// Exit statuses of `sysexits.h`.
    enum Status: Int32 {
        /// A file or an argument is invalid.
        case data = 65
        /// An input file cannot be read.
        case noInput = 66
        /// The directory or Redis cannot be used.
        case unavailable = 69
        /// Output cannot be written.
        case cannotCreate = 73
        /// The queue is full.
        case tryLater = 75
        /// A setting is invalid.
        case configuration = 78
    }

    var status: Status
    var message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    init(_ error: DirectoryError) {
        switch error {
        case .conflict, .readOnlyTables: status = .data
        case .unopened, .unavailable, .newerSchema, .olderSchema, .corrupt, .missingRight: status = .unavailable
        }
        message = error.description
        // The words of the API come first.
        if case .readOnlyTables = error {
            message = "\(Self.managedBySentry) \(message.prefix(1).uppercased())\(message.dropFirst())"
        }
    }

    /// What the API says, too.
    private static let managedBySentry = "This installation is managed by Sentry."

    /// The first problems of a document, one per line.
    init(_ problems: [DocumentProblem], count: Int, in source: String) {
        status = .data
        message = "\(source) has \(count.counted("problem")):\n\(problems.lines(count: count))Nothing was imported."
    }
}

/// Evaluates `call` and turns a directory error into a failure of the command.
func reportingDirectoryErrors<Result>(
    _ call: @autoclosure () throws(DirectoryError) -> Result
) throws(CommandFailure) -> Result {
    do throws(DirectoryError) {
        return try call()
    } catch {
        throw CommandFailure(error)
    }
}

/// Evaluates `call` and turns a Redis error into a failure of the command.
func reportingRedisErrors<Result>(
    _ call: @autoclosure () throws(RedisError) -> Result
) throws(CommandFailure) -> Result {
    do throws(RedisError) {
        return try call()
    } catch {
        throw CommandFailure(.unavailable, error.description)
    }
}

extension [DocumentProblem] {
    /// One line for each, and one for those of `count` that are not among them.
    func lines(count: Int) -> String {
        let more = count > self.count ? "  … and \(count - self.count) more\n" : ""
        return map { "  \(TerminalText.escaped($0.description))\n" }.joined() + more
    }
}
