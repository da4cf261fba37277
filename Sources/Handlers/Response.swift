/// The answer to one request. The transport adds nothing but `Status`, `Content-Length` and `X-Request-ID`.
package struct Response: Sendable {
    package var status: Int
    /// In the order they are sent.
    package var headers: ResponseHeaders
    package var body: [UInt8]
    /// `HEAD`: the length of `body` is announced, its bytes are not sent.
    package var omitsBody: Bool
    /// For the access log: the user's name or e-mail address, `token:<id>`, or nil for anonymous.
    package var identity: String?
    /// For the error log: what went wrong inside, when the status is 5xx. Never holds secrets or header values.
    package var failure: String?
    /// For the error log: stored log elements left out of the answer because they are unreadable.
    package var skippedElements: Int
    /// For the counters: where the path led.
    package var route = RouteLabel.refused

    package init(
        status: Int, headers: ResponseHeaders = ResponseHeaders(), body: [UInt8] = [], omitsBody: Bool = false,
        identity: String? = nil, failure: String? = nil, skippedElements: Int = 0
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.omitsBody = omitsBody
        self.identity = identity
        self.failure = failure
        self.skippedElements = skippedElements
    }
}
