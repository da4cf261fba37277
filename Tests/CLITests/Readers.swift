import Foundation
import Model
import System

@testable import Directory

/// Threads that ask a directory again and again.
final class Readers: Sendable {
    struct Report: Sendable {
        var readCount = 0
        var errors: [String] = []
        /// Exports that show one import's organization beside another's app.
        var contradictions: [String] = []
        var lastName: String?
        var isStopped = false
        var runningCount = 0
    }

    private let report = Lock(Report())
    private let directory: SQLiteDirectory
    private let count: Int

    init(directory: SQLiteDirectory, count: Int) {
        self.directory = directory
        self.count = count
    }

    var lastName: String? { report.withLock { $0.lastName } }

    func start() {
        report.withLock { $0.runningCount = count }
        for _ in 0..<count { Thread.detachNewThread { self.read() } }
    }

    /// Ends the threads and says what they saw.
    func stop() -> Report {
        report.withLock { $0.isStopped = true }
        while report.withLock({ $0.runningCount }) > 0 { usleep(1000) }
        return report.withLock { $0 }
    }

    private func read() {
        while !report.withLock({ $0.isStopped }) {
            do {
                let name = try directory.organization(slug: "acme")?.name
                let document = try directory.document()
                let organization = document.organizations.first?.name
                let app = document.apps.first?.app.name
                report.withLock {
                    $0.readCount += 1
                    $0.lastName = name ?? $0.lastName
                    if organization != app { $0.contradictions.append("\(organization ?? "-") beside \(app ?? "-")") }
                }
            } catch {
                report.withLock { $0.errors.append("\(error)") }
            }
        }
        report.withLock { $0.runningCount -= 1 }
    }
}
