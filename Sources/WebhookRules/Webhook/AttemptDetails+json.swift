import Model
package import Queue
import WireJSON

extension ArchivedEvent {
    /// The body of the event's webhook, the same in each attempt; nil when the payload is damaged.
    ///
    /// - Parameter names: the platform's, which is the actor of events without one.
    package func webhookBody(_ names: PlatformNames) -> [UInt8]? {
        if let relayed = RelayedWebhook(bytes: payload) { return relayed.body }
        guard let event = EventPayload(payload) else { return nil }
        return WebhookBody.bytes(
            action: event.action, installationUUID: event.installationUUID, data: payload[event.data],
            actor: event.actor.map { payload[$0] } ?? names.actorJSON[...])
    }
}

extension AttemptDetails {
    /// Members of a JSON object, without its braces: `request`, and `response`, which is `null` without one.
    ///
    /// - Parameters:
    ///   - requestBody: nil = it is not kept: `null`.
    ///   - bodyLimit: bytes of the request's body that are shown.
    package func jsonMembers(requestBody: [UInt8]?, bodyLimit: Int) -> [UInt8] {
        var output: [UInt8] = []
        output.append(contentsOf: #""request":{"#.utf8)
        Self.append(requestHeaders, to: &output)
        let isCut = (requestBody?.count ?? 0) > bodyLimit
        Self.append(requestBody.map { CutText.prefix($0, byteCount: bodyLimit) }, isCut: isCut, to: &output)
        output.append(contentsOf: #"},"response":"#.utf8)
        guard let response else { return output + Array("null".utf8) }
        output.append(contentsOf: "{\"status\":\(response.status),".utf8)
        Self.append(response.headers, to: &output)
        Self.append(response.shownBody, isCut: response.isBodyCut, to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    private static func append(_ list: HeaderList, to output: inout [UInt8]) {
        output.append(contentsOf: #""headers":["#.utf8)
        for (index, header) in list.headers.enumerated() {
            output.append(contentsOf: (index == 0 ? #"{"name":"# : #",{"name":"#).utf8)
            JSONText.append(header.name, escaping: .unicode, to: &output)
            output.append(contentsOf: #","value":"#.utf8)
            JSONText.append(header.value, escaping: .unicode, to: &output)
            output.append(UInt8(ascii: "}"))
        }
        output.append(contentsOf: "],\"headersTruncated\":\(list.isCut)".utf8)
    }

    private static func append(_ body: ArraySlice<UInt8>?, isCut: Bool, to output: inout [UInt8]) {
        output.append(contentsOf: #","body":"#.utf8)
        if let body {
            JSONText.append(String(decoding: body, as: UTF8.self), escaping: .unicode, to: &output)
        } else {
            output.append(contentsOf: "null".utf8)
        }
        output.append(contentsOf: ",\"bodyTruncated\":\(isCut)".utf8)
    }
}

extension AttemptDetails.Response {
    /// The kept part of the body, without the beginning of a character that was cut.
    package var shownBody: ArraySlice<UInt8> { isBodyCut ? CutText.withoutPartialCharacter(body[...]) : body[...] }
}
