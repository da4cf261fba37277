import Foundation
import Handlers
import Model
import Testing

@testable import ResponderSupport

/// An access line in php-fpm's letters.
@Suite
struct AccessPatternTests {
    private func line(_ format: String, _ record: RequestRecord = .sample(), now: Timestamp = .now()) throws -> String {
        String(decoding: try AccessPattern(parsing: format).line(record, now: now, pool: "hookline-1"), as: UTF8.self)
    }

    private func reason(_ format: String) -> String? {
        do throws(AccessPattern.ParseError) {
            _ = try AccessFormat(parsing: format)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("%R", "192.0.2.7"), ("%u", "ann"), ("%m", "GET"), ("%r", "/a"), ("%s", "200"), ("%l", "2"),
        ("%n", "hookline-1"), ("%p", "\(getpid())"), ("100%%", "100%"), ("%%s%s", "%s200"),
        ("%d", "0.012"), ("%{seconds}d", "0.012"), ("%{milliseconds}d", "12.050"), ("%{milli}d", "12.050"),
        ("%{mili}d", "12.050"), ("%{micro}d", "12050"), ("%{microseconds}d", "12050"),
        ("%{X-Request-ID}o", "r-1"), ("%{content-length}o", "3"), ("%{Retry-After}o", "-"),
        ("[%{Content-Type}o] \"%m %r\"", "[-] \"GET /a\""), ("é %s", "é 200"),
    ])
    func hasWhatEachLetterStandsFor(format: String, expected: String) throws {
        #expect(try line(format) == expected)
    }

    @Test func hasTheTimeOfTheRequestAndOfTheLineAsStrftimeWritesThem() throws {
        let now = Timestamp(microseconds: 1_700_000_000_005_000)

        #expect(try line("%{%s}T %{%s}t", now: now) == "1700000000 1699999999")
        #expect(try line("%t", now: now).wholeMatch(of: /\d\d\/[A-Z][a-z]{2}\/2023:\d\d:\d\d:19 [+-]\d{4}/) != nil)
        #expect(try line("%T", now: now).wholeMatch(of: /\d\d\/[A-Z][a-z]{2}\/2023:\d\d:\d\d:20 [+-]\d{4}/) != nil)
        #expect(try line("%{a%nb%tc}t") == "a b c")
    }

    @Test func keepsWhatStandsBehindAPathThatIsLongAndWrittenInBytesThatAreHidden() throws {
        let record = RequestRecord.sample(path: String(repeating: "\"", count: 4000))

        let line = try line("%m %r %s %u", record)

        #expect(line.utf8.count < 1100)
        #expect(line.hasSuffix(#"\x22 200 ann"#))
    }

    @Test func hasAHyphenForWhatIsNotThere() throws {
        var record = RequestRecord.sample(method: "", path: "", response: Response(status: 404))
        record.remoteAddress = nil

        #expect(try line("%R %u %m %r", record) == "- - - -")
    }

    @Test func cannotBeForgedByWhatAClientSends() throws {
        let record = RequestRecord.sample(
            method: "G\"ET", path: "/a b\n1.2.3.4 - root \\\u{7F}\u{1B}[2Jé",
            response: Response(status: 200, identity: "eve\" 200\r"))

        let line = try line("%u \"%m %r\" %s", record)

        #expect(
            line == #"eve\x22\x20200\x0D "G\x22ET /a\x20b\x0A1.2.3.4\x20-\x20root\x20\x5C\x7F\x1B[2J\xC3\xA9" 200"#)
    }

    @Test func staysWithinWhatOneWritePutsIntoAPipeUnbroken() throws {
        let record = RequestRecord.sample(path: "/" + String(repeating: "\n", count: 5000))

        #expect(try line("%r").count == 2)
        #expect(try line("%r", record).utf8.count == 1 + 255 * 4)
        #expect(try line("%r%r%r%r%r", record).utf8.count == 4095)
    }

    @Test(arguments: [
        ("common", "expected json, or a format such as %R - %u %t \"%m %r\" %s"),
        ("%R %x", "unknown letter %x, at character 4"),
        ("%r%Q%q", "%Q is not supported: the query may hold secrets and is never logged, at character 3"),
        ("%q", "%q is not supported: the query may hold secrets and is never logged, at character 1"),
        (
            "%{HTTP_COOKIE}e",
            "%e is not supported: parameters may hold secrets and are never logged, at character 1"
        ),
        ("%s %f", "%f is not supported: there is no script, at character 4"),
        ("%M", "%M is not supported: memory is not counted per request, at character 1"),
        ("%C", "%C is not supported: processor time is not counted per request, at character 1"),
        ("%P", "%P is not supported: there is no parent process, at character 1"),
        ("%s %", "a % has no letter, at character 4"),
        ("%{micro", "%{ has no closing brace, at character 1"),
        ("%{micro}", "a % has no letter, at character 1"),
        ("%{hours}d", "%d does not take {hours}, only seconds, milliseconds or microseconds, at character 1"),
        (
            "%{Link}o",
            "%o does not take {Link}, only x-request-id, content-type, content-length, retry-after, at character 1"
        ),
        ("%o", "unknown letter %o, at character 1"),
        ("%{}t", "%t does not take {}, only a format for strftime, at character 1"),
        ("%{x}s", "%s does not take {x}, at character 1"),
        ("%{x}%", "%% does not take {x}, at character 1"),
        ("%s\n%s", "the format holds a control character"),
    ])
    func isRefusedWithTheLetterThePlaceAndTheReason(format: String, expected: String) {
        #expect(reason(format) == expected)
    }

    @Test func theFormatAndItsArgumentsHaveAMaximumLength() throws {
        #expect(reason("%s" + String(repeating: "x", count: 1022)) == nil)
        #expect(reason("%s" + String(repeating: "x", count: 1023)) == "the format is longer than 1024 bytes")
        #expect(reason("%{" + String(repeating: "x", count: 64) + "}t") == nil)
        #expect(
            reason("%{" + String(repeating: "x", count: 65) + "}t")
                == "the argument in braces is longer than 64 bytes, at character 1")
    }

    @Test func isNeededToKnowTheClientsAddressOnlyWhereItHasTheLetterForIt() throws {
        #expect(try AccessFormat(parsing: "%R").needsRemoteAddress)
        #expect(try !AccessFormat(parsing: "%u %%R").needsRemoteAddress)
        #expect(try !AccessFormat(parsing: "json").needsRemoteAddress)
    }
}
