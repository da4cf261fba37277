import CCurl

/// What a receiver's certificate says, as OpenSSL writes it.
package struct CertificateFacts: Hashable, Sendable {
    /// Whom it was made for.
    package var subject: String?
    package var issuer: String?
    /// The names that it is good for: `DNS:example.com, IP Address:192.0.2.1`.
    package var names: String?
    package var validFrom: String?
    package var validUntil: String?

    /// The first certificate of the handshake that `handle` made; nil when there is none.
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
