import Handlers

@testable import FCGIApp

extension RequestRecord {
    /// A request of `ann` for `/a` that took twelve milliseconds and some.
    static func sample(
        method: String = "GET", path: String = "/a", response: Response? = nil, isSent: Bool = true
    ) -> RequestRecord {
        var phases = RequestPhases()
        phases.parameters = 45
        phases.redis = 12_000
        phases.write = 5
        return RequestRecord(
            request: Request(
                method: method, path: .encoded(path), query: "token=secret", body: [1, 2],
                authorization: "Bearer secret", referer: "secret"),
            response: response ?? Response(status: 200, headers: [("X", "secret")], body: [1, 2, 3], identity: "ann"),
            isSent: isSent, phases: phases, requestID: "r-1", remoteAddress: "192.0.2.7")
    }
}
