import Model
import ProgramSupport
import Testing

/// What is said of the release that is followed.
@Suite struct ProtocolCheckTests {
    private let newest = ProtocolRelease(26, 7)...ProtocolRelease(26, 9)

    @Test func autoNamesTheReleasesThatFitAndWhatDependsOnThem() throws {
        let check = ProtocolCheck(.auto, fitting: newest)

        let result = try #require(check.result)
        #expect(check.warning == nil)
        #expect(
            result.hasPrefix(
                "HOOKLINE_PROTOCOL=auto follows release 26.7: the tables of the directory are those of release 26.7 to "
                    + "26.9.\n  Stricter, as in 26.9: who may read the log.\n  As in 26.7, and different in a later one: "
                    + "webhookEvents in the details, "))
        #expect(result.hasSuffix(".\n  Name the release to follow exactly its rules"))
    }

    @Test func aDirectoryOfItsOwnFitsEveryRelease() {
        let auto = ProtocolCheck(.auto, fitting: nil)
        let named = ProtocolCheck(.release(ProtocolRelease(26, 9)), fitting: nil)

        #expect(auto.result == "HOOKLINE_PROTOCOL=auto follows release 23.7: the directory is Hookline's own")
        #expect(named.result == nil)
        #expect(auto.warning == nil && named.warning == nil)
    }

    @Test(arguments: ["26.6", "23.7"])
    func aReleaseThatIsTooOldForTheTablesIsAWarning(_ release: String) throws {
        let check = ProtocolCheck(.release(try ProtocolRelease(parsing: release)), fitting: newest)

        #expect(
            check.warning
                == "HOOKLINE_PROTOCOL=\(release) is older than the tables of the directory, which are those of "
                + "release 26.7 to 26.9")
        #expect(check.result == nil)
    }

    @Test func soIsANewerOneAndOneThatFitsIsNot() {
        let old = ProtocolRelease(23, 7)...ProtocolRelease(24, 2)

        #expect(
            ProtocolCheck(.release(ProtocolRelease(24, 3)), fitting: old).warning?.contains("24.3 is newer") == true)
        for release in [newest.lowerBound, newest.upperBound] {
            #expect(ProtocolCheck(.release(release), fitting: newest).warning == nil)
        }
    }
}
