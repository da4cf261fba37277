import Glibc
import Model
import System

/// Standard output and error. What they write is escaped for a terminal, JSON included: values come from events, apps
/// and files that others have written.
struct StandardStreams {
    static let output = StandardStreams(descriptor: 1)
    static let error = StandardStreams(descriptor: 2)

    private let descriptor: Int32

    /// Writes all of `text`; false when it cannot.
    @discardableResult
    func write(_ text: String) -> Bool {
        FileDescriptors.write(Array(TerminalText.escaped(text, keepsLines: true).utf8), to: descriptor)
    }

    /// Writes text whose values are escaped already, with line ends that a terminal does not need escaped.
    ///
    /// - Throws: as `writeResult`.
    static func writeEscaped(_ text: String) throws(CommandFailure) {
        guard FileDescriptors.write(Array(text.utf8), to: output.descriptor) else { throw failure(after: .reading) }
    }

    /// What a command has done before it writes its result.
    enum Work {
        /// It has changed nothing.
        case reading
        /// It has made a change, which stays.
        case change
    }

    /// Writes a command's result.
    ///
    /// - Throws: `cannotCreate` when not all of it can be written, so that a truncated file is noticed. Says that a
    ///   change was made: nobody is to make it again because of the status.
    static func writeResult(_ text: String, of work: Work = .reading) throws(CommandFailure) {
        guard output.write(text) else { throw failure(after: work) }
    }

    private static func failure(after work: Work) -> CommandFailure {
        let reason = "cannot write the result: \(String(cString: strerror(errno)))"
        return CommandFailure(
            .cannotCreate, work == .change ? "the change was made, but this program \(reason)" : reason)
    }
}

extension StandardStreams {
    /// Names the apps with secrets that are damaged.
    static func warnOfDamage(_ apps: some Sequence<SentryApp>) {
        for app in apps {
            guard let problem = app.secretProblem else { continue }
            error.write("hookline: warning: the app \(app.slug) \(problem)\n")
        }
    }
}

/// Reading a file given on the command line.
enum InputFile {
    /// 256 MiB: some million rows.
    static let defaultByteLimit = 256 << 20

    /// The bytes of the file at `path`; `-` is standard input.
    static func read(_ path: String, byteLimit: Int = defaultByteLimit) throws(CommandFailure) -> [UInt8] {
        let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { if descriptor != 0 { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= byteLimit else {
                throw CommandFailure(.data, "\(name(path)) is larger than \(byteLimit) bytes")
            }
        }
    }

    /// The text of the file at `path`, without a byte order mark; bytes that are not UTF-8 become U+FFFD.
    static func text(_ path: String, byteLimit: Int) throws(CommandFailure) -> String {
        var bytes = try read(path, byteLimit: byteLimit)[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The file's name in messages.
    static func name(_ path: String) -> String {
        path == "-" ? "standard input" : path
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(.noInput, "cannot read \(name(path)): \(String(cString: strerror(errno)))")
    }
}
