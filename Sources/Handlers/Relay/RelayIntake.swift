import Buffer
import Directory
import Model
import Queue
import WebhookRules
import WireJSON

/// `POST /relay/{slug}/`: takes a webhook of the original and enqueues it for each target of the app
/// (docs/relay.md).
///
/// The response is 202 once Redis has it for every target that gets it. Nothing is stored before the signature was
/// checked, and nobody without one learns which apps exist.
struct RelayIntake {
    /// Members of the body that are looked at.
    private static let names = JSONMemberNames(["action"])
    /// The longest `Request-ID`, in bytes.
    private static let maximumRequestIDBytes = 128
    /// Bytes of payloads that are sent to Redis at a time, beside one.
    private static let partBytes = 1 << 20

    let dependencies: Dependencies
    let relay: RelayDependencies
    let request: Request
    let slug: String
    /// Those that the log can be read of in any case.
    let events: EventCatalogue

    func response() -> Response {
        do throws(HTTPFailure) {
            return try response(to: accepted())
        } catch {
            var headers = Self.headers
            for (name, value) in error.headers { headers.append(name, value) }
            var response = Response(status: error.status, headers: headers, body: error.body)
            response.failure = error.cause
            return response
        }
    }

    private static var headers: ResponseHeaders {
        var headers = StandardHeaders.plain(contentType: StandardHeaders.json)
        headers.append(literal: "Cache-Control: no-store\r\n")
        return headers
    }

    /// A webhook whose signature is valid.
    private struct Webhook {
        var app: SentryApp
        var targets: RelayTargets
        var event: EventType
        var resource: String
        var requestID: String
        var signature: String
    }

    private func accepted() throws(HTTPFailure) -> (requestID: String, deliveries: [(target: String, id: String)]) {
        guard request.method == "POST" else {
            var failure = HTTPFailure.methodNotAllowed(request.method)
            failure.headers = [("Allow", "POST")]
            throw failure
        }
        guard request.bodyByteCount <= relay.maximumBytes else {
            throw .bodyTooLarge(bytes: request.bodyByteCount, limit: relay.maximumBytes)
        }
        // What is signed is what was sent: a body that something has compressed is another one.
        if let encoding = request.contentEncoding, encoding.lowercased() != "identity" {
            throw .unsupportedContentEncoding(encoding)
        }
        let webhook = try verified()
        // Also of one that nobody gets: it tells a silent original from receivers that fail.
        try orUnavailable(
            HTTPFailure.queueUnavailable,
            relay.targets.noteReceived(appID: webhook.app.id, at: dependencies.clock.now()))
        let targets = try receivers(of: webhook)
        guard !targets.isEmpty else { return (webhook.requestID, []) }
        return (webhook.requestID, try enqueue(webhook, for: targets))
    }

    private func response(
        to result: (requestID: String, deliveries: [(target: String, id: String)])
    ) -> Response {
        var json = JSONObjectWriter()
        json.append("requestId", text: result.requestID)
        json.append(
            "deliveries",
            objects: result.deliveries.map { delivery in
                var json = JSONObjectWriter()
                json.append("target", text: delivery.target)
                json.append("id", text: delivery.id)
                return json.finish()
            })
        // No target wants it: nothing was accepted.
        let status = result.deliveries.isEmpty ? 200 : 202
        return Response(status: status, headers: Self.headers, body: json.finish())
    }
}

/// The checks, the signature first.
extension RelayIntake {
    private func verified() throws(HTTPFailure) -> Webhook {
        let app = try orUnavailable(dependencies.directory.app(slug: slug))
        let signature = request.relay?.signature ?? ""
        let secrets = app?.signingSecrets(at: dependencies.clock.now()) ?? []
        let isSigned = RelaySignature.isValid(signature, of: request.body, secrets: secrets)
        if let problem = app?.secretProblem {
            // Nobody can be told apart without the secrets.
            throw .unavailable(
                detail: "Signatures cannot be checked at the moment.", cause: "the app \(slug) \(problem)")
        }
        guard isSigned, let app else { throw .invalidSignature(isMissing: signature.isEmpty) }
        guard let targets = RelayTargets(of: app) else {
            throw .unavailable(
                detail: "The app's targets cannot be read.", cause: "the targets of the app \(slug) cannot be read")
        }
        let resource = request.relay?.resource ?? ""
        return Webhook(
            app: app, targets: targets, event: try event(resource: resource), resource: resource,
            requestID: try requestID(), signature: signature)
    }

    private func event(resource: String) throws(HTTPFailure) -> EventType {
        var scanner = JSONScanner(
            names: Self.names, options: JSONScanner.Options(acceptsNonFinite: true))
        let body = request.body
        scanner.consume(body.span)
        guard scanner.finish(), scanner.isObject else {
            throw .badRequest("The body is not a JSON object of at most \(JSONScanner.Options().maximumDepth) levels.")
        }
        let action = scanner.fragments.first.flatMap { range in
            (try? JSONValue(parsing: Array(body[range])))?.string
        }
        guard let action else { throw .badRequest("The body has no member \"action\" that is a string.") }
        let name = "\(resource).\(action)"
        guard SeenEvents.isName(name) else {
            throw .badRequest(
                "Sentry-Hook-Resource and the body's action make no event name: \(FieldProblems.shortened(name))")
        }
        return EventType(rawValue: name)
    }

