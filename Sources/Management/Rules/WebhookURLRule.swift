import Model
package import System

/// The rule for webhook URLs that people enter: what the worker refuses whenever it sends is refused at once.
///
/// A name is not looked up: where it leads may change, and the worker checks the address that it connects to.
package struct WebhookURLRule {
    package var hosts: HostRules
    package var addresses: AddressPolicy

    package init(hosts: HostRules = .ofText, addresses: AddressPolicy) {
        self.hosts = hosts
        self.addresses = addresses
    }

    /// Why webhooks cannot be sent to the URL; nil when they can. Quotes no more of the URL than its host's address.
    package func problem(of text: String) -> String? {
        if let problem = hosts.problemOfURL(text) { return problem.reason }
        guard let url = try? WebhookURL(parsing: text) else { return "the URL cannot be read" }
        switch Self.address(of: url.host) {
        case .none: return nil
        case .some(.none): return "the URL's host ends in a number, but is no address"
        case .some(.some(let address)):
            return addresses.refusal(of: address).map {
                "\($0); use a public address, or name it in HOOKLINE_ALLOWED_NETWORKS"
            }
        }
    }

    /// The address that a host's text stands for; nil inside where programs disagree on it; nil for a name.
    private static func address(of host: String) -> IPAddress?? {
        // `WebhookURL` leaves percent sequences and letters outside ASCII; such hosts are names.
        let name = host.lowercased()
        let label = name.hasSuffix(".") ? String(name.dropLast()) : name
        // RFC 6761, 6.3: always this machine.
        if label == "localhost" || label.hasSuffix(".localhost") { return .some(.v4(0x7F00_0001)) }
        if let address = IPAddress(host) { return .some(address) }
        switch HostNumber(host) {
        case .address(let address): return .some(.v4(address))
        case .invalid: return .some(nil)
        case .name: return nil
        }
    }
}
