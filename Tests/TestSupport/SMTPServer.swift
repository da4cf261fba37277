import Foundation

/// A real SMTP server (aiosmtpd) on loopback that reads what it gets with Python's e-mail parser.
///
/// It refuses the recipient `unknown@…` for good and `later@…` for now, refuses the message to `rejected@…` after having
/// read it, and never responds about `slow@…`.
package final class SMTPServer: Sendable {
    /// How the server wants to be spoken to.
    package enum Mode: String, Sendable {
        case plain
        /// Offers STARTTLS.
        case offersTLS = "offers"
        /// Takes no mail without STARTTLS.
        case requiresTLS = "requires"
        /// TLS from the first byte.
        case implicitTLS = "implicit"
    }

    /// A mail as the server and the parser understood it.
    package struct Mail: Sendable {
        package var sender: String
        package var recipients: [String]
        /// In order, decoded.
        package var headers: [(name: String, value: String)]
        /// Content type and decoded text of each leaf.
        package var parts: [(type: String, text: String)]
        /// What the parser complained of.
        package var defects: [String]
        package var isEncrypted: Bool
        package var user: String?
        package var raw: String

        package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    package let port: UInt16
    private let directory: TemporaryDirectory
    private let process: ChildProcess

    /// Starts the server and waits until its port is open.
    ///
    /// - Parameters:
    ///   - port: nil = any that is free.
    ///   - login: the only user and password that it takes; nil = no login.
    package init(
        _ mode: Mode = .plain, port: UInt16? = nil, certificates: TestCertificates? = nil,
        login: (String, String)? = nil
    ) throws {
        let port = try port ?? freePort()
        self.port = port
        let directory = try TemporaryDirectory()
        self.directory = directory
        let script = try directory.write(Self.script, to: "server.py")
        let process = try ChildProcess([
            "/usr/bin/python3", script, String(port), directory.path, mode.rawValue,
            certificates?.certificatePath ?? "", certificates?.keyPath ?? "", login?.0 ?? "", login?.1 ?? "",
        ])
        self.process = process
        try waitUntil("the SMTP server listens on port \(port)", seconds: 30) {
            guard process.isRunning else {
                throw TestSupportError("the SMTP server ended (is python3-aiosmtpd there?): \(process.standardError)")
            }
            guard let descriptor = try? connectLoopback(port: port) else { return false }
            close(descriptor)
            return true
        }
    }

    /// The mails taken so far, in order.
    package func mails() throws -> [Mail] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        return try names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            let json = try GoldenValue(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: directory.file(name)))))
            let pairs = { (value: GoldenValue) in
                value.elements.map { ($0.elements[0].string ?? "", $0.elements[1].string ?? "") }
            }
            return Mail(
                sender: json["sender"].string ?? "", recipients: json["recipients"].elements.compactMap(\.string),
                headers: pairs(json["headers"]).map { (name: $0.0, value: $0.1) },
                parts: pairs(json["parts"]).map { (type: $0.0, text: $0.1) },
                defects: json["defects"].elements.compactMap(\.string), isEncrypted: json["encrypted"].bool ?? false,
                user: json["user"].string, raw: json["raw"].string ?? "")
        }
    }

    private static let script = #"""
        import asyncio, email, email.policy, json, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult

        port, folder, mode, certificate, key, user, password = sys.argv[1:]
        count = 0

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith("unknown@"):
                    return "550 5.1.1 no such mailbox"
                if address.startswith("later@"):
                    return "451 4.3.0 try again later"
                if address.startswith("slow@"):
                    await asyncio.sleep(3600)
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server, session, envelope):
                global count
                if envelope.rcpt_tos[0].startswith("rejected@"):
                    return "554 5.7.1 not this one"
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                leaves = [part for part in message.walk() if not part.is_multipart()]
                defects = [repr(d) for part in message.walk() for d in part.defects]
                defects += [repr(d) for _, value in message.items() for d in value.defects]
                mail = {
                    "sender": envelope.mail_from, "recipients": envelope.rcpt_tos,
                    "headers": [[name, str(value)] for name, value in message.items()],
                    "parts": [[part.get_content_type(), part.get_content()] for part in leaves],
                    "defects": defects, "encrypted": session.ssl is not None or mode == "implicit",
                    "user": user if session.authenticated else None,
                    "raw": envelope.content.decode("latin-1"),
                }
                count += 1
                path = os.path.join(folder, "%04d" % count)
                with open(path + ".new", "w") as file:
                    json.dump(mail, file)
                os.rename(path + ".new", path + ".json")
                return "250 taken"

        def authenticate(server, session, envelope, mechanism, data):
            given = (data.login.decode(), data.password.decode())
            return AuthResult(success=given == (user, password), handled=mechanism not in ("LOGIN", "PLAIN"))

        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)

        def session():
            return SMTP(
                Handler(), hostname="mail.example", loop=loop,
                tls_context=context if mode in ("offers", "requires") else None,
                require_starttls=mode == "requires", auth_required=bool(user),
                auth_require_tls=mode in ("offers", "requires"),
                authenticator=authenticate if user else None)

        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(loop.create_server(
            session, "127.0.0.1", int(port), ssl=context if mode == "implicit" else None))
        loop.run_forever()
        """#
}
