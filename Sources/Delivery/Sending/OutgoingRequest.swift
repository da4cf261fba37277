/// One webhook ready to be sent: a POST.
package struct OutgoingRequest: Sendable {
    /// http or https. Dot segments of the path are resolved, a fragment is dropped, the rest is sent as it is.
    package var url: String
    /// Sent in this order and as they are, after `Host`, `User-Agent` and `Accept` and before `Content-Length`.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// What requests are counted by for the bound per app: the app's database id.
    package var appID: Int64
    /// How long everything may take together, from the look-up of the name to the last byte of the answer; nil = the
    /// sender's default. Waiting for a turn is not included.
    package var timeout: Duration?

    package init(
        url: String, headers: [(name: String, value: String)], body: [UInt8], appID: Int64, timeout: Duration? = nil
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.appID = appID
        self.timeout = timeout
    }
}
