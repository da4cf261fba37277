package import Model
import WireJSON

/// The body of a webhook: compact, keys in the original's order, ASCII only (docs/protocol.md 7.2).
enum WebhookBody {
    private static let action = Array(#"{"action":"#.utf8)
    private static let installation = Array(#","installation":{"uuid":"#.utf8)
    private static let data = Array(#"},"data":"#.utf8)
    private static let actor = Array(#","actor":"#.utf8)

    /// The body of one webhook.
    ///
    /// - Parameters:
    ///   - data: a JSON value, compact and in ASCII.
    ///   - actor: likewise.
    static func bytes(
        action: String, installationUUID: String, data: ArraySlice<UInt8>, actor: ArraySlice<UInt8>
    ) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(data.count + actor.count + action.utf8.count + installationUUID.utf8.count + 64)
        body.append(contentsOf: WebhookBody.action)
        JSONText.append(action, escaping: .ascii, to: &body)
        body.append(contentsOf: installation)
        JSONText.append(installationUUID, escaping: .ascii, to: &body)
        body.append(contentsOf: WebhookBody.data)
        body.append(contentsOf: data)
        body.append(contentsOf: WebhookBody.actor)
        body.append(contentsOf: actor)
        body.append(UInt8(ascii: "}"))
        return body
    }
}

extension Timestamp {
    /// A date inside a webhook's `data`: `2023-01-01T00:00:00.000000Z`, always with six digits (docs/protocol.md 7.2).
    package var webhookDescription: String {
        let text = iso8601Description
        return CivilDate(self).microsecond == 0 ? text.dropLast() + ".000000Z" : text
    }
}
