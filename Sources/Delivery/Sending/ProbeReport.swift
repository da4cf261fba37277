/// What a `ConnectionProbe` found.
package struct ProbeReport: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// A webhook could be sent now.
        case connected
        /// `detail` is for people.
        case failed(SendFailure, detail: String)
    }

    /// One address of the host.
    package struct Address: Hashable, Sendable {
        package var address: IPAddress
        /// Why it must not be connected to; nil when it may be.
        package var refusal: AddressRefusal?
    }

    package var outcome: Outcome
    /// Nil when the URL cannot be read.
    package var host: String?
    package var isSecure: Bool
    /// Whether the proxy looks up and connects instead of this program.
    package var isProxied = false
    /// All that the name server gave; empty with a proxy.
    package var addresses: [Address] = []
    /// Why the name has no address; nil when it has one.
    package var lookUpProblem: String?
    /// The proxy's, when one is used.
    package var connectedAddress: String?
    package var timings = PhaseTimings()
    /// The receiver's own certificate; also one that was refused, as far as it could be seen.
    package var certificate: CertificateFacts?

    init(outcome: Outcome, host: String? = nil, isSecure: Bool = false) {
        self.outcome = outcome
        self.host = host
        self.isSecure = isSecure
    }

    package var failure: SendFailure? {
        if case .failed(let failure, _) = outcome { failure } else { nil }
    }
}
