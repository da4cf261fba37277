package import Model

/// One attempt to deliver a webhook, as the buffer stores it (docs/protocol.md 1.4).
package struct WebhookRequestRecord: Sendable {
    package var date: Timestamp
    package var event: EventType
    package var appID: Int64
    /// 0: no response, because of a timeout, a failed connection or a blocked address; -1: no response, and no timeout,
    /// where the release tells them apart.
    package var responseCode: Int
    package var webhookURL: String
    /// In the order sent. Stored for failures.
    package var requestHeaders: [(name: String, value: String)]
    /// The response's body; nil when there was no response, or none was read. Stored for codes of 400 and above,
    /// truncated (docs/protocol.md 1.5); invalid UTF-8 becomes replacement characters (docs/compatibility.md D4).
    package var responseBody: [UInt8]?
    /// The request's body, stored like the response's.
    package var requestBody: String?
    /// Nil for internal apps.
    package var organizationID: Int64?
    /// The raw response headers `Sentry-Hook-Error` and `Sentry-Hook-Project`; stored only when both are present.
    package var errorID: String?
    package var projectID: ProjectReference?
    /// The event's id. A field of the original from 26.9 on, like the next four; before, Hookline's own.
    package var requestID: String?
    /// Not stored before 26.9.
    package var idempotencyKey: String?
    /// Not stored before 26.9.
    package var subject: WebhookSubject?
    package var durationMilliseconds: Int?
    /// Hookline's own fields, which readers of the original ignore (docs/compatibility.md).
    package var attempt: Int?
    package var reason: String?
    /// What is known beyond `reason`, for the app's owners; stored up to `detailLimit` characters.
    package var reasonDetail: String?
    /// Whether it is stored in the list of errors although the original would not: a redirect, for example.
    package var isFailure = false
    /// The `request_id` of the event that this one redelivers.
    package var originalID: String?
    /// Of a webhook that was relayed; nil for all others.
    package var relay: Relay?
    /// The rules by which it is written; readers accept the rows of every release.
    package var rules = ProtocolRules.default

    /// Which target of the app got it, and the header `Request-ID` that it was sent with.
    package struct Relay: Hashable, Sendable {
        package var target: String
        package var requestID: String

        package init(target: String, requestID: String) {
            self.target = target
            self.requestID = requestID
        }
    }

    /// The webhook path of the original stores the header as a string; callers of its buffer may store an integer.
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

extension WebhookRequestRecord {
    /// The reason of a redirect, which is not followed.
    package static let redirectReason = "redirect"

    /// Characters of a detail that are stored: enough for all but those that quote a receiver's text.
    package static let detailLimit = 300

    /// The reason of an attempt whose outcome is unknown, because another worker was given the entry before it ended.
    package static let leaseLostReason = "lease-lost"

    /// The reason of a webhook that was not sent, because the app's circuit breaker was open.
    package static let breakerOpenReason = "breaker-open"

    /// The reason of an attempt whose deadline has passed.
    package static let timeoutReason = "timeout"

    /// The reason of an attempt that the worker gave up because it stopped; it is made again.
    package static let cancelledReason = "cancelled"

    /// The reasons of rows that do not tell how an attempt ended.
    private static let outcomelessReasons: Set = [leaseLostReason, breakerOpenReason, cancelledReason]

    /// Whether a row with this reason tells how an attempt ended: not where none was made, or where its end is unknown.
    static func tellsOutcome(reason: String?) -> Bool {
        !(reason.map(outcomelessReasons.contains) ?? false)
    }

    /// The reasons of rows that say nothing about the app.
    private static let harmlessReasons = [leaseLostReason, breakerOpenReason]

    /// The code of an attempt without a response because of a timeout; before 26.9, of every one without a response.
    package static let timeoutCode = 0

    /// The code of an attempt that failed without a timeout and without a response, from 26.9 on.
    package static let connectionErrorCode = -1

    /// Whether rows with this code have headers and bodies: 400 and above, and those without a response. No upper
    /// bound: the original also stores the bodies of a 600.
    package static func hasDetails(code: Int) -> Bool {
        code >= 400 || code == timeoutCode || code == connectionErrorCode
    }

    /// Whether it is also stored in the list of errors: 400 to 599, and no response (docs/protocol.md 1.6), and every
    /// failure under a policy that wants it; but no attempt whose outcome is unknown, and none that was not made.
    package var isError: Bool {
        !(reason.map(Self.harmlessReasons.contains) ?? false)
            && (isFailure || Self.hasDetails(code: responseCode) && responseCode <= 599)
    }
}
