import CCurl
package import System

/// The result of a `ConnectionProbe`.
package struct ProbeReport: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// A webhook could be sent now.
        case connected
        /// `detail` is a message for users.
        case failed(SendFailure, detail: String)
    }

    /// One address of the host.
    package struct Address: Hashable, Sendable {
        package var address: IPAddress
        /// Why the policy refuses it; nil when it is allowed.
        package var refusal: AddressRefusal?
    }

    package var outcome: Outcome
    /// Nil when the URL is invalid.
    package var host: String?
    package var isSecure: Bool
    /// Whether a proxy does the lookup and the connection.
    package var isProxied = false
    /// All addresses of the name; empty with a proxy.
    package var addresses: [Address] = []
    /// Why the lookup failed; nil when it succeeded.
    package var lookUpProblem: String?
    /// The proxy's when one is used.
    package var connectedAddress: String?
    package var timings = PhaseTimings()
    /// The receiver's certificate, also one that was refused if the server has sent it.
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

/// The fields of a receiver's certificate, as OpenSSL formats them.
package struct CertificateFacts: Hashable, Sendable {
    package var subject: String?
    package var issuer: String?
    /// The names it is valid for: `DNS:example.com, IP Address:192.0.2.1`.
    package var names: String?
    package var validFrom: String?
    package var validUntil: String?

    /// The first certificate of the handshake of `handle`; nil when there is none.
    init?(handle: UnsafeMutableRawPointer) {
        var list: UnsafeMutablePointer<curl_certinfo>?
        guard hl_curl_get_certificates(handle, &list) == CURLE_OK, let list, list.pointee.num_of_certs > 0 else {
            return nil
        }
        var line = list.pointee.certinfo?[0]
        while let current = line {
            if let data = current.pointee.data { add(String(cString: data)) }
            line = current.pointee.next
        }
        guard subject != nil || names != nil else { return nil }
    }

    private mutating func add(_ line: String) {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return }
        let value = String(parts[1])
        switch parts[0] {
        case "Subject": subject = value
        case "Issuer": issuer = value
        case "X509v3 Subject Alternative Name": names = value
        case "Start date": validFrom = value
        case "Expire date": validUntil = value
        default: break
        }
    }
}
