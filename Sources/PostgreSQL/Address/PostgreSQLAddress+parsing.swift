import Model
import System

/// Why a PostgreSQL address is invalid. Never holds the address itself: it may contain a password.
package struct PostgreSQLAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String

    package var description: String {
        "\(reason); write postgres://user@host[:port][,host[:port]]/database[?option=value]"
    }
}

extension PostgreSQLAddress {
    /// Parses an address.
    package init(parsing text: String) throws(PostgreSQLAddressError) {
        guard let scheme = ["postgres://", "postgresql://"].first(where: { text.hasPrefix($0) }) else {
            throw PostgreSQLAddressError(reason: "the address begins with neither postgres:// nor postgresql://")
        }
        let rest = text.dropFirst(scheme.count)
        guard !rest.contains("#") else {
            throw PostgreSQLAddressError(reason: "the address has a #; percent-encode it")
        }
        // Probably a password with one of these: no part of it may be repeated in a message.
        if let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" }), rest[end...].contains("@") {
            throw PostgreSQLAddressError(
                reason: "the address has an @ behind a / or a ?; percent-encode these characters where they are part "
                    + "of the user, the password or a value")
        }
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        let slash = rest[..<mark].firstIndex(of: "/") ?? mark
        self.init()
        var options = AddressOptions()
        try readAuthority(rest[..<slash], into: &options)
        if slash < mark {
            let database = try decoded(rest[rest.index(after: slash)..<mark], as: "database")
            if !database.isEmpty { try options.set("dbname", to: database) }
        }
        for part in rest[mark...].dropFirst().split(separator: "&") {
            let equals = part.firstIndex(of: "=") ?? part.endIndex
            let name = try decoded(part[..<equals], as: "option")
            guard AddressOptions.names.contains(name) else {
                // What has no value may be the end of a password.
                let shown = equals == part.endIndex ? "without a value" : TerminalText.escaped(name)
                throw PostgreSQLAddressError(reason: "unknown option \(shown); known: \(AddressOptions.list)")
            }
            let value = try decoded(part[equals...].dropFirst(), as: "option \(name)")
            guard !value.isEmpty else { throw PostgreSQLAddressError(reason: "the option \(name) has no value") }
            try options.set(name, to: value)
        }
        try apply(options)
    }

    private mutating func readAuthority(
        _ authority: Substring, into options: inout AddressOptions
    ) throws(PostgreSQLAddressError) {
        var servers = authority
        if let at = authority.lastIndex(of: "@") {
            servers = authority[authority.index(after: at)...]
            let credentials = authority[..<at]
            let colon = credentials.firstIndex(of: ":") ?? credentials.endIndex
            let user = try decoded(credentials[..<colon], as: "user")
            if !user.isEmpty { try options.set("user", to: user) }
            let secret = try decoded(credentials[colon...].dropFirst(), as: "password")
            if !secret.isEmpty { password = Secret(secret) }
        }
        guard !servers.isEmpty else { return }
        var names: [String] = []
        var ports: [String] = []
        for server in servers.split(separator: ",", omittingEmptySubsequences: false) {
            let (name, port) = try hostAndPort(server)
            names.append(name)
            ports.append(port)
        }
        try options.set("host", to: names.joined(separator: ","))
        try options.set("port", to: ports.joined(separator: ","))
    }

    /// The decoded name, and the port's digits or nothing.
    private func hostAndPort(_ text: Substring) throws(PostgreSQLAddressError) -> (String, String) {
        var host = text
        var rest: Substring = ""
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw PostgreSQLAddressError(reason: "an IPv6 address has no closing bracket")
            }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty else { throw PostgreSQLAddressError(reason: "a host is missing") }
        guard rest.isEmpty || rest.first == ":" && rest.count > 1 else {
            throw PostgreSQLAddressError(reason: AddressOptions.portProblem)
        }
        let name = try decoded(host, as: "host")
        guard !name.contains(",") else { throw PostgreSQLAddressError(reason: "a host contains a comma") }
        return (name, String(rest.dropFirst()))
    }

    private mutating func apply(_ options: AddressOptions) throws(PostgreSQLAddressError) {
        hosts = try options.hosts()
        user = options["user"]
        database = options["dbname"]
        tlsMode = try options.choice("sslmode") ?? tlsMode
        authorityPath = options["sslrootcert"]
        certificatePath = options["sslcert"]
        keyPath = options["sslkey"]
        sessionTarget = try options.choice("target_session_attrs") ?? sessionTarget
        passwordFilePath = options["passfile"]
        applicationName = options["application_name"] ?? applicationName
        connectTimeout = try options.connectTimeout()
    }
}

