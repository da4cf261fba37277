import Directory
import Model
import TestSupport
import Testing
import WebhookRules

/// The app and the installation that a diagnosis is about.
@Suite
struct DiagnosisTargetTests {
    private var directory = MemoryDirectory()
    private let app = SentryApp(id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .published, uuid: "a")
    private let later = Timestamp(seconds: 1_700_000_000)

    init() {
        directory.organizations = [
            Organization(id: 1, slug: "acme", name: "Acme"), Organization(id: 2, slug: "globex", name: "Globex"),
        ]
    }

    private func installation(_ id: Int64, at organization: Int64, isDeleted: Bool = false) -> Installation {
        var installation = Installation(
            id: id, appID: 1, organizationID: organization, uuid: "i\(id)", dateAdded: Timestamp(seconds: id))
        installation.dateDeleted = isDeleted ? later : nil
        return installation
    }

    private func find(_ choice: DiagnosisTarget.Choice) throws -> DiagnosisTarget {
        try DiagnosisTarget(app: app, choice, in: directory)
    }

    @Test
    mutating func theOnlyInstallationIsTakenAndOfNoneThatIsThereTheOneThatWasDeletedLast() throws {
        let nowhere = try find(.only)
        directory.installations = [
            installation(1, at: 2, isDeleted: true), installation(3, at: 1, isDeleted: true),
            installation(2, at: 2, isDeleted: true),
        ]
        let deleted = try find(.only)
        directory.installations.append(installation(4, at: 2))
        let present = try find(.only)

        #expect(nowhere.installation == nil && nowhere.organization == nil && nowhere.owner?.slug == "acme")
        #expect(deleted.installation?.uuid == "i3" && deleted.organization?.slug == "acme")
        #expect(present.installation?.uuid == "i4" && present.organization?.slug == "globex")
    }

    @Test
    mutating func ofSeveralInstallationsOneMustBeNamedByItsOrganizationOrItsUuid() throws {
        directory.installations = [installation(1, at: 1), installation(2, at: 2)]

        #expect {
            try find(.only)
        } throws: { error in
            if case DiagnosisTarget.Failure.several = error { true } else { false }
        }
        #expect(try find(.organization(slug: "globex")).installation?.uuid == "i2")
        #expect(try find(.uuid("i1")).organization?.slug == "acme")
    }

    @Test
    mutating func namesThatLeadNowhereAreFailuresAnOrganizationWithoutTheAppIsNot() throws {
        directory.installations = [
            installation(1, at: 1),
            Installation(id: 9, appID: 7, organizationID: 1, uuid: "other", dateAdded: later),
        ]

        let elsewhere = try find(.organization(slug: "globex"))

        #expect(elsewhere.installation == nil && elsewhere.organization?.slug == "globex")
        #expect(
            elsewhere.problem(for: EventType(rawValue: "issue.created"))?.text == "Radar is not installed at globex")
        for choice in [DiagnosisTarget.Choice.uuid("none"), .uuid("other"), .organization(slug: "nope")] {
            #expect(throws: DiagnosisTarget.Failure.self) { try find(choice) }
        }
    }

    /// An organization's installation that was deleted is a problem for all events but the one that tells of it.
    @Test
    mutating func anOrganizationsInstallationThatWasDeletedIsAProblemForAllEventsButTheOneThatTells() throws {
        directory.installations = [installation(1, at: 1, isDeleted: true)]

        let target = try find(.organization(slug: "acme"))

        #expect(
            target.problem(for: EventType(rawValue: "issue.created"))?.text
                == "Radar was uninstalled from acme on 2023-11-14T22:13:20Z")
        #expect(target.problem(for: .installationDeleted) == nil)
    }

    @Test
    mutating func anUnusableDirectoryIsReported() {
        directory.failure = .unavailable(location: "x", reason: "gone")

        for choice in [DiagnosisTarget.Choice.only, .uuid("i1"), .organization(slug: "acme")] {
            #expect {
                try find(choice)
            } throws: { error in
                if case DiagnosisTarget.Failure.directory = error { true } else { false }
            }
        }
    }
}
