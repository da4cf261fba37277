import Foundation
import TestSupport

/// Reloads the responder behind nginx repeatedly under load, and counts the requests that fail.
///
///     Reloads [RELOADS] [--clients COUNT] [--keep]
///
/// nginx repeats no request, so that every failure is seen; with --keep it keeps its connections open and repeats a
/// request that it sent on one that was being closed. Prints the counts. Exit status: 0 when no request failed and no
/// descriptor, process or socket is left over, 1 otherwise, 2 when the test could not be run.
@main enum Reloads {
    static func main() {
        do {
            let verdict = try run(ReloadOptions(Array(CommandLine.arguments.dropFirst())))
            print(verdict.text)
            exit(verdict.isGood ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("reloads: \(error)\n".utf8))
            exit(2)
        }
    }

    /// Separate from `main`, which is on the main actor: the closures that are made here run on other threads.
    private nonisolated static func run(_ options: ReloadOptions) throws -> ReloadVerdict {
        let fixture = try ReloadFixture(keepsConnections: options.keepsConnections)
        let load = Load(base: "http://127.0.0.1:\(fixture.nginx.port)", clients: options.clientCount)
        defer { load.stop() }
        // Each process serves some requests before it is replaced.
        let requestsBetween = 10 * options.clientCount
        try load.waitForMore(requestsBetween)
        // A process that has served no request has hardly more descriptors than it was started with.
        let first = try load.pause { try fixture.descriptorCount(fixture.reload()) }
        for _ in 0..<options.reloadCount {
            _ = try fixture.reload()
            try load.waitForMore(requestsBetween)
        }
        let last = try load.pause { try fixture.descriptorCount(fixture.reload()) }
        let processes = fixture.processes.count
        let isSocketThere = fixture.hasSocket
        load.stop()
        try fixture.stop()
        return ReloadVerdict(
            reloads: options.reloadCount, requests: load.responseCount, failures: load.failures,
            firstDescriptors: first, lastDescriptors: last, processes: processes, isSocketThere: isSocketThere,
            isSocketLeft: fixture.hasSocket, errorLog: fixture.nginx.errorLog)
    }
}

/// The command line.
struct ReloadOptions: Sendable {
    var reloadCount = 200
    var clientCount = 8
    var keepsConnections = false

    struct Misuse: Error, CustomStringConvertible {
        let description = "usage: Reloads [RELOADS] [--clients COUNT] [--keep]"
    }

    init(_ words: [String]) throws {
        var remaining = words[...]
        while let word = remaining.popFirst() {
            if let count = Int(word), count > 0 {
                reloadCount = count
            } else if word == "--clients", let count = remaining.popFirst().flatMap({ Int($0) }), count > 0 {
                clientCount = count
            } else if word == "--keep" {
                keepsConnections = true
            } else {
                throw Misuse()
            }
        }
    }
}

/// The outcome of a run.
struct ReloadVerdict: Sendable {
    var reloads: Int
    var requests: Int
    /// Descriptions of failed requests.
    var failures: [String]
    /// Descriptors open in an idle process after the first reload, and after the last.
    var firstDescriptors: Int
    var lastDescriptors: Int
    /// Processes of the responder before it was stopped.
    var processes: Int
    /// Whether the socket was there before the responder was stopped, and after.
    var isSocketThere: Bool
    var isSocketLeft: Bool
    var errorLog: String

    var isGood: Bool {
        failures.isEmpty && firstDescriptors == lastDescriptors && processes == 1 && isSocketThere && !isSocketLeft
    }

    var text: String {
        var lines = [
            "reloads      \(reloads) under load, 2 without",
            "requests     \(requests)",
            "failed       \(failures.count)",
            "descriptors  \(firstDescriptors) after the first reload, \(lastDescriptors) after the last",
            "processes    \(processes) before the stop",
            "socket       \(isSocketThere ? "there" : "GONE") before the stop, "
                + (isSocketLeft ? "LEFT BEHIND" : "gone") + " after it",
        ]
        lines += failures.prefix(10).map { "             \($0)" }
        if !isGood { lines += errorLog.split(separator: "\n").suffix(10).map(String.init) }
        return lines.joined(separator: "\n")
    }
}
