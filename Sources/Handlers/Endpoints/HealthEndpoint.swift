import Buffer
import Model
import Queue
import WebhookRules
import WireJSON

/// `GET health/`: the state of an app and its failures, computed from its log; for lists and dashboards.
enum HealthEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let isConditional = true
    static let permission: any Permission.Type = StatisticsPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let now = context.now()
        let scopes = try context.access.ownerScopes(of: context.caller, for: app)
        let rights = Rights(
            canManage: scopes.isSuperset(of: ScopeSet(RedeliveryPermission.scope)),
            canErase: scopes.isSuperset(of: ScopeSet(ErasurePermission.scope)))
        let breaker = breaker(context, app, now: now)
        let events = try context.events(of: app)
        let requests = context.everyRow(of: app, events, errorsOnly: false)
        let errors = context.everyRow(of: app, events, errorsOnly: true)
        let relay = try relay(context, app, events, now: now)
        return try context.cachedResult(reading: [requests, errors], isTagged: isConditional, at: now) {
            key(app, breaker, isDisabled: isDisabled(app, context), rights, relay)
        } make: { _ throws(HTTPFailure) in
            let requests = try context.readLog(requests)
            let errors = try context.readLog(errors)
            let rows = requests.attemptRows + errors.attemptRows
            let silence = try silence(
                context, app, newestRow: Silence.lastAttempt(of: rows.lazy.map(\.date), at: now), now: now)
            let health = AppHealth(
                requests: requests, errors: errors, disablement: app.disablement,
                isDisabled: isDisabled(app, context), silentSince: silence?.lastRequest, now: now)
            let rule = context.dependencies.diagnosis.silence
            return EndpointResult(
                body: json(health, breaker, rule.isOn ? .some(silence) : nil, rights, relay),
                skippedElements: requests.skippedCount,
                // Why an app is silent depends on more than the log and the directory: it is looked up each time.
                expiry: silence == nil ? AppHealth.nextChange(rows, rule, now: now) : now)
        }
    }

    /// What the caller may do with the app.
    private struct Rights {
        var canManage: Bool
        var canErase: Bool
    }

    /// That the app is silent, and why; nil when it is not.
    private static func silence(
        _ context: borrowing RequestContext, _ app: SentryApp, newestRow: Timestamp?, now: Timestamp
    ) throws(HTTPFailure) -> Silence? {
        var settings = context.dependencies.diagnosis
        settings.plan.events = try context.events(of: app)
        let diagnosis = SilenceDiagnosis(
            app: app, settings: settings, rules: context.rules, audience: .user(seesProjects: false), now: now)
        let facts = try orUnavailable(
            HTTPFailure.stateUnavailable, diagnosis.facts(newestRow: newestRow, from: context.dependencies.state))
        guard let facts else { return nil }
        return try orUnavailable(diagnosis.silence(facts, in: context.directory))
    }

    /// The state of the app's relay as JSON; nil where it has none.
    private static func relay(
        _ context: borrowing RequestContext, _ app: SentryApp, _ events: EventCatalogue, now: Timestamp
    ) throws(HTTPFailure) -> [UInt8]? {
        let sources = context.dependencies.state
        guard app.relayTargets != nil, let states = sources.relayTargets, let targets = RelayTargets(of: app) else {
            return nil
        }
        let state = try orUnavailable(
            HTTPFailure.stateUnavailable,
            RelayState(
                of: app, targets, policies: context.dependencies.diagnosis.policies, rules: context.rules,
                states: states, windows: sources.windows, breakers: sources.breakers, now: now))
        return RelayTargetDocument.health(
            of: state, events: Array(events.events.dropFirst(context.events.events.count)))
    }

    /// By Hookline, or by the platform where that is enforced.
    private static func isDisabled(_ app: SentryApp, _ context: borrowing RequestContext) -> Bool {
        app.disablement != nil
            || (app.isDisabledByPlatform && context.dependencies.diagnosis.plan.enforcesDisabling)
    }

    /// Nil where there are no circuit breakers. Where their Redis does not respond, they count as closed.
    private static func breaker(
        _ context: borrowing RequestContext, _ app: SentryApp, now: Timestamp
    ) -> CircuitState? {
        guard context.dependencies.diagnosis.policies.policy(of: app, under: context.rules).breaker != nil,
            let breakers = context.dependencies.state.breakers
        else { return nil }
        return (try? breakers.states(of: [.app(slug: app.slug)], at: now).first) ?? .closed
    }

    private static func key(
        _ app: SentryApp, _ breaker: CircuitState?, isDisabled: Bool, _ rights: Rights, _ relay: [UInt8]?
    ) -> ResponseCacheKey {
        var key = ResponseCacheKey(.health, of: app)
        key.add(rights.canManage)
        key.add(rights.canErase)
        key.add(breaker?.name)
        key.add(breaker?.end)
        key.add(isDisabled)
        key.add(app.disablement?.date)
        key.add(app.disablement?.reason)
        key.add(relay.map { String(decoding: $0, as: UTF8.self) })
        return key
    }

    /// - Parameter silence: nil where no app counts as silent.
    private static func json(
        _ health: AppHealth, _ breaker: CircuitState?, _ silence: Silence??, _ rights: Rights,
        _ relay: [UInt8]?
    ) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("status", text: health.status.rawValue)
        json.append("requests24h", number: Int64(health.lastDay.requests))
        json.append("errors24h", number: Int64(health.lastDay.errors))
        json.append("lastRequest", text: health.lastRequest?.iso8601Description)
        json.append("disabledSince", text: health.disablement?.date.iso8601Description)
        json.append(
            "disabledReason",
            text: health.disablement?.reason
                ?? (health.status == .disabled ? "disabled by the platform (is_disabled)" : nil))
        if let breaker {
            json.append("breaker", text: breaker.name)
            json.append("breakerUntil", text: breaker.end?.iso8601Description)
        }
        if let silence { json.append("silence", json: silence.map(object) ?? Array("null".utf8)) }
        if let relay { json.append("relay", json: relay) }
        json.append("completeSince", text: health.completeSince?.iso8601Description)
        json.append("days", objects: health.days.map(day))
        json.append("canManage", bool: rights.canManage)
        json.append("canErase", bool: rights.canErase)
        return json.finish()
    }

    private static func object(_ silence: Silence) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("lastRequest", text: silence.lastRequest.iso8601Description)
        json.append("silentSince", text: silence.start.iso8601Description)
        json.append("lastUnsentEvent", text: silence.lastUnsentEvent?.iso8601Description)
        json.append(
            "causes",
            objects: silence.causes.map { cause in
                var json = JSONObjectWriter()
                json.append("cause", text: cause.kind.rawValue)
                json.append("text", text: cause.text)
                return json.finish()
            })
        return json.finish()
    }

    private static func day(_ day: AppHealth.Day) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("date", text: String(day.start.iso8601Description.prefix(10)))
        json.append("requests", number: Int64(day.counts.requests))
        json.append("errors", number: Int64(day.counts.errors))
        return json.finish()
    }
}
