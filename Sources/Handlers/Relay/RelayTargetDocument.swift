import Model
import Queue
import WebhookRules
import WireJSON

/// The targets of an app's relay in responses.
enum RelayTargetDocument {
    /// The settings of each target, with the values of headers masked; empty also where they cannot be read.
    static func settings(of app: SentryApp) -> [[UInt8]] {
        (RelayTargets(of: app)?.list ?? []).map { target in
            var json = settings(of: target)
            return json.finish()
        }
    }

    /// - Returns: a writer of the object, to which more can be added.
    static func settings(of target: RelayTarget) -> JSONObjectWriter {
        var json = JSONObjectWriter()
        json.append("name", text: target.name)
        json.append("url", text: target.url)
        json.append("events", texts: target.events)
        let conditions = target.conditions.map { JSONValue.Member(name: $0.path, value: $0.value) }
        json.append("conditions", json: JSONValue.object(conditions).serialized(escaping: .unicode))
        json.append("timeoutMs", json: Array((target.timeoutMilliseconds.map { "\($0)" } ?? "null").utf8))
        json.append("headers", texts: target.headers.map { "\($0.name): \(AppDocument.hiddenSecret)" })
        return json
    }

    /// The relay of an app: its path, when it last received a webhook, and its targets with their state.
    static func json(of state: RelayState, _ app: SentryApp) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("path", text: "/relay/\(app.slug)/")
        json.append("lastReceived", text: state.lastReceived?.iso8601Description)
        json.append("targets", objects: state.targets.map { Self.json(of: $0) })
        return json.finish()
    }

    private static func json(of state: RelayState.Target) -> [UInt8] {
        var json = settings(of: state.target)
        json.append("status", text: state.condition.rawValue)
        json.append("isDisabled", bool: state.disabling != nil)
        json.append("disabledAt", text: state.disabling?.date.truncatedToSeconds.iso8601Description)
        json.append("disabledReason", text: state.disabling?.reason)
        json.append("failingSince", text: state.failures?.first.truncatedToSeconds.iso8601Description)
        json.append("circuitBreaker", text: state.breaker?.name)
        json.append("circuitBreakerUntil", text: state.breaker?.end?.iso8601Description)
        return json.finish()
    }

    /// The part of `health/`: when something was last received, the state of each target in one word, and the events
    /// that only the relay knows.
    static func health(of state: RelayState, events: [EventType]) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("lastReceived", text: state.lastReceived?.iso8601Description)
        json.append(
            "targets",
            objects: state.targets.map { target in
                var json = JSONObjectWriter()
                json.append("name", text: target.target.name)
                json.append("status", text: target.condition.rawValue)
                return json.finish()
            })
        json.append("events", texts: events.map(\.rawValue))
        return json.finish()
    }
}
