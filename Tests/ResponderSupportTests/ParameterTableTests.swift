import Testing

@testable import ResponderSupport

/// The table of a request's parameters.
@Suite
struct ParameterTableTests {
    @Test func hasAPlaceForEveryParameterThatIsKnown() {
        withParameters(Parameter.allCases.map { "\($0.name)=value of \($0)" }) { table in
            for parameter in Parameter.allCases { #expect(table[parameter] == "value of \(parameter)") }
            #expect(table.count == Parameter.allCases.count)
        }
    }

    @Test(arguments: Parameter.allCases)
    func knowsANameByAllItsLetters(parameter: Parameter) {
        let name = "\(parameter.name)"
        let others = [
            "\(name.dropLast())", "\(name.dropFirst())", "\(name)X", "X\(name.dropFirst())", name.lowercased(),
            "\(name.dropLast())\u{1}", "\(name.dropFirst(2))XX", name.replacing("_", with: "-"),
        ].filter { other in !Parameter.allCases.contains { "\($0.name)" == other } }

        withParameters(others.map { $0 + "=1" }) { table in
            for parameter in Parameter.allCases { #expect(table[parameter] == nil) }
        }
    }

    @Test func countsWhatHasNoNameNoValueOrNoEqualsSignAndReadsNoneOfIt() {
        let entries = ["", "=", "=x", "HTTPS", "H", "AB=", "HTTPS=", "FCGI_ROLE", "FCGI_ROLE=RESPONDER"]

        withParameters(entries) { table in
            // All but libfcgi's own: the last one.
            #expect(table.count == entries.count - 1)
            #expect(table.byteCount == 0 + 0 + 1 + 5 + 1 + 2 + 5 + 9)
            #expect(table[.https] == "")
            #expect(table.nonEmpty(.https) == nil)
            #expect(table.length(of: .https) == 0)
            #expect(table[.host] == nil)
        }
    }

    @Test func takesAValueUpToItsEndEqualsSignsIncluded() {
        let long = String(repeating: "ü=", count: 50_000)

        withParameters(["HTTP_REFERER=a=b==", "HTTP_ORIGIN=" + long]) { table in
            #expect(table[.referer] == "a=b==")
            #expect(table[.origin] == long)
            #expect(table.length(of: .origin) == long.utf8.count)
        }
    }

    @Test func makesReplacementCharactersOfWhatIsNoText() {
        withParameters([Array("HTTP_HOST=a".utf8) + [0xFF, 0xC3], Array("HTTP_HO\u{FF}T=b".utf8)]) { table in
            #expect(table[.host] == "a\u{FFFD}\u{FFFD}")
            #expect(table.length(of: .host) == 3)
        }
    }

    @Test(arguments: Parameter.allCases)
    func reportsAParameterAboutTheCallerThatIsThereTwiceWhateverItsValues(parameter: Parameter) {
        let isAboutCaller = [.remoteUser, .authSuperuser, .authType].contains(parameter)

        for (first, second) in [("", ""), ("a", "a"), ("", "a"), ("a", "")] {
            withParameters(["\(parameter.name)=\(first)", "HTTPS=on", "\(parameter.name)=\(second)"]) { table in
                #expect(table.repeated == (isAboutCaller ? parameter : nil))
            }
        }
        withParameters(["\(parameter.name)=a", "HTTP_\(parameter.name)=a"]) { table in
            #expect(table.repeated == nil)
        }
    }

    @Test func comparesAValueAsAWhole() {
        withParameters(["AUTH_SUPERUSER=1", "REQUEST_SCHEME=https2", "HTTPS="]) { table in
            #expect(table.has(.authSuperuser, "1"))
            #expect(!table.has(.requestScheme, "https"))
            #expect(!table.has(.https, "on"))
            #expect(!table.has(.host, "on"))
            #expect(table.has(.https, ""))
        }
    }
}
