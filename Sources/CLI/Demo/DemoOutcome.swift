/// What an app's server made of a request.
struct DemoOutcome {
    let code: Int
    /// Nil = no answer.
    let body: String?
    let milliseconds: ClosedRange<Int>
    /// Why there was no answer.
    var reason: String?

    func duration(using random: inout DemoRandom) -> Int {
        Int.random(in: milliseconds, using: &random)
    }

    static let successes = [
        DemoOutcome(code: 200, body: nil, milliseconds: 18...240),
        DemoOutcome(code: 200, body: nil, milliseconds: 30...600),
        DemoOutcome(code: 201, body: nil, milliseconds: 40...300),
        DemoOutcome(code: 202, body: nil, milliseconds: 10...90),
        DemoOutcome(code: 204, body: nil, milliseconds: 8...60),
    ]

    static let failures = [
        DemoOutcome(code: 0, body: nil, milliseconds: 5000...5003, reason: "timeout"),
        DemoOutcome(code: 0, body: nil, milliseconds: 5000...5003, reason: "timeout"),
        DemoOutcome(code: 0, body: nil, milliseconds: 1...40, reason: "connection"),
        DemoOutcome(code: 0, body: nil, milliseconds: 2...120, reason: "dns"),
        DemoOutcome(code: 0, body: nil, milliseconds: 20...90, reason: "tls"),
        DemoOutcome(code: 400, body: #"{"error":"unknown field \"actor\"","line":1}"#, milliseconds: 12...80),
        DemoOutcome(code: 401, body: #"{"detail":"signature does not match"}"#, milliseconds: 9...40),
        DemoOutcome(code: 404, body: "<html><body><h1>Not Found</h1></body></html>", milliseconds: 6...30),
        DemoOutcome(code: 410, body: "", milliseconds: 5...20),
        DemoOutcome(code: 429, body: "Zu viele Anfragen, bitte später: ünöä 🐌", milliseconds: 4...15),
        DemoOutcome(code: 500, body: longTrace, milliseconds: 200...2400),
        DemoOutcome(code: 502, body: "Bad Gateway\n", milliseconds: 30...900),
        DemoOutcome(code: 503, body: #"{"status":"maintenance","retry":true}"#, milliseconds: 20...70),
        DemoOutcome(code: 504, body: "upstream request timeout", milliseconds: 4000...4900),
    ]

    /// Longer than what is kept of a body.
    private static let longTrace =
        "Traceback (most recent call last):\n"
        + (1...24).map { "  File \"/srv/app/handlers/part\($0).py\", line \($0 * 17), in handle_event\n" }.joined()
        + "KeyError: 'installation'\n"
}
