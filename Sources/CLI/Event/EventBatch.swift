import Buffer
import Model
import WireJSON

/// Sends the events of a file, one JSON object a line, and counts what becomes of them.
struct EventBatch {
    let submitter: EventSubmitter
    /// Bytes that a line may have.
    let lineLimit: Int
    let printsJSON: Bool

    private var sentCount = 0
    private var repeatedCount = 0
    private var wrongCount = 0

    /// Problems that are reported one by one.
    private static let reportedProblems = 50
    /// Members of a line that are not the endpoint's.
    private static let ownFields: Set<String> = ["installation", "idempotency_key"]

    init(submitter: EventSubmitter, lineLimit: Int, printsJSON: Bool) {
        self.submitter = submitter
        self.lineLimit = lineLimit
        self.printsJSON = printsJSON
    }

    /// The queue's payload wraps what is read here in one object more, and is read with 64 levels.
    static func limits(_ byteCount: Int) -> JSONValue.Limits {
        JSONValue.Limits(maximumByteCount: byteCount, maximumDepth: 62)
    }

    /// The members of an accepted event's result.
    static func result(_ id: String, isRepeated: Bool) -> [JSONValue.Member] {
        [.init(name: "id", value: .string(id)), .init(name: "repeated", value: .bool(isRepeated))]
    }

    /// Sends every line of the file at `path` (`-` is standard input).
    ///
    /// - Throws: `tryLater` when the queue is full, `data` when lines were wrong; the counts are printed before.
    mutating func send(_ path: String) throws(CommandFailure) {
        let bytes = try InputFile.read(path)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var full: (line: Int, depth: Int, bound: Int)?
        for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            if case .full(let depth, let bound)? = try send(Array(line), number: index + 1) {
                full = (index + 1, depth, bound)
                break
            }
        }
        try reportCounts()
        if let full {
            throw .queueIsFull(
                depth: full.depth, bound: full.bound,
                "stopped before line \(full.line) of \(InputFile.name(path)). Send the rest from there later")
        }
        if wrongCount > 0 {
            throw CommandFailure(.data, "\(wrongCount.counted("line")) of \(InputFile.name(path)) not sent")
        }
    }

    /// Nil when the line is wrong, which is reported.
    private mutating func send(_ line: [UInt8], number: Int) throws(CommandFailure) -> EventSubmitter.Outcome? {
        do throws(CommandFailure) {
            let (body, installation, key) = try read(line)
            let outcome = try submitter.submit(body, installation: installation, idempotencyKey: key)
            switch outcome {
            case .accepted(let id): try note(id, isRepeated: false, line: number)
            case .repeated(let id): try note(id, isRepeated: true, line: number)
            case .full: break
            }
            return outcome
        } catch {
            guard error.status == .data else {
                // Redis or the directory is gone: what was sent so far must not be forgotten.
                StandardStreams.error.write(
                    "hookline: stopped at line \(number), which may or may not have been sent; before it \(counts)\n")
                throw error
            }
            wrongCount += 1
            if wrongCount <= EventBatch.reportedProblems {
                StandardStreams.error.write("line \(number): \(error.message)\n")
            } else if wrongCount == EventBatch.reportedProblems + 1 {
                StandardStreams.error.write("further wrong lines are counted only\n")
            }
            return nil
        }
    }

    private func read(
        _ line: [UInt8]
    ) throws(CommandFailure) -> (body: JSONValue, installation: String, key: String?) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: line, limits: EventBatch.limits(lineLimit))
        } catch {
            throw CommandFailure(.data, "is not JSON: \(error)")
        }
        guard case .object(let members) = value else { throw CommandFailure(.data, "must be an object") }
        guard let installation = value["installation"]?.string else {
            throw CommandFailure(.data, "installation: must be a uuid")
        }
        var key: String?
        if let given = value["idempotency_key"], given != .null {
            guard let text = given.string else { throw CommandFailure(.data, "idempotency_key: must be a string") }
            key = text
        }
        return (.object(members.filter { !EventBatch.ownFields.contains($0.name) }), installation, key)
    }

    private mutating func note(_ id: String, isRepeated: Bool, line: Int) throws(CommandFailure) {
        if isRepeated { repeatedCount += 1 } else { sentCount += 1 }
        guard printsJSON else { return }
        let members = [JSONValue.Member(name: "line", value: .integer(line))]
        try StandardStreams.writeResult(
            JSONValue.object(members + EventBatch.result(id, isRepeated: isRepeated)).compactText + "\n")
    }

    private var counts: String {
        "\(sentCount.counted("event")) sent, \(repeatedCount) sent before, \(wrongCount) wrong"
    }

    private func reportCounts() throws(CommandFailure) {
        if printsJSON {
            StandardStreams.error.write("hookline: \(counts)\n")
        } else {
            try StandardStreams.writeResult("\(counts)\n")
        }
    }
}
