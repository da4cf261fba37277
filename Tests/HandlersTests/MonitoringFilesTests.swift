import Buffer
import Foundation
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing

/// The shipped Grafana dashboard and Prometheus rules against what the status page writes.
/// The shipped dashboard and alerts.
@Suite
struct MonitoringFilesTests {
    private final class Fleet: MetricReading, QueueStatisticsReading, SilenceCountReading {
        let queueName = "events"

        func counts() throws(RedisError) -> MetricCounts {
            var counts = MetricCounts()
            counts.add(1, to: MetricSeries(.responses, tags: ["200", "sample", "issue.created"]))
            counts.add(1, to: MetricSeries(.processed, tags: ["issue.created"]))
            return counts
        }

        func silentApps() throws(RedisError) -> [String: Int64]? { ["disabled": 1] }
        func workers() throws(RedisError) -> [WorkerReport] { [] }
        func statistics() throws(RedisError) -> QueueStatistics { QueueStatistics() }
    }

    /// The labels of each metric, by its name.
    private let metrics: [String: Set<String>]

    init() throws {
        let (fixture, fleet) = (HandlersFixture(), Fleet())
        var process = ProcessStatus(pool: "hookline-1", manager: .static)
        process.listenQueue = .init(waiting: 0, maximumWaiting: 0, capacity: 511)
        process.memory = .init(resident: 1, peak: 1)
        process.requests.record(.init(route: .refused, method: .get, status: 200), microseconds: 1)
        let status = process
        let sources = StatusSources(
            metrics: fleet, queues: [fleet], silence: fleet, version: "1", startedAt: HandlersFixture.now,
            responseCache: { ResponseCacheCounts() }, process: { status })
        let response = Service(
            dependencies: Dependencies(
                directory: fixture.directory, requestLog: fixture.log, interactions: fixture.interactions,
                queue: MemoryEventQueue(), payloads: MemoryPayloads(), clock: fixture.clock, status: sources)
        ).respond(to: Request(method: "GET", path: .encoded("/-/status"), query: "openmetrics"))
        var metrics: [String: Set<String>] = ["up": []]
        for sample in try OpenMetricsSamples(parsing: response.text).values.keys {
            let parts = sample.split(separator: "{", maxSplits: 1)
            let labels = parts.dropFirst().flatMap { $0.matches(of: #/([a-z_]+)="/#).map { String($0.1) } }
            metrics[String(parts[0]), default: []].formUnion(labels)
        }
        self.metrics = metrics
    }

    private func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Fails for a metric that the page does not have, and for a label that the metric does not have.
    private func check(_ expression: String) {
        // Prometheus itself adds the job.
        let withoutWindows = expression.replacing(#/\[[^\]]*\]/#, with: "")
        let withoutGroups = withoutWindows.replacing(#/\bby \([^)]*\)/#, with: "")
        let withoutFunctions = withoutGroups.replacing(#/[a-z_]+ *\(/#, with: "(")
        let names = withoutFunctions.replacing(#/\{[^}]*\}/#, with: "").matches(of: #/[a-z_]+/#).map { String($0.0) }
            .filter { $0 != "or" }
        #expect(!names.isEmpty)
        for name in names { #expect(metrics[name] != nil, "\(name) in \(expression)") }
        for match in withoutWindows.matches(of: #/([a-z_]+)\{([^}]*)\}/#) {
            for label in match.2.matches(of: #/([a-z_]+)[=!]/#).map({ String($0.1) }) where label != "job" {
                #expect(metrics[String(match.1)]?.contains(label) == true, "\(label) of \(match.1)")
            }
        }
        let known = metrics.filter { names.contains($0.key) }.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        for group in withoutWindows.matches(of: #/\bby \(([^)]*)\)/#) {
            for label in group.1.matches(of: #/[a-z_]+/#).map({ String($0.0) }) {
                #expect(known.contains(label), "\(label) in \(expression)")
            }
        }
    }

    @Test func theDashboardAsksForMetricsThatThereAre() throws {
        let dashboard = try GoldenValue(parsing: Array(text("conf/grafana/hookline.json").utf8))
        let panels = dashboard["panels"].elements
        let expressions = panels.flatMap { $0["targets"].elements }.compactMap { $0["expr"].string }

        for expression in expressions { check(expression) }
        #expect(expressions.count > 40)
        #expect(dashboard["uid"].string == "hookline")
        #expect(try #require(dashboard["schemaVersion"].integer) >= 39)
        #expect(dashboard["templating"]["list"].elements.first?["type"].string == "datasource")
        let ids = panels.compactMap { $0["id"].integer }
        #expect(ids.count == panels.count && Set(ids).count == ids.count)
        for target in panels.flatMap({ $0["targets"].elements }) {
            #expect(target["datasource"]["uid"].string == "${datasource}")
        }
    }

    @Test func everyMetricHasAPlaceOnTheDashboard() throws {
        let dashboard = try text("conf/grafana/hookline.json")
        // What only tells when, and in how many steps.
        let others: Set = ["up", "hookline_responder_start_time_seconds"]
        for name in metrics.keys where !others.contains(name) && !name.hasSuffix("_count") && !name.hasSuffix("_sum") {
            #expect(dashboard.contains(name), "\(name)")
        }
    }

    @Test func theAlertsAskForMetricsThatThereAre() throws {
        let rules = try text("conf/prometheus/hookline.rules.yml")
        // Of one line, or folded: what is indented deeper than the key belongs to it.
        let expressions = rules.matches(of: #/\n {8}expr: (?:>-\n)?((?: {10}.*\n)+|.*\n)/#).map { match in
            String(match.1).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                .joined(separator: " ")
        }

        for expression in expressions { check(expression) }
        #expect(expressions.count == rules.ranges(of: "- alert: Hookline").count)
        #expect(expressions.count > 10)
        #expect(expressions.allSatisfy { !$0.isEmpty && !$0.contains(">-") })
    }
}
