import Delivery
import Model
import TestSupport
import Testing

/// Mails handed to a real server, and read there by another program's parser.
struct SMTPClientTests {
    private func settings(
        _ server: SMTPServer, _ encryption: SMTPSettings.Encryption, host: String = "127.0.0.1",
        login: SMTPSettings.Login? = nil, timeout: Duration = .seconds(30), authorities: String? = nil
    ) throws -> SMTPSettings {
        try SMTPSettings(
            host: host, port: server.port, encryption: encryption, login: login, clientName: "hookline.example",
            timeout: timeout, extraAuthorities: authorities)
    }

    @Test func whatTheServerReadsIsWhatWasWritten() throws {
        let server = try SMTPServer()
        let client = SMTPClient(settings: try settings(server, .off))
        let long = String(repeating: "Größe 🙂 = ", count: 30)
        let mail = try sampleMail(
            to: "owner+tag@example.com", name: "Zoë, \"the\" Owner", subject: "Ä: \(long)",
            text: ".dots\n..\nFrom here  \n\tü\(long)\n", html: "<p style=\"color: red\">\(long)</p>\n", id: "n1")

        try client.send(mail)

        let got = try #require(try server.mails().first)
        #expect(got.defects == [])
        #expect(got.sender == "hookline@example.org")
        #expect(got.recipients == ["owner+tag@example.com"])
        #expect(got.header("From") == "Hookline <hookline@example.org>")
        #expect(got.header("To") == "\"Zoë, \\\"the\\\" Owner\" <owner+tag@example.com>")
        #expect(got.header("Subject") == mail.subject)
        #expect(got.header("Date") == "Tue, 29 Feb 2000 00:00:00 +0000")
        #expect(got.header("Message-ID") == "<n1@example.org>")
        #expect(got.header("List-Id") == "<integrations.example.org>")
        #expect(got.header("Auto-Submitted") == "auto-generated")
        #expect(got.headers.map(\.name).sorted() == Array(Set(got.headers.map(\.name))).sorted())
        #expect(got.parts.map(\.type) == ["text/plain", "text/html"])
        #expect(got.parts.map { $0.text.replacing("\r\n", with: "\n") } == [mail.text, mail.html])
        #expect(got.isEncrypted == false)
    }

    @Test func anInjectedHeaderIsPartOfTheSubject() throws {
        let server = try SMTPServer()
        let client = SMTPClient(settings: try settings(server, .off))

        try client.send(try sampleMail(subject: "a\r\nBcc: evil@example.com\r\n\r\nbody"))

        let got = try #require(try server.mails().first)
        #expect(got.recipients == ["owner@example.com"])
        #expect(got.header("Bcc") == nil)
        #expect(got.header("Subject")?.contains("Bcc: evil@example.com") == true)
        #expect(got.parts.count == 2)
    }

    @Test(arguments: [
        (SMTPServer.Mode.requiresTLS, SMTPSettings.Encryption.required), (.offersTLS, .optional),
        (.implicitTLS, .implicit),
    ])
    func mailsGoEncryptedWithTheLogin(_ mode: SMTPServer.Mode, _ encryption: SMTPSettings.Encryption) throws {
        let certificates = try TestCertificates()
        let isOptional = encryption == .optional
        let server = try SMTPServer(
            mode, certificates: certificates, login: isOptional ? nil : ("postmaster", "sesame"))
        let login = SMTPSettings.Login(user: "postmaster", password: Secret("sesame"))
        let client = SMTPClient(
            settings: try settings(
                server, encryption, host: "localhost", login: isOptional ? nil : login,
                authorities: certificates.authorityPath))

        try client.send(try sampleMail())

        let got = try #require(try server.mails().first)
        #expect(got.isEncrypted)
        #expect(got.user == (isOptional ? nil : "postmaster"))
    }

    @Test func encryptionThatIsRequiredIsNotDoneWithout() throws {
        let server = try SMTPServer()
        let client = SMTPClient(settings: try settings(server, .required))

        let error = #expect(throws: MailError.self) { try client.send(try sampleMail()) }

        guard case .tls? = error else { throw TestSupportError("\(String(describing: error))") }
        #expect(error?.isPermanent == false)
        #expect(try server.mails().isEmpty)
    }

    @Test(arguments: [SMTPSettings.Encryption.optional, .required])
    func aCertificateThatDoesNotVerifyGetsNoMail(_ encryption: SMTPSettings.Encryption) throws {
        let certificates = try TestCertificates()
        let server = try SMTPServer(.offersTLS, certificates: certificates)
        let client = SMTPClient(settings: try settings(server, encryption, host: "localhost"))

        let error = #expect(throws: MailError.self) { try client.send(try sampleMail()) }

        guard case .tls? = error else { throw TestSupportError("\(String(describing: error))") }
        #expect(try server.mails().isEmpty)
    }

