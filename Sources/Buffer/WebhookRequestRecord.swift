package import Model

/// One attempt to deliver a webhook, as the buffer stores it (contract 1.4).
package struct WebhookRequestRecord: Sendable {
    package var date: Timestamp
    package var event: EventType
    package var appID: Int64
    /// 0 = no response: time-out, no connection, blocked.
    package var responseCode: Int
    package var webhookURL: String
    /// In the order sent. Stored only for codes of 400 and above, and 0.
    package var requestHeaders: [(name: String, value: String)]
    /// The response's body; nil when there was no response, or none was read. Stored for codes of 400 and above, cut as
    /// in contract 1.5; what is not UTF-8 becomes replacement characters (design, D4).
    package var responseBody: [UInt8]?
    /// The request's body, stored as the response's.
    package var requestBody: String?
    /// Nil for internal apps.
    package var organizationID: Int64?
    /// The raw response headers `Sentry-Hook-Error` and `Sentry-Hook-Project`; stored only when both are there.
    package var errorID: String?
    package var projectID: ProjectReference?
    /// Fields of ours that readers of the original ignore (design, section 6).
    package var requestID: String?
    package var attempt: Int?
    package var durationMilliseconds: Int?
    package var reason: String?
    /// The `request_id` of the event that this one sends again.
    package var originalID: String?

    /// The webhook path of the original stores the header's text; callers of its buffer may store a number.
    package enum ProjectReference: Hashable, Sendable {
        case text(String)
        case number(Int64)
    }

    package init(
        date: Timestamp, event: EventType, appID: Int64, responseCode: Int, webhookURL: String,
        requestHeaders: [(name: String, value: String)] = [], responseBody: [UInt8]? = nil,
        requestBody: String? = nil, organizationID: Int64? = nil, errorID: String? = nil,
        projectID: ProjectReference? = nil, requestID: String? = nil, attempt: Int? = nil,
        durationMilliseconds: Int? = nil, reason: String? = nil,
        originalID: String? = nil
    ) {
        self.date = date
        self.event = event
        self.appID = appID
        self.responseCode = responseCode
        self.webhookURL = webhookURL
        self.requestHeaders = requestHeaders
        self.responseBody = responseBody
        self.requestBody = requestBody
        self.organizationID = organizationID
        self.errorID = errorID
        self.projectID = projectID
        self.requestID = requestID
        self.attempt = attempt
        self.durationMilliseconds = durationMilliseconds
        self.reason = reason
        self.originalID = originalID
    }
}
