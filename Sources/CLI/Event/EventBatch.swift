import Buffer
import Model
import Queue
import WireJSON

/// Enqueues the events of a file, one JSON object per line, and counts the results.
struct EventBatch {
    let submitter: EventSubmitter
    /// The maximum bytes of a line.
    let lineLimit: Int
    let printsJSON: Bool

    private var enqueuedCount = 0
    private var duplicateCount = 0
    private var invalidCount = 0

    /// Invalid lines that are reported one by one; further ones are counted.
    private static let reportedProblems = 50
    /// Members of a line that are not part of the endpoint's body.
    private static let lineFields: Set<String> = ["installation", "idempotency_key"]

    init(submitter: EventSubmitter, lineLimit: Int, printsJSON: Bool) {
        self.submitter = submitter
        self.lineLimit = lineLimit
        self.printsJSON = printsJSON
    }

    /// The parser's limits: the payload in the queue has one object more around it, and is parsed with 64 levels.
    static func limits(_ byteCount: Int) -> JSONValue.Limits {
        JSONValue.Limits(maximumByteCount: byteCount, maximumDepth: 62)
    }

    /// The members of an accepted event's result.
    static func result(_ id: String, isDuplicate: Bool) -> [JSONValue.Member] {
        [.init(name: "id", value: .string(id)), .init(name: "repeated", value: .bool(isDuplicate))]
    }

    /// Enqueues each line of the file at `path` (`-` is standard input) and prints the counts.
    ///
    /// - Throws: `tryLater` when the queue is full, `data` when lines are invalid.
    mutating func send(_ path: String) throws(CommandFailure) {
        let bytes = try InputFile.read(path)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var full: (line: Int, limit: QueueLimit)?
        for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            if case .full(let limit)? = try send(Array(line), number: index + 1) {
                full = (index + 1, limit)
                break
            }
        }
        try reportCounts()
        if let full {
            throw .queueIsFull(
                full.limit,
                "stopped before line \(full.line) of \(InputFile.name(path)). Continue from that line later")
        }
        if invalidCount > 0 {
            throw CommandFailure(.data, "\(invalidCount.counted("invalid line")) in \(InputFile.name(path))")
        }
    }

    /// Nil when the line is invalid, which is reported.
    private mutating func send(_ line: [UInt8], number: Int) throws(CommandFailure) -> EventSubmitter.Outcome? {
        do throws(CommandFailure) {
            let (body, installation, key) = try read(line)
            let outcome = try submitter.submit(body, text: line, installation: installation, idempotencyKey: key)
            switch outcome {
            case .accepted(let id): try note(id, isDuplicate: false, line: number)
            case .duplicate(let id): try note(id, isDuplicate: true, line: number)
            case .full: break
            }
            return outcome
        } catch {
            guard error.status == .data else {
                // Redis or the directory has failed: report what was enqueued before.
                StandardStreams.error.write(
                    "hookline: stopped at line \(number), which may or may not be enqueued; before it: \(counts)\n")
                throw error
            }
            invalidCount += 1
            if invalidCount <= EventBatch.reportedProblems {
                StandardStreams.error.write("line \(number): \(error.message)\n")
            } else if invalidCount == EventBatch.reportedProblems + 1 {
                StandardStreams.error.write("further invalid lines are only counted\n")
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
        return (.object(members.filter { !EventBatch.lineFields.contains($0.name) }), installation, key)
    }

    private mutating func note(_ id: String, isDuplicate: Bool, line: Int) throws(CommandFailure) {
        if isDuplicate { duplicateCount += 1 } else { enqueuedCount += 1 }
        guard printsJSON else { return }
        let members = [JSONValue.Member(name: "line", value: .integer(line))]
        try StandardStreams.writeResult(
            JSONValue.object(members + EventBatch.result(id, isDuplicate: isDuplicate)).compactText + "\n",
            of: .change)
    }

    private var counts: String {
        "\(enqueuedCount.counted("event")) enqueued, \(duplicateCount.counted("duplicate")), "
            + invalidCount.counted("invalid line")
    }

    private func reportCounts() throws(CommandFailure) {
        if printsJSON {
            StandardStreams.error.write("hookline: \(counts)\n")
        } else {
            try StandardStreams.writeResult("\(counts)\n", of: .change)
        }
    }
}
