package import WireJSON

/// The payload of a queue entry: what is needed to build the webhook at each attempt.
///
/// The queue's own fields (id, attempt, times) are not part of it. It is stored as one JSON object.
package struct QueuedEvent: Hashable, Sendable {
    /// `resource.action`.
    package var event: String
    package var installationUUID: String
    /// The project of the event, if any: hooks may be limited to projects.
    package var projectID: Int64?
    /// One JSON object: the webhook's `data`.
    package var data: JSONValue
    /// The webhook's `actor` as it will be sent; nil for the platform itself.
    package var actor: JSONValue?
    /// The id of the event that this one redelivers.
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

    /// Makes it a redelivery of the event with this id, whose payload it is. A redelivery of a redelivery refers to the
    /// event that was redelivered first.
    package mutating func redeliver(_ id: String) {
        originalID = originalID ?? id
    }

    /// In ASCII, as the webhook is: `data` and `actor` are copied into its body. Escaping makes strings up to three
    /// times as long, for which `DeliveryQueueSettings.maximumPayloadBytes(forEventBytes:)` allows.
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

    /// Parses a payload of any size: the queue has its own limit. Nil when it is invalid.
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