    @Test func aWrongPasswordIsReportedWithoutShowingIt() throws {
        let certificates = try TestCertificates()
        let server = try SMTPServer(.requiresTLS, certificates: certificates, login: ("postmaster", "sesame"))
        let client = SMTPClient(
            settings: try settings(
                server, .required, host: "localhost",
                login: SMTPSettings.Login(user: "postmaster", password: Secret("wrong-one")),
                authorities: certificates.authorityPath))

        let error = #expect(throws: MailError.self) { try client.send(try sampleMail()) }

        #expect(error == .loginRefused(server: "localhost:\(server.port)"))
        #expect("\(error.map { "\($0)" } ?? "") \(client)".contains("wrong-one") == false)
    }

    @Test(arguments: [
        ("unknown", MailError.Subject.recipient, 550, "5.1.1 no such mailbox", true),
        ("later", .recipient, 451, "4.3.0 try again later", false),
        ("rejected", .message, 554, "5.7.1 not this one", true),
    ])
    func refusalsSayWhetherToTryAgain(
        _ name: String, _ subject: MailError.Subject, _ code: Int, _ words: String, _ isPermanent: Bool
    ) throws {
        let server = try SMTPServer()
        let client = SMTPClient(settings: try settings(server, .off))

        let error = #expect(throws: MailError.self) { try client.send(try sampleMail(to: "\(name)@example.com")) }

        #expect(error == .refused(subject, server: "127.0.0.1:\(server.port)", code: code, reply: words))
        #expect(error?.isPermanent == isPermanent)
    }

    /// Only a refusal of the recipient or of the mail is final: what the server wants of the sender may be changed.
    @Test(arguments: [
        ("", "554 5.7.1 no service", "refused the sender: 554 5.7.1 no service", false),
        ("EHLO", "550 5.7.1 who are you", "refused the sender: 550 5.7.1 who are you", false),
        (
            "MAIL", "530 5.7.1 Authentication required", "530 5.7.1 Authentication required (it wants a login or TLS",
            false
        ),
        ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", "(it wants a login or TLS", false),
        ("MAIL", "550 5.7.1 Sender rejected", "refused the sender: 550 5.7.1 Sender rejected", false),
        ("MAIL", "552 5.3.4 Message too big", "refused the mail: 552 5.3.4 Message too big", true),
        ("RCPT", "535 5.7.8 log in", "refused the sender: 535 5.7.8 log in (it wants", false),
        ("RCPT", "534 5.7.9 log in", "refused the sender: 534 5.7.9 log in (it wants", false),
        ("RCPT", "538 5.7.11 encrypt", "refused the sender: 538 5.7.11 encrypt (it wants", false),
        ("RCPT", "550 5.1.1 unknown", "refused the mail: 550 5.1.1 unknown", true),
        ("DATA", "554 5.7.1 no", "refused the mail: 554 5.7.1 no", true),
        (".", "554 5.6.0 spam", "refused the mail: 554 5.6.0 spam", true),
        (".", "530 5.7.1 Authentication required", "refused the sender: 530", false),
    ])
    func aRefusalOfTheSenderIsTriedAgain(
        _ command: String, _ reply: String, _ words: String, _ isPermanent: Bool
    ) throws {
        let server = try RefusingSMTPServer(command, reply)
        let client = SMTPClient(
            settings: try SMTPSettings(host: "127.0.0.1", port: server.port, encryption: .off))

        let error = #expect(throws: MailError.self) { try client.send(try sampleMail()) }

        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        #expect(error?.isPermanent == isPermanent)
        #expect(error?.isServerFailure == !isPermanent)
    }

    @Test func aServerThatHangsOrIsDownCostsTheDeadlineAtMost() throws {
        let server = try SMTPServer()
        let silence = try WebhookReceiverSilence()
        let down = try freePort()
        let hanging = SMTPClient(settings: try settings(server, .off, timeout: .milliseconds(400)))
        let mute = SMTPClient(
            settings: try SMTPSettings(
                host: "127.0.0.1", port: silence.port, encryption: .off, timeout: .milliseconds(400)))
        let absent = SMTPClient(settings: try SMTPSettings(host: "127.0.0.1", port: down, encryption: .off))

        let timedOut = MailError.timedOut(server: "127.0.0.1:\(server.port)", milliseconds: 400)
        #expect(throws: timedOut) { try hanging.send(try sampleMail(to: "slow@example.com")) }
        #expect(throws: MailError.timedOut(server: "127.0.0.1:\(silence.port)", milliseconds: 400)) {
            try mute.send(try sampleMail())
        }
        #expect(
            throws: MailError.unreachable(server: "127.0.0.1:\(down)", reason: "Couldn't connect to server")
        ) { try absent.send(try sampleMail()) }
    }

    @Test func aPasswordIsNotSentInTheClear() {
        let login = SMTPSettings.Login(user: "postmaster", password: Secret("sesame"))

        for encryption in [SMTPSettings.Encryption.off, .optional] {
            #expect(throws: MailError.self) {
                try SMTPSettings(host: "mail.example.com", encryption: encryption, login: login)
            }
        }
    }

    @Test(arguments: ["", "mail example", "mail.example.com/x", "user@mail", "mail\r\n", "[::1]"])
    func hostsThatWouldChangeTheURLAreRefused(_ host: String) {
        #expect(throws: MailError.self) { try SMTPSettings(host: host) }
    }
}
