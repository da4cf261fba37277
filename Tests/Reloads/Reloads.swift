import Foundation
import TestSupport

/// Reloads the responder behind nginx again and again, under load, and counts the requests that fail.
///
///     Reloads [RELOADS] [--clients COUNT] [--keep]
///
/// nginx repeats nothing here, so that every failure is seen; with --keep it keeps its connections open and repeats what
/// it sent on one that was being closed. Prints the counts. Exit status: 0 when no request failed,
/// no descriptor was left open and nothing is left behind, 1 when not, 2 when it could not be carried out.
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

    /// Apart from `main`, which belongs to the main actor: what is started here runs on threads.
    private nonisolated static func run(_ options: ReloadOptions) throws -> ReloadVerdict {
        let stage = try ReloadFixture(keepsConnections: options.keepsConnections)
        let load = Load(base: "http://127.0.0.1:\(stage.nginx.port)", clients: options.clientCount)
        defer { load.stop() }
        // Each process answers some requests before it is replaced.
        let requestsBetween = 10 * options.clientCount
        try load.waitForMore(requestsBetween)
        // A process that has answered nothing yet has what it was started with, and little more.
        let first = try load.pause { try stage.descriptorCount(stage.reload()) }
        for _ in 0..<options.reloadCount {
            _ = try stage.reload()
            try load.waitForMore(requestsBetween)
        }
        let last = try load.pause { try stage.descriptorCount(stage.reload()) }
        let processes = stage.processes.count
        let isSocketThere = stage.hasSocket
        load.stop()
        try stage.stop()
        return ReloadVerdict(
            reloads: options.reloadCount, requests: load.answerCount, failures: load.failures,
            firstDescriptors: first, lastDescriptors: last, processes: processes, isSocketThere: isSocketThere,
            isSocketLeft: stage.hasSocket, errorLog: stage.nginx.errorLog)
    }
}

/// How much is done.
struct ReloadOptions: Sendable {
    var reloadCount = 200
    var clientCount = 8
    var keepsConnections = false

    struct Misuse: Error, CustomStringConvertible {
        let description = "usage: Reloads [RELOADS] [--clients COUNT] [--keep]"
    }

    init(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            if let count = Int(word), count > 0 {
                reloadCount = count
            } else if word == "--clients", let count = rest.popFirst().flatMap({ Int($0) }), count > 0 {
                clientCount = count
            } else if word == "--keep" {
                keepsConnections = true
            } else {
                throw Misuse()
            }
        }
    }
}
