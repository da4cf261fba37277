import Directory
package import Model
package import Queue
package import Redis
import WebhookRules

/// Counts the results of attempts, and disables apps that keep failing (docs/protocol.md 7.6). Not thread-safe.
///
/// An app is disabled in two steps: what observes attempts only notes it in Redis; `completeNotices` changes the
/// directory, whose write lock may be taken for long.
package protocol AutoDisabling: AnyObject {
    /// Notes the apps whose receivers responded with 410 as apps to be disabled, and returns their ids.
    ///
    /// Called before the attempts' entries leave the queue, and again until it does not throw.
    func noteGone(_ attempts: [FinishedAttempt]) throws(RedisError) -> Set<Int64>

    /// Counts attempts, warns owners, and notes the apps for which the rule is met as apps to be disabled.
    ///
    /// The attempts are recorded in the log and not yet settled in the queue. When this throws, it is unknown what was
    /// counted; the attempts are not observed again.
    ///
    /// - Returns: the ids of the apps that were noted.
    func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> Set<Int64>

    /// Disables the apps that were noted, by this worker or another one, and does what follows: mails, deletion of the
    /// counts, the log line. Called at the start, after apps were noted, and periodically.
    ///
    /// - Returns: the ids of the apps that remain to be disabled, because the directory failed.
    func completeNotices(now: Timestamp) throws(RedisError) -> Set<Int64>
}

extension FinishedAttempt {
    /// What the attempt counts as (docs/protocol.md 7.6); nil when it is not counted.
    ///
    /// Failures that are not the app's (a proxy that is down) and temporary ones are not counted: redirects, 429 and
    /// 5xx count as nothing, as in the original.
    package var countedAs: FailureKind? {
        switch result.outcome {
        case .response(let response):
            switch response.status {
            case ..<300: .success
            case 400..<500 where response.status != 429: .error
            default: nil
            }
        case .failed(let failure, _):
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol: .timeout
            case .blockedAddress, .invalidURL: .error
            case .bodyTooLarge, .invalidHeader, .proxy, .cancelled, .leaseLost, .breakerOpen, .internal: nil
            }
        }
    }

    /// What the attempt is in the app's failure window, under every policy; nil when it says nothing about the app.
    package var windowOutcome: WindowOutcome? {
        let kind: WindowOutcome.Kind? =
            switch result.outcome {
            case .response(let response): response.isSuccess ? .success : .failure
            case .failed(let failure, _):
                switch failure {
                case .timeout, .connection, .dns, .tls, .protocol: .timeout
                case .blockedAddress, .invalidURL, .invalidHeader: .failure
                case .bodyTooLarge, .proxy, .cancelled, .leaseLost, .breakerOpen, .internal: nil
                }
            }
        return kind.map {
            WindowOutcome(webhook.destination, kind: $0, date: date, eventID: webhook.originalID ?? entry.id)
        }
    }

    /// Whether the webhook was relayed: its target is counted, warned of and disabled apart from the app.
    var isRelayed: Bool { webhook.relay != nil }

    /// Whether the receiver wants no more webhooks (410 Gone).
    package var isGone: Bool { result.status == 410 }

    /// Under which the attempt is counted.
    var failureCountKey: FailureCountKey {
        FailureCountKey(
            appID: webhook.app.id, organizationID: webhook.installation?.organizationID ?? webhook.app.ownerID)
    }
}

/// Why an app is disabled. The text is stored with the app and shown to users: it continues "Its webhook".
enum DisablingReason: Hashable, Sendable {
    case rule(AutoDisableRule, AutoDisableRule.Cause)
    case window(FailureWindowRule, FailureWindowRule.Cause)
    /// The receiver responded with 410.
    case gone

    var text: String {
        switch self {
        case .gone: "responded with 410 Gone, which asks for no more webhooks"
        case .rule(let rule, .timeouts): Self.timeouts(rule.timeoutThreshold ?? 1)
        case .window(let rule, .timeouts):
            Self.timeouts(rule.timeoutThreshold ?? 1) + ", and did not succeed more often"
        case .window(let rule, .noSuccess(let first)):
            "has failed every time since \(first.minuteDescription), for \(rule.dayCount.counted("day")) or longer"
        case .rule(let rule, .errorDays):
            "responded with errors, and never with a success, on \(rule.dayCount) days in a row"
        case .rule(_, .fatal): "failed permanently"
        }
    }

    private static func timeouts(_ count: Int) -> String {
        let text = "timed out or could not be reached"
        return count == 1 ? text : "\(text) \(count) times on one day"
    }
}

/// Why a step of a disabling or a warning failed; a later call repeats it.
enum AutoDisableError: Error, CustomStringConvertible {
    case redis(RedisError)
    case directory(DirectoryError)
    /// The mail queue accepts no more mails.
    case mailQueueFull(depth: Int, bound: Int)

    var description: String {
        switch self {
        case .redis(let error): error.description
        case .directory(let error): error.description
        case .mailQueueFull(let depth, let bound): "the mail queue is full: it holds \(depth) of \(bound) mails"
        }
    }

    /// Runs a call to Redis.
    static func redis<Value>(_ call: () throws(RedisError) -> Value) throws(AutoDisableError) -> Value {
        do { return try call() } catch { throw .redis(error) }
    }

    /// Runs a call to the directory.
    static func directory<Value>(_ call: () throws(DirectoryError) -> Value) throws(AutoDisableError) -> Value {
        do { return try call() } catch { throw .directory(error) }
    }
}
