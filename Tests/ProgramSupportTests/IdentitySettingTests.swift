import Directory
import Model
import ProgramSupport
import System
import TestSupport
import Testing

/// The release that is followed, and the sessions that are recognized.
struct IdentitySettingTests {
    private static let database = DirectoryLocation.postgreSQL(url: Secret("postgres://h/sentry"))
    private static let secret = "@#%^&*(-_=+) k"

    private func read(
        _ environment: [String: String], flags: [Setting: String] = [:], directory: DirectoryLocation? = database
    ) -> (settings: IdentitySettings?, errors: [String]) {
        var reader = SettingReader(SettingValues(program: .responder, flags: flags, environment: environment))
        let settings = reader.identity(directory: directory)
        return (settings, reader.errors.map(\.description))
    }

    @Test func withoutSettingsTheReleaseIsFoundOutAndNoSessionRecognized() {
        let (settings, errors) = read([:], directory: .default)

        #expect(settings == IdentitySettings(protocolSettings: ProtocolSettings(.auto)))
        #expect(errors.isEmpty)
    }

    @Test func theReleaseIsRead() throws {
        #expect(
            read(["HOOKLINE_PROTOCOL": "25.10"]).settings?.protocolSettings.choice == .release(ProtocolRelease(25, 10)))
        #expect(
            read([:], flags: [.protocolRelease: "24.1"]).settings?.protocolSettings.choice
                == .release(ProtocolRelease(24, 1)))

        let (settings, errors) = read(["HOOKLINE_PROTOCOL": "27.1"])
        #expect(settings == nil)
        #expect(
            errors == [
                "HOOKLINE_PROTOCOL: release 27.1 is not known: use one from 23.7 to 26.9, or auto; for a newer "
                    + "original, 26.9"
            ])
    }

    @Test func whatOverridesTheReleaseIsRead() {
        let settings = read(["HOOKLINE_LEGACY_REQUESTS": "on", "HOOKLINE_DISABLED_ENFORCEMENT": "on"]).settings

        #expect(
            settings?.protocolSettings
                == ProtocolSettings(.auto, keepsRequestsRoute: true, refusesDisabledApps: true))
        #expect(read(["HOOKLINE_LEGACY_REQUESTS": "yes"]).errors.count == 1)
    }

    @Test(
        arguments: [
            ([:], EventCatalogue.version23Dot7), (["HOOKLINE_PROTOCOL": "25.12"], .version26),
            (["HOOKLINE_PROTOCOL": "26.9"], .version26Dot9),
            (["HOOKLINE_PROTOCOL": "26.9", "HOOKLINE_EVENTS": "23.7"], .version23Dot7),
            (["HOOKLINE_EVENTS": "26"], .version26),
            // The release is found out later: nothing may be missing until then.
            (["HOOKLINE_DIRECTORY": "postgres://h/sentry"], .version26Dot9),
            (["HOOKLINE_DIRECTORY": "postgres://h/sentry", "HOOKLINE_PROTOCOL": "23.7"], .version23Dot7),
        ] as [([String: String], EventCatalogue)])
    func theEventsAreThoseOfTheReleaseUnlessTheyAreListed(_ environment: [String: String], _ events: EventCatalogue) {
        var reader = SettingReader(SettingValues(program: .responder, flags: [:], environment: environment))

        #expect(reader.events() == events)
        #expect(reader.errors.isEmpty)
    }

    @Test func theSecretIsReadAsItIsFromTheEnvironmentOrAFile() throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write(Self.secret + "\n", to: "secret")

        for environment in [["HOOKLINE_SESSION_SECRET": Self.secret], ["HOOKLINE_SESSION_SECRET_FILE": file]] {
            #expect(read(environment).settings?.sessions == SessionSettings(secret: Secret(Self.secret)))
        }
    }

    @Test func theSecretIsNoFlagAndNeverShown() {
        let (settings, errors) = read([:], flags: [.sessionSecret: "hunter2"])
        #expect(settings == nil)
        #expect(
            errors.count == 1 && errors[0].contains("HOOKLINE_SESSION_SECRET_FILE") && !errors[0].contains("hunter2"))

        let values = SettingValues(
            program: .responder, flags: [:], environment: ["HOOKLINE_SESSION_SECRET": "hunter2"])
        #expect(SettingTexts.listing(of: values).contains("HOOKLINE_SESSION_SECRET=***  (environment)\n"))
        #expect(!SettingTexts.listing(of: values).contains("hunter2"))
    }

    @Test func theEmbeddedDirectoryHasNoPasswordsForSessions() {
        let (settings, errors) = read(["HOOKLINE_SESSION_SECRET": "x"], directory: .default)

        #expect(settings == nil)
        #expect(errors.count == 1 && errors[0].contains("the embedded directory has no passwords"))
        // The directory is an error already.
        #expect(read(["HOOKLINE_SESSION_SECRET": "x"], directory: nil).errors.isEmpty)
    }

    @Test func networksAreReadAndCheckedAlsoWithoutTheSecret() throws {
        let settings = read([
            "HOOKLINE_SESSION_SECRET": "x", "HOOKLINE_SUPERUSER_NETWORKS": "10.0.0.0/8, fd00::/8",
        ]).settings

        #expect(
            try settings?.sessions?.superuserNetworks
                == [CIDR(parsing: "10.0.0.0/8"), CIDR(parsing: "fd00::/8")])
        let (invalid, errors) = read(["HOOKLINE_SUPERUSER_NETWORKS": "10.0.0.1/8"])
        #expect(invalid == nil)
        #expect(errors.count == 1 && errors[0].contains("HOOKLINE_SUPERUSER_NETWORKS"))
    }

    @Test(arguments: [
        ("https://sentry.acme.test", "https://sentry.acme.test"),
        ("https://Sentry.ACME.test/x/", "https://sentry.acme.test"),
        ("https://sentry.acme.test:443", "https://sentry.acme.test"), ("http://h:9000", "http://h:9000"),
        ("http://h:80/", "http://h"), ("https://[2001:DB8::1]:9000", "https://[2001:db8::1]:9000"), ("", nil),
    ])
    func thePlatformsOriginIsAsBrowsersWriteIt(_ url: String, _ origin: String?) {
        let (settings, errors) = read(["HOOKLINE_SESSION_SECRET": "x", "HOOKLINE_PLATFORM_URL": url])

        #expect(settings?.sessions?.platformOrigin == origin)
        #expect(errors.isEmpty)
    }

    @Test(arguments: ["\n", "", " k", "k \n", "a\u{0}b", "!!changeme!!"])
    func aFileWithoutAUsableSecretIsRefused(content: String) throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write(content, to: "secret")

        let result = read(["HOOKLINE_SESSION_SECRET_FILE": file])

        #expect(result.settings == nil)
    }

    @Test func aFileWithASecondLineIsAnErrorOfTheFile() throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("a\nb", to: "secret")

        #expect(
            read(["HOOKLINE_SESSION_SECRET_FILE": file]).errors
                == [
                    "HOOKLINE_SESSION_SECRET_FILE: \(file) has 2 lines: expected the value of HOOKLINE_SESSION_SECRET "
                        + "alone"
                ])
    }
}
