import Foundation

/// A test's certificate authority and a certificate of it for `localhost` and `127.0.0.1`.
package struct TestCertificates: Sendable {
    package let directory: TemporaryDirectory
    package var authorityPath: String { directory.file("authority.pem") }
    package var certificatePath: String { directory.file("server.pem") }
    package var keyPath: String { directory.file("server.key") }

    /// - Parameter names: of the certificate, in openssl's notation.
    package init(names: String = "DNS:localhost,IP:127.0.0.1") throws {
        directory = try TemporaryDirectory()
        try directory.write("subjectAltName=\(names)\n", to: "names")
        try Self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=Test authority", "-keyout", directory.file("authority.key"), "-out", authorityPath)
        try Self.openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=server",
            "-keyout", keyPath, "-out", directory.file("request"))
        try Self.openssl(
            "x509", "-req", "-in", directory.file("request"), "-CA", authorityPath, "-CAkey",
            directory.file("authority.key"), "-CAcreateserial", "-days", "2", "-extfile", directory.file("names"),
            "-out", certificatePath)
    }

    private static func openssl(_ arguments: String...) throws {
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
