import Handlers
import Model
import TestSupport
import Testing

/// The original's tests of `stats/` (docs/protocol.md 10.5), and the rules of docs/protocol.md 4.1.
@Suite struct StatisticsTests {
    private func fixture(_ installations: [(app: Int64, added: String, deleted: String?)]) -> HandlersFixture {
        var fixture = HandlersFixture()
        for (index, installation) in installations.enumerated() {
            fixture.directory.installations.append(
                Installation(
                    id: Int64(index), appID: installation.app, organizationID: HandlersFixture.acme, uuid: "",
                    dateAdded: Timestamp(parsing: installation.added) ?? HandlersFixture.now,
                    dateDeleted: installation.deleted.flatMap { Timestamp(parsing: $0) }))
        }
        return fixture
    }

    @Test(arguments: [
        (HandlersFixture.superuser, "globex-app", 200), (HandlersFixture.superuser, "globex-draft", 200),
        (HandlersFixture.owner, "pub-app", 200),
        (HandlersFixture.owner, "globex-app", 403), (HandlersFixture.member, "draft-app", 200),
        (HandlersFixture.owner, "int-app", 200),
        (HandlersFixture.outsider, "pub-app", 403),
    ])
    func accessIsThatOfTheRequestLog(_ user: String, _ slug: String, _ status: Int) {
        #expect(HandlersFixture().get("\(slug)/stats/", as: user).status == status)
    }

    @Test func anInstallationCountsInTheHourItWasMade() {
        let response = fixture([(10, "2023-07-20 11:30:00+00:00", nil)]).get("pub-app/stats/")

        #expect(response.json?["totalInstalls"].integer == 1)
        #expect(response.json?["totalUninstalls"].integer == 0)
        #expect(response.text.contains("[1689850800,1],[1689854400,0]]"))
        #expect(response.json?["installStats"].elements.count == 24)
        #expect(response.json?["uninstallStats"].elements.count == 24)
    }

    @Test func anAppWithoutInstallationsHasZeros() {
        let response = HandlersFixture().get("globex-draft/stats/", as: HandlersFixture.superuser)

        #expect(response.json?["totalInstalls"].integer == 0)
        #expect(response.json?["totalUninstalls"].integer == 0)
    }

    @Test func onlyInstallationsMadeInTheRangeAreCharted() {
        let fixture = fixture([
            (10, "2023-07-20 11:59:59+00:00", "2023-07-20 12:00:00+00:00"),
            (10, "2023-07-01 00:00:00+00:00", "2023-07-20 11:30:00+00:00"), (11, "2023-07-20 11:59:59+00:00", nil),
        ])

        let response = fixture.get("pub-app/stats/", "since=1689850800&until=1689854400")

        #expect(
            response.text.hasPrefix(#"{"totalInstalls":2,"totalUninstalls":2,"installStats":[[1689850800,0],"#))
        let charted = response.json?["installStats"].elements.map { $0.elements.last?.integer ?? 0 }.reduce(0, +)
        let removed = response.json?["uninstallStats"].elements.map { $0.elements.last?.integer ?? 0 }.reduce(0, +)
        #expect(charted == 1)
        #expect(removed == 1)
    }

    @Test func theResolutionIsCheckedAndHasNoEffect() {
        let fixture = HandlersFixture()

        #expect(fixture.get("pub-app/stats/", "resolution=1x").detail == "Invalid resolution")
        #expect(fixture.get("pub-app/stats/", "resolution=10s").text == fixture.get("pub-app/stats/").text)
    }
}
