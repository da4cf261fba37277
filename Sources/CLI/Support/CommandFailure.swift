import Directory

/// Why a command could not do what it was asked: the text for the user, and the exit status for a script.
struct CommandFailure: Error {
    /// Numbers from `sysexits.h`.
    enum Status: Int32 {
        /// Something in a file or an argument is wrong.
        case data = 65
        /// A file to read is not there or cannot be read.
        case noInput = 66
        /// The directory or Redis cannot be used.
        case unavailable = 69
        /// Output cannot be written.
        case cannotCreate = 73
        /// The queue is full: the same again later.
        case tryLater = 75
        /// A setting is wrong.
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
        case .conflict: status = .data
        case .unavailable, .newerSchema, .olderSchema, .corrupt: status = .unavailable
        }
        message = error.description
    }

    /// The first problems of a document, one a line.
    init(_ problems: [DocumentProblem], count: Int, in source: String) {
        status = .data
        let lines = problems.map { "  \($0)\n" }.joined()
        let rest = count > problems.count ? "  … and \(count - problems.count) more\n" : ""
        let what = count == 1 ? "1 problem" : "\(count) problems"
        message = "\(source) was not imported, it has \(what):\n\(lines)\(rest)Nothing was written."
    }
}

/// Runs `body`, whose directory errors become failures of the command.
func reportingDirectoryErrors<Result>(_ body: () throws(DirectoryError) -> Result) throws(CommandFailure) -> Result {
    do throws(DirectoryError) {
        return try body()
    } catch {
        throw CommandFailure(error)
    }
}
