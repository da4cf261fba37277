import Delivery
import Directory
import Model
import ProgramSupport
import Testing

@testable import Worker

/// The worker's mail settings.
@Suite
struct MailConfigurationTests {
    private let needed: [Setting: String] = [
        .mailFrom: "Hookline <hookline@example.com>", .platformURL: "https://sentry.example.com/",
    ]

    private func read(
        smtp: String, _ further: [Setting: String] = [:]
    ) -> (configuration: WorkerConfiguration?, errors: [ConfigurationError]) {
        let values = SettingValues(
            program: .worker, flags: further, environment: [Setting.smtp.variable: smtp])
        var reader = WorkerConfigurationReader(values, opener: EmbeddedDirectoryOpener())
        return (reader.read(), reader.errors)
    }

    private func mail(_ smtp: String, _ further: [Setting: String] = [:]) throws -> MailSettings {
        let (configuration, errors) = read(smtp: smtp, needed.merging(further) { $1 })
        return try #require(configuration?.mail, "\(errors)")
    }

    @Test func smtpMeansStarttlsOnPort25UnlessSomethingElseIsSaid() throws {
        let mail = try mail("smtp://ann:s%3Acret@mail.example.com")

        #expect(mail.server.host == "mail.example.com")
        #expect(mail.server.port == 25)
        #expect(mail.server.encryption == .required)
        #expect(mail.server.login == .init(user: "ann", password: Secret("s:cret")))
        #expect(mail.server.clientName == "example.com")
        #expect(try mail.sender == MailAddress("hookline@example.com", name: "Hookline"))
        #expect(mail.templatesDirectory == "/usr/share/hookline/templates")
    }

    @Test func smtpsMeansTLSFromTheFirstByteOnPort465() throws {
        let mail = try mail("smtps://[::1]")

        #expect(mail.server.host == "::1")
        #expect(mail.server.port == 465)
        #expect(mail.server.encryption == .implicit)
        #expect(mail.server.login == nil)
    }

    @Test func theKindOfEncryptionCanBeNamed() throws {
        #expect(try mail("smtp://127.0.0.1:2525", [.smtpTLS: "off"]).server.encryption == .off)
        #expect(try mail("smtp://127.0.0.1", [.smtpTLS: "implicit"]).server.port == 465)
        #expect(read(smtp: "smtps://h.test", needed.merging([.smtpTLS: "required"]) { $1 }).errors.count == 1)
    }

    @Test func certificatesToTrustAreTrustedHereToo() throws {
        #expect(try mail("smtp://h.test", [.certificateAuthorityFile: "/ca.pem"]).server.extraAuthorities == "/ca.pem")
    }

    @Test func aSlashAtTheEndOfThePlatformsAddressIsLeftOutAPathStays() throws {
        let (configuration, _) = read(
            smtp: "", [.platformURL: "https://example.com:8443/sentry/", .mailLinks: "dashboard"])

        #expect(configuration?.platformURL == "https://example.com:8443/sentry")
        #expect(configuration?.mailLinks == .dashboard)
        #expect(configuration?.mail == nil)
    }

    @Test func aMailServerNeedsASenderAndThePlatformsAddressAndBothAreAskedForAtOnce() {
        let (configuration, errors) = read(smtp: "smtp://h.test")

        #expect(configuration == nil)
        #expect(
            errors.map(\.description) == [
                "HOOKLINE_MAIL_FROM: must be set if HOOKLINE_SMTP is",
                "HOOKLINE_PLATFORM_URL: must be set if HOOKLINE_SMTP is",
            ])
    }

    @Test func aPasswordIsNeverSentInClear() {
        for encryption in ["off", "optional"] {
            let (configuration, errors) = read(
                smtp: "smtp://ann:hunter2@h.test", needed.merging([.smtpTLS: encryption]) { $1 })

            #expect(configuration == nil)
            #expect(errors.map(\.description).contains { $0.hasPrefix("HOOKLINE_SMTP: a password is only sent") })
            #expect(!"\(errors)".contains("hunter2"))
        }
    }

    @Test(arguments: [
        "mail.example.com", "http://mail.example.com", "smtp://", "smtp://mail/path", "smtp://under_score",
    ])
    func anAddressThatIsNoneOfAMailServerIsAnError(smtp: String) {
        let errors = read(smtp: smtp, needed).errors

        #expect(errors.count == 1, "\(errors)")
        #expect(errors.first?.description.hasPrefix("HOOKLINE_SMTP: ") == true, "\(errors)")
    }
}