/// The parts of an address by the names that libpq gives them, each at most once.
private struct AddressOptions {
    static let names = [
        "host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs",
        "passfile", "application_name", "connect_timeout",
    ]
    static var list: String { names.joined(separator: ", ") }
    static let portProblem = "a port is not a number from 1 to 65535"

    private var values: [String: String] = [:]

    subscript(_ name: String) -> String? { values[name] }

    mutating func set(_ name: String, to value: String) throws(PostgreSQLAddressError) {
        guard values.updateValue(value, forKey: name) == nil else {
            throw PostgreSQLAddressError(reason: "the \(name) is given twice")
        }
    }

    /// The servers; one port may serve all.
    func hosts() throws(PostgreSQLAddressError) -> [PostgreSQLAddress.Host] {
        let names = self["host"].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        var ports: [UInt16] = []
        for text in (self["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false) {
            ports.append(try port(text))
        }
        let all = names ?? [PostgreSQLAddress.Host.defaultFolder]
        guard ports.count == 1 || ports.count == all.count else {
            throw PostgreSQLAddressError(reason: "\(ports.count) ports for \(all.count) hosts")
        }
        var hosts: [PostgreSQLAddress.Host] = []
        for (index, name) in all.enumerated() {
            hosts.append(.init(name: try host(name), port: ports.count == 1 ? ports[0] : ports[index]))
        }
        return hosts
    }

    private func host(_ text: String) throws(PostgreSQLAddressError) -> String {
        let name = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        guard !name.isEmpty else { throw PostgreSQLAddressError(reason: "a host is missing") }
        // The size of sun_path on Linux with its final zero, less the longest name of a socket (.s.PGSQL.65535).
        guard !name.hasPrefix("/") || name.utf8.count <= 92 else {
            throw PostgreSQLAddressError(
                reason: "the folder of a socket has \(name.utf8.count) bytes, at most 92 are possible")
        }
        return name
    }

    private func port(_ text: Substring) throws(PostgreSQLAddressError) -> UInt16 {
        if text.isEmpty { return PostgreSQLAddress.Host.defaultPort }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(text), port > 0 else {
            throw PostgreSQLAddressError(reason: Self.portProblem)
        }
        return port
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String
    ) throws(PostgreSQLAddressError) -> Choice? {
        guard let text = self[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw PostgreSQLAddressError(reason: "unknown \(name) \(TerminalText.escaped(text)); known: \(known)")
        }
        return choice
    }

    /// Nil without a limit, which is also what 0 means to libpq.
    func connectTimeout() throws(PostgreSQLAddressError) -> Duration? {
        guard let text = self["connect_timeout"] else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int32(text) else {
            throw PostgreSQLAddressError(reason: "the connect_timeout is not a number of whole seconds")
        }
        return seconds == 0 ? nil : .seconds(seconds)
    }
}

/// Decodes percent-encoding.
private func decoded(_ text: Substring, as what: String) throws(PostgreSQLAddressError) -> String {
    guard let bytes = PercentCoding.strictlyDecoded(text.utf8) else {
        throw PostgreSQLAddressError(reason: "a % in the \(what) is not followed by two hexadecimal digits")
    }
    guard !bytes.contains(0), let result = String(validating: bytes, as: UTF8.self) else {
        throw PostgreSQLAddressError(reason: "the \(what) is not valid UTF-8")
    }
    return result
}
