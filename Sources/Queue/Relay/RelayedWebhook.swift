import WireJSON

/// The payload of a queue entry whose webhook is relayed: what came in, and the bytes of its body unchanged.
///
/// Stored as one line of JSON, which ends in a line feed, and the body after it.
package struct RelayedWebhook: Hashable, Sendable {
    /// The most bytes of the line: names, and headers that are limited where they are received.
    package static let maximumHeadBytes = 4 << 10

    /// The size of the payload with a body of this length, at most.
    package static func maximumPayloadBytes(forBodyBytes count: Int) -> Int { count + maximumHeadBytes }

    /// The `Request-ID` with which it came, which every target gets.
    package var requestID: String
    /// The name of the target that this entry is for.
    package var target: String
    /// The header `Sentry-Hook-Resource`.
    package var resource: String
    /// The header `Sentry-Hook-Signature`: it covers the body only, so that it stays valid.
    package var signature: String
    /// The header `Idempotency-Key`, if there was one.
    package var idempotencyKey: String?
    /// The id of the delivery that this one redelivers; on the wire it is `requestID`.
    package var originalID: String?
    package var body: [UInt8]

    package init(
        requestID: String, target: String, resource: String, signature: String, idempotencyKey: String? = nil,
        originalID: String? = nil, body: [UInt8]
    ) {
        self.requestID = requestID
        self.target = target
        self.resource = resource
        self.signature = signature
        self.idempotencyKey = idempotencyKey
        self.originalID = originalID
        self.body = body
    }

    private static let mark = Array(#"{"relay":1,"#.utf8)

    package var bytes: [UInt8] {
        var members: [JSONValue.Member] = [
            .init(name: "relay", value: .number("1")), .init(name: "request_id", value: .string(requestID)),
            .init(name: "target", value: .string(target)), .init(name: "resource", value: .string(resource)),
            .init(name: "signature", value: .string(signature)),
        ]
        if let idempotencyKey { members.append(.init(name: "idempotency_key", value: .string(idempotencyKey))) }
        if let originalID { members.append(.init(name: "original_id", value: .string(originalID))) }
        var output = JSONValue.object(members).serialized(escaping: .ascii)
        output.reserveCapacity(output.count + body.count + 1)
        output.append(UInt8(ascii: "\n"))
        output += body
        return output
    }

    /// Parses a payload; nil for what `bytes` does not make, such as the payload of any other event.
    package init?(bytes: [UInt8]) {
        guard bytes.starts(with: Self.mark),
            let end = bytes.prefix(Self.maximumHeadBytes).firstIndex(of: UInt8(ascii: "\n")),
            let head = try? JSONValue(parsing: Array(bytes[..<end])), let requestID = head["request_id"]?.string,
            let target = head["target"]?.string, let resource = head["resource"]?.string,
            let signature = head["signature"]?.string
        else { return nil }
        self.init(
            requestID: requestID, target: target, resource: resource, signature: signature,
            idempotencyKey: head["idempotency_key"]?.string, originalID: head["original_id"]?.string,
            body: Array(bytes[(end + 1)...]))
    }

    /// Makes it a redelivery of the delivery with this id, whose payload it is. Its `Request-ID` is then the id of its
    /// entry. A redelivery of a redelivery refers to what was redelivered first.
    package mutating func redeliver(_ id: String) {
        originalID = originalID ?? id
    }
}