    /// That of the request, or one made of its `Idempotency-Key`, or else a new one.
    private func requestID() throws(HTTPFailure) -> String {
        if let key = request.idempotencyKey, IdempotencyKey(key, scope: .redeliveryJob) == nil {
            throw .badRequest(
                "Idempotency-Key must be 1 to \(IdempotencyKey.maximumBytes) printable characters of ASCII.")
        }
        guard let id = request.relay?.requestID, !id.isEmpty else {
            return request.idempotencyKey.map { RelayIdentifiers.requestID(ofKey: $0, slug: slug) }
                ?? dependencies.eventIDs.next()
        }
        guard id.utf8.count <= Self.maximumRequestIDBytes, id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badRequest(
                "Request-ID must be 1 to \(Self.maximumRequestIDBytes) printable characters of ASCII without spaces.")
        }
        return id
    }
}

/// The targets, and the queue.
extension RelayIntake {
    /// The targets whose filters the webhook meets. A disabled one is among them: its webhooks become dead letters.
    ///
    /// Fails with 503 where nothing can be delivered, so that the original notes a failure.
    private func receivers(of webhook: Webhook) throws(HTTPFailure) -> [RelayTarget] {
        let app = webhook.app
        guard app.disablement == nil else {
            throw .relayUnavailable("The app is disabled.", app)
        }
        guard !webhook.targets.list.isEmpty else { throw .relayUnavailable("The app has no targets.", app) }
        let body = { try? JSONValue(parsing: request.body, limits: .init(maximumByteCount: request.body.count)) }
        let targets = webhook.targets.list.filter { $0.accepts(webhook.event, body: body) }
        guard !targets.isEmpty else { return [] }
        let disabled = try orUnavailable(HTTPFailure.queueUnavailable, relay.targets.recentlyDisabled(appID: app.id))
        guard targets.contains(where: { !disabled.contains($0.name) }) else {
            throw .relayUnavailable("All targets for this webhook are disabled.", app)
        }
        return targets
    }

    /// - Returns: the targets with the ids of their deliveries.
    private func enqueue(
        _ webhook: Webhook, for targets: [RelayTarget]
    ) throws(HTTPFailure) -> [(target: String, id: String)] {
        let appID = webhook.app.id
        if !events.contains(webhook.event) {
            try orUnavailable(HTTPFailure.queueUnavailable, relay.seenEvents.note(webhook.event, appID: appID))
        }
        var deliveries: [(target: String, id: String)] = []
        // A part at a time, so that a large body does not take the memory of all of them.
        let partCount = max(1, Self.partBytes / max(1, request.body.count))
        var rest = targets[...]
        while !rest.isEmpty {
            let part = rest.prefix(partCount)
            rest = rest.dropFirst(partCount)
            let results = try orUnavailable(
                HTTPFailure.queueUnavailable, dependencies.queue.enqueue(entries(webhook, for: part)))
            for (target, result) in zip(part, results) {
                deliveries.append((target.name, try dependencies.id(of: result)))
            }
        }
        return deliveries
    }

    private func entries(
        _ webhook: Webhook, for targets: ArraySlice<RelayTarget>
    ) -> [(entry: QueueEntry, idempotencyKeys: [String])] {
        let (appID, now) = (webhook.app.id, dependencies.clock.now())
        return targets.map { target in
            let payload = RelayedWebhook(
                requestID: webhook.requestID, target: target.name, resource: webhook.resource,
                signature: webhook.signature, idempotencyKey: request.idempotencyKey, body: request.body)
            let entry = QueueEntry(
                id: RelayIdentifiers.delivery(appID: appID, requestID: webhook.requestID, target: target.name),
                appID: appID, event: webhook.event, enqueuedAt: now, payload: payload.bytes, target: target.name)
            let keys = RelayIdentifiers.idempotencyKeys(
                appID: appID, requestID: webhook.requestID, idempotencyKey: request.idempotencyKey,
                target: target.name)
            return (entry: entry, idempotencyKeys: keys)
        }
    }
}

extension HTTPFailure {
    /// The same whether the app exists or not.
    fileprivate static func invalidSignature(isMissing: Bool) -> HTTPFailure {
        HTTPFailure(
            status: 401,
            detail: isMissing
                ? "The header Sentry-Hook-Signature is missing."
                : "Sentry-Hook-Signature does not fit the body and the client secret of an app of this name.")
    }

    fileprivate static func relayUnavailable(_ detail: String, _ app: SentryApp) -> HTTPFailure {
        unavailable(detail: detail, cause: "relay of the app \(app.slug): \(detail)")
    }
}
