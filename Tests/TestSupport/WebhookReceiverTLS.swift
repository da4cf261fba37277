import Foundation

/// A test's certificate authority and a certificate of it for `localhost` and `127.0.0.1`.
package struct TestCertificates: Sendable {
    package let directory: TemporaryDirectory
    package var authorityPath: String { directory.file("authority.pem") }
    package var certificatePath: String { directory.file("server.pem") }
    package var keyPath: String { directory.file("server.key") }

    /// When the server's certificate is valid.
    package enum Validity: Sendable {
        case now, past, future
    }

    /// - Parameter names: of the certificate, in openssl's notation.
    package init(names: String = "DNS:localhost,IP:127.0.0.1", validity: Validity = .now) throws {
        directory = try TemporaryDirectory()
        try Self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=Test authority", "-keyout", directory.file("authority.key"), "-out", authorityPath)
        try Self.openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=server",
            "-keyout", keyPath, "-out", directory.file("request"))
        try directory.write(Self.configuration(directory.path, names: names), to: "ca.conf")
        try directory.write("", to: "index")
        try directory.write("01", to: "serial")
        let dates: [String] =
            switch validity {
            case .now: ["-days", "2"]
            case .past: ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"]
            case .future: ["-startdate", "20900101000000Z", "-enddate", "20900102000000Z"]
            }
        try Self.openssl(
            [
                "ca", "-batch", "-notext", "-config", directory.file("ca.conf"), "-in", directory.file("request"),
                "-cert",
                authorityPath, "-keyfile", directory.file("authority.key"), "-out", certificatePath,
            ] + dates)
    }

    private static func configuration(_ folder: String, names: String) -> String {
        """
        [ca]
        default_ca = test
        [test]
        new_certs_dir = \(folder)
        database = \(folder)/index
        serial = \(folder)/serial
        default_md = sha256
        policy = names
        x509_extensions = extensions
        [names]
        commonName = supplied
        [extensions]
        subjectAltName = \(names)

        """
    }

    private static func openssl(_ arguments: String...) throws {
        try openssl(arguments)
    }

    private static func openssl(_ arguments: [String]) throws {
        let (status, _, error) = try ChildProcess.run(["openssl"] + arguments)
        guard status == .exited(0) else { throw TestSupportError("openssl \(arguments): \(error)") }
    }
}

/// A `WebhookReceiver` behind an nginx that speaks TLS.
package final class WebhookReceiverTLS: Sendable {
    package let receiver: WebhookReceiver
    package let port: UInt16
    /// Where the same nginx speaks plain HTTP.
    package var plainPort: UInt16 { nginx.port }
    private let nginx: Nginx

    package init(certificates: TestCertificates, receiver: WebhookReceiver) throws {
        let port = try freePort()
        self.port = port
        self.receiver = receiver
        nginx = try Nginx(
            server: """
                listen 127.0.0.1:\(port) ssl;
                ssl_certificate \(certificates.certificatePath);
                ssl_certificate_key \(certificates.keyPath);
                location / { proxy_pass http://127.0.0.1:\(receiver.port); }
                """)
    }

    package func url(_ path: String, host: String = "localhost") -> String { "https://\(host):\(port)\(path)" }
}

/// A TLS server that refuses every client without a certificate.
package final class ClientCertificateServer: Sendable {
    package let port: UInt16
    private let process: ChildProcess

    /// - Parameter version: of TLS, as openssl names it: `tls1_2` or `tls1_3`.
    package init(certificates: TestCertificates, version: String) throws {
        let port = try freePort()
        self.port = port
        let process = try ChildProcess([
            "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificates.certificatePath, "-key",
            certificates.keyPath, "-Verify", "1", "-CAfile", certificates.authorityPath, "-\(version)", "-www",
        ])
        self.process = process
        try waitUntil("openssl listens; it says: \(process.standardError)") {
            process.standardOutput.contains("ACCEPT")
        }
    }

    package var url: String { "https://localhost:\(port)/" }
}
