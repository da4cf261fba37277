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

    /// The settings of a target, and its state: whether it is disabled, and its circuit breaker.
    static func json(
        of target: RelayTarget, disabling: TargetDisabling?, breaker: CircuitState?
    ) -> [UInt8] {
        var json = settings(of: target)
        json.append("isDisabled", bool: disabling != nil)
        json.append("disabledAt", text: disabling?.date.truncatedToSeconds.iso8601Description)
        json.append("disabledReason", text: disabling?.reason)
        json.append("circuitBreaker", text: breaker?.name)
        json.append("circuitBreakerUntil", text: breaker?.end?.iso8601Description)
        return json.finish()
    }
}
