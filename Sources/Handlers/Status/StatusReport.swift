import Model
import Queue
import Redis
import WireJSON

/// The content of the status page: a list of fields, which `StatusFormat` writes in one of three formats.
struct StatusReport {
    var fields: [StatusField] = []
    /// The fields of each thread; empty unless they were asked for.
    var threads: [[StatusField]] = []

    /// Reads the sources. After the first failure Redis is asked for nothing more, so that a stalled Redis costs one
    /// timeout.
    init(_ sources: StatusSources, now: Timestamp, isFull: Bool = false) {
        let process = sources.process?()
        fields += Self.identity(sources, process, now)
        if let process {
            let fieldsOfProcess = ProcessFields(process)
            fields += fieldsOfProcess.inOrderOfPHPFPM + [Self.version(sources, process)] + fieldsOfProcess.further
            if isFull { threads = process.threads.map { ProcessFields.fields(of: $0, now: now) } }
        } else {
            fields.append(Self.version(sources, nil))
        }
        if let cache = sources.responseCache?() {
            fields += ProcessFields.fields(of: cache, labels: Self.labels(process))
        }
        guard sources.metrics != nil || !sources.queues.isEmpty else { return }
        do {
            let fleet = try FleetFields(sources, now: now)
            fields.append(Self.redis(nil))
            fields += fleet.all
        } catch {
            fields += [Self.redis(error), .string("redis error", error.description).named("redis_error")]
        }
    }

    private static func identity(
        _ sources: StatusSources, _ process: ProcessStatus?, _ now: Timestamp
    ) -> [StatusField] {
        var fields: [StatusField] = []
        if let process {
            fields += [.string("pool", process.pool), .string("process manager", process.manager.rawValue)]
        }
        guard let startedAt = sources.startedAt else { return fields }
        let name = "hookline_responder_start_time_seconds"
        let start = MetricFamily.Sample(
            labels: labels(process), value: decimalSeconds(microseconds: startedAt.microseconds))
        return fields + [
            StatusField(
                line: .init(key: "start time", value: startedAt.commonLogDescription),
                member: .init(name: "start time", value: .number(startedAt.seconds)),
                family: MetricFamily(
                    name: name, kind: .gauge, unit: "seconds", help: "Start time of the responder.", samples: [start])),
            .number("start since", startedAt.wholeSeconds(until: now)),
        ]
    }

    private static func version(_ sources: StatusSources, _ process: ProcessStatus?) -> StatusField {
        let sample = MetricFamily.Sample(
            suffix: "_info", labels: labels(process) + [("version", sources.version)], value: "1")
        return StatusField(
            line: sources.version.isEmpty ? nil : .init(key: "version", value: sources.version),
            member: .init(name: "version", value: .string(sources.version)),
            family: MetricFamily(
                name: "hookline_responder_build", kind: .info, help: "Release of the responder.", samples: [sample]))
    }

    private static func redis(_ failure: RedisError?) -> StatusField {
        let state =
            switch failure {
            case nil: "reachable"
            case .refused: "refusing"
            case .unreachable, .timedOut, .connectionLost, .unexpectedReply: "unreachable"
            }
        var field = StatusField.string("redis", state)
        field.family = .gauge(
            "hookline_redis_up", [], failure == nil ? 1 : 0,
            help: "Whether Redis is reachable and gives what the page shows (1 or 0).")
        return field
    }

    private static func labels(_ process: ProcessStatus?) -> [MetricFamily.Label] {
        process.map { [(name: "responder", value: $0.pool)] } ?? []
    }
}

extension StatusField {
    /// The same field with another name in JSON.
    fileprivate func named(_ jsonName: String) -> StatusField {
        var field = self
        field.member?.name = jsonName
        return field
    }
}

extension Timestamp {
    /// Whole seconds from this instant to `now`; 0 when it lies in the future.
    func wholeSeconds(until now: Timestamp) -> Int64 { max(0, now.microseconds - microseconds) / 1_000_000 }

    /// `21/Nov/2026:08:00:00 +0000`, as php-fpm's status page writes it, in UTC.
    var commonLogDescription: String {
        let date = CivilDate(self)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = [date.hour, date.minute, date.second].map { ":" + Timestamp.twoDigits($0) }.joined()
        return "\(Timestamp.twoDigits(date.day))/\(months[date.month - 1])/\(date.year)\(time) +0000"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
