package import WireJSON

extension WebhookRequestRow {
    /// Whether a text occurs in what the log has of this request: URL, ids, outcome, headers and bodies.
    ///
    /// - Parameter bytes: of the row's page.
    package func contains(_ text: SearchText, in bytes: [UInt8]) -> Bool {
        if text.equals(responseCode) { return true }
        let fields = [
            webhookURL, requestID, originalID, idempotencyKey, subjectID, reason, reasonDetail, target, webhookID,
            errorID, projectID,
        ]
        return fields.contains { text.occurs(in: $0.value(in: bytes)?.text) }
            || requestHeaders.value(in: bytes)?.contains(text) == true
            || [requestBody, responseBody].contains { contains(text, body: $0, in: bytes) }
    }

    /// The id of the organization that the request was made for; nil without one.
    package func organizationID(in bytes: [UInt8]) -> Int64? { organizationID.value(in: bytes)?.integer }

    private func contains(_ text: SearchText, body: Fragment, in bytes: [UInt8]) -> Bool {
        guard body.isPresent else { return false }
        // What is no string, from other writers, is searched as it is.
        let content = WebhookRequestPage.text(of: body, self, in: bytes.span).map { Array($0.utf8) }
        return text.occurs(inBody: content ?? Array(bytes[body.range]))
    }
}

extension WebhookRequestRow.Fragment {
    /// The value; nil where it is absent or no JSON.
    ///
    /// - Parameter bytes: of the row's page.
    package func value(in bytes: [UInt8]) -> JSONValue? {
        isPresent ? try? JSONValue(parsing: Array(bytes[range])) : nil
    }
}

extension JSONValue {
    /// The content of a string, or the digits of a number.
    fileprivate var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        default: nil
        }
    }

    /// Whether a text occurs in a name or a value of an object.
    fileprivate func contains(_ text: SearchText) -> Bool {
        guard case .object(let members) = self else { return false }
        return members.contains { text.occurs(in: $0.name) || text.occurs(in: $0.value.text) }
    }
}
