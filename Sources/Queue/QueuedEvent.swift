package import WireJSON

/// What a queue entry's payload says of one event: enough to build the webhook again at each attempt.
///
/// The queue's own fields (id, attempt, times) are not part of it. As bytes it is one JSON object.
package struct QueuedEvent: Hashable, Sendable {
    /// `resource.action`.
    package var event: String
    package var installationUUID: String
    /// The project the event happened in, where there is one: hooks may be limited to projects.
    package var projectID: Int64?
    /// One JSON object: the webhook's `data`.
    package var data: JSONValue
    /// The webhook's `actor` as it will be sent; nil for the platform itself.
    package var actor: JSONValue?
    /// The id of the event that this one sends again.
    package var originalID: String?

    package init(
        event: String, installationUUID: String, projectID: Int64? = nil, data: JSONValue, actor: JSONValue? = nil,
        originalID: String? = nil
    ) {
        self.event = event
        self.installationUUID = installationUUID
        self.projectID = projectID
        self.data = data
        self.actor = actor
        self.originalID = originalID
    }

    /// In ASCII, as the webhook is: the flow copies `data` and `actor` into its body as they stand here. Escaping makes a
    /// text up to three times as long, which `DeliveryQueueSettings.maximumPayloadBytes(forEventBytes:)` leaves room for.
    package var bytes: [UInt8] {
        var members: [JSONValue.Member] = [
            .init(name: "event", value: .string(event)),
            .init(name: "installation", value: .string(installationUUID)),
        ]
        if let projectID { members.append(.init(name: "project_id", value: .number(String(projectID)))) }
        members.append(.init(name: "data", value: data))
        if let actor { members.append(.init(name: "actor", value: actor)) }
        if let originalID { members.append(.init(name: "original_id", value: .string(originalID))) }
        return JSONValue.object(members).serialized(escaping: .ascii)
    }

    /// Reads what `bytes` wrote, whatever its size: the queue has its own limit. Nil when it is something else.
    package init?(bytes: [UInt8]) {
        let limits = JSONValue.Limits(maximumByteCount: bytes.count)
        guard let json = try? JSONValue(parsing: bytes, limits: limits), let event = json["event"]?.string,
            let installation = json["installation"]?.string, let data = json["data"]
        else { return nil }
        self.init(
            event: event, installationUUID: installation, projectID: json["project_id"]?.integer, data: data,
            actor: json["actor"], originalID: json["original_id"]?.string)
    }
}
