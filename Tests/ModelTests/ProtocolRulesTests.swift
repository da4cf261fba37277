import Model
import Testing

/// Whose rules are followed where the release is not known exactly.
@Suite struct ProtocolRulesTests {
    @Test func theRulesOfOneReleaseAreItsOwn() {
        let rules = ProtocolRules(ProtocolRelease(26, 2))

        #expect(rules.includes(.integerEpochs) && rules.includes(.noTeamRoles))
        #expect(!rules.includes(.scopeChallenge) && !rules.includes(.logForWriters))
        #expect(rules.ambiguousChanges.isEmpty)
        #expect(rules.description == "26.2")
    }

    @Test func ofSeveralReleasesTheOldestCountsButEveryRestrictionHolds() {
        let rules = ProtocolRules(anyOf: ProtocolRelease(26, 7)...ProtocolRelease(26, 9))

        #expect(rules.includes(.scopeChallenge))
        #expect(!rules.includes(.webhookHeadersInDetails) && !rules.includes(.oneEventIsSorted))
        #expect(rules.includes(.logForWriters))
        #expect(rules.description == "26.7 to 26.9")
    }

    @Test func whatDependsOnTheReleaseIsListed() {
        let changes = ProtocolRules(anyOf: ProtocolRelease(26, 7)...ProtocolRelease(26, 9)).ambiguousChanges

        #expect(changes.contains(.logForWriters) && changes.contains(.webhookEventsInDetails))
        // 26.7 has it itself.
        #expect(!changes.contains(.scopeChallenge) && !changes.contains(.integerEpochs))
        #expect(Set(ProtocolRules.ofAnyRelease.ambiguousChanges) == Set(ProtocolChange.allCases))
    }

    /// What lets fewer credentials pass, shows less, or keeps Hookline from disabling apps; a change that is forgotten here would give rights away.
    @Test func theRestrictionsAreThese() {
        #expect(
            Set(ProtocolChange.allCases.filter(\.row.isRestriction)) == [
                .onlySHA256, .originChecks, .hashedTokens, .noTeamRoles, .secretForADay, .disabledAppsAreRefused,
                .logForWriters, .noAutomaticDisabling,
            ])
    }

    @Test func autoFollowsWhatTheTablesFitAndTheDefaultWithoutAny() throws {
        let releases = ProtocolRelease(24, 3)...ProtocolRelease(24, 5)

        #expect(try ProtocolChoice(parsing: "auto") == .auto)
        #expect(try ProtocolChoice(parsing: "25.12") == .release(ProtocolRelease(25, 12)))
        #expect(throws: ProtocolRelease.ParseError.self) { try ProtocolChoice(parsing: "Auto") }
        #expect(ProtocolChoice.auto.rules(fitting: releases) == ProtocolRules(anyOf: releases))
        #expect(ProtocolChoice.auto.rules(fitting: nil) == .default)
        #expect(
            ProtocolChoice.release(ProtocolRelease(26, 9)).rules(fitting: releases)
                == ProtocolRules(ProtocolRelease(26, 9)))
    }

    @Test func everyChangeHasASubjectOfItsOwn() {
        #expect(Set(ProtocolChange.allCases.map(\.subject)).count == ProtocolChange.allCases.count)
    }
}
