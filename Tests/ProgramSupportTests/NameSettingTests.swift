import Model
import ProgramSupport
import Testing
import WebhookRules

/// The names of the platform and of this program.
@Suite struct NameSettingTests {
    private func read(_ environment: [String: String]) -> (names: PlatformNames, errors: [String]) {
        var reader = SettingReader(SettingValues(program: .worker, flags: [:], environment: environment))
        let names = reader.plan(events: .version23Dot7).names
        return (names, reader.errors.map(\.description))
    }

    @Test func theDefaultsAreTheOriginals() {
        let (names, errors) = read([:])

        #expect(names == .default)
        #expect(
            String(decoding: names.actorJSON, as: UTF8.self) == #"{"type":"application","id":"sentry","name":"Sentry"}"#
        )
        #expect(errors.isEmpty)
    }

    @Test func theActorIsCompactASCII() {
        let (names, errors) = read([
            "HOOKLINE_PLATFORM_NAME": "Ümlaut \"&\" Co", "HOOKLINE_PLATFORM_ACTOR": "acme",
            "HOOKLINE_PRODUCT_NAME": "Hooks",
        ])

        #expect(
            String(decoding: names.actorJSON, as: UTF8.self)
                == #"{"type":"application","id":"acme","name":"\u00dcmlaut \"&\" Co"}"#)
        #expect(names.product == "Hooks")
        #expect(errors.isEmpty)
    }

    @Test(arguments: ["PLATFORM_NAME", "PLATFORM_ACTOR", "PRODUCT_NAME"])
    func aNameThatIsNoneIsRefusedOnce(variable: String) {
        for (text, reason) in [
            (" Acme", "it has blanks around it"), ("Ac\tme", "it has control characters"),
            (String(repeating: "x", count: 65), "it must have 1 to 64 characters"),
        ] {
            #expect(read(["HOOKLINE_" + variable: text]).errors == ["HOOKLINE_\(variable): \(reason)"])
        }
    }
}
