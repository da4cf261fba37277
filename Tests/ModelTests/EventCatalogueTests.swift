import Model
import Testing

@Suite struct EventCatalogueTests {
    @Test func theCatalogueOf23_7IsTheContractsInItsOrder() {
        #expect(
            EventCatalogue(setting: "23.7")?.events.map(\.rawValue) == [
                "issue.created", "issue.resolved", "issue.ignored", "issue.assigned", "error.created",
                "comment.created", "comment.updated", "comment.deleted", "event_alert.triggered",
                "external_issue.created", "external_issue.linked", "installation.created", "installation.deleted",
                "select_options.requested", "metric_alert.open", "metric_alert.resolved", "metric_alert.critical",
                "metric_alert.warning", "alert_rule_action.requested", "alert_rule_action.error",
            ])
    }

    @Test func theNewestCatalogueHasEveryEventOf23_7AndMoreEachOnce() throws {
        let newest = try #require(EventCatalogue(setting: "26"))

        #expect(newest == .version26)
        #expect(Set(newest.events).count == newest.events.count)
        #expect(Set(newest.events).isSuperset(of: EventCatalogue.version23Dot7.events))
        #expect(newest.events.first == "issue.assigned")
        #expect(newest.contains("seer.pr_created"))
        #expect(!EventCatalogue.version23Dot7.contains("seer.pr_created"))
    }

    @Test func aListKeepsItsOrderWithoutSpacesAroundNamesAndWithoutRepetition() {
        #expect(
            EventCatalogue(setting: "b.two, a.one ,b.two,x_1.y_2")?.events == ["b.two", "a.one", "x_1.y_2"])
    }

    @Test(arguments: [
        "", " ", ",", "issue", "issue.", ".created", "issue.created,", "Issue.created", "issue.created.x",
        "issue created", "issue.cre ated", "issue.{1}", "issue.créé", "23.8,", "issue.created\n", "a.b,,c.d",
    ])
    func whatIsNotAListOfEventNamesIsNoCatalogue(setting: String) {
        #expect(EventCatalogue(setting: setting) == nil)
    }
}
