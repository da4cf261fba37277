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
    /// One JSON object: the webhook's `data`, as it was submitted.
    package var data: JSONLiteral
    /// The webhook's `actor` as it will be sent; nil for the platform itself.
    package var actor: JSONLiteral?
    /// The id of the event that this one redelivers.
    package var originalID: String?

    private static let names = JSONMemberNames([
        "event", "installation", "project_id", "data", "actor", "original_id",
    ])

    package init(
        event: String, installationUUID: String, projectID: Int64? = nil, data: JSONLiteral,
        actor: JSONLiteral? = nil, originalID: String? = nil
    ) {
        self.event = event
        self.installationUUID = installationUUID
        self.projectID = projectID
        self.data = data
        self.actor = actor
        self.originalID = originalID
    }

    /// An event whose `data` is made here.
    package init(
        event: String, installationUUID: String, projectID: Int64? = nil, data: JSONValue, actor: JSONValue? = nil,
        originalID: String? = nil
    ) {
        self.init(
            event: event, installationUUID: installationUUID, projectID: projectID, data: JSONLiteral(data),
            actor: actor.map { JSONLiteral($0) }, originalID: originalID)
    }

    /// Makes it a redelivery of the event with this id, whose payload it is. A redelivery of a redelivery refers to the
    /// event that was redelivered first.
    package mutating func redeliver(_ id: String) {
        originalID = originalID ?? id
    }

    /// In ASCII, as the webhook is: `data` and `actor` are copied into its body. Escaping makes strings up to three
    /// times as long, for which `DeliveryQueueSettings.maximumPayloadBytes(forEventBytes:)` allows.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(data.bytes.count + (actor?.bytes.count ?? 0) + 256)
        output += Array(#"{"event":"#.utf8)
        JSONText.append(event, escaping: .ascii, to: &output)
        output += Array(#","installation":"#.utf8)
        JSONText.append(installationUUID, escaping: .ascii, to: &output)
        if let projectID { output += Array(",\"project_id\":\(projectID)".utf8) }
        output += Array(#","data":"#.utf8) + data.bytes
        if let actor { output += Array(#","actor":"#.utf8) + actor.bytes }
        if let originalID {
            output += Array(#","original_id":"#.utf8)
            JSONText.append(originalID, escaping: .ascii, to: &output)
        }
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// Parses a payload of any size: the queue has its own limit. Nil when it is invalid.
    package init?(bytes: [UInt8]) {
        let members = JSONLiteral.members(QueuedEvent.names, of: bytes)
        guard let event = members[0]?.value.string, let installation = members[1]?.value.string, let data = members[3]
        else { return nil }
        self.init(
            event: event, installationUUID: installation, projectID: members[2]?.value.integer, data: data,
            actor: members[4], originalID: members[5]?.value.string)
    }
}
