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

    @Test(arguments: [("23.7", "23.7"), ("25.6", "23.7"), ("25.7", "26"), ("26.8", "26")])
    func aReleaseHasTheCatalogueOfItsTime(_ release: String, _ setting: String) throws {
        #expect(try EventCatalogue.of(ProtocolRelease(parsing: release)) == EventCatalogue(setting: setting))
    }

    @Test func theCatalogueOf26_9IsTheContractsAndTheFormerNamesFollow() throws {
        let names = EventCatalogue.of(ProtocolRelease(26, 9)).events.map(\.rawValue)

        #expect(
            Array(names.prefix(34)) == [
                "issue.assigned", "issue.created", "issue.ignored", "issue.resolved", "issue.unresolved",
                "error.created", "comment.created", "comment.deleted", "comment.updated",
                "seer.root_cause_started", "seer.root_cause_completed", "seer.solution_started",
                "seer.solution_completed", "seer.coding_started", "seer.coding_completed", "seer.pr_created",
                "seer.iteration_started", "seer.iteration_completed", "preprod_artifact.size_analysis_completed",
                "preprod_artifact.build_distribution_completed", "event_alert.triggered",
                "activity_alert.triggered", "external_issue.created", "external_issue.linked",
                "installation.created", "installation.deleted", "select_options.requested", "metric_alert.open",
                "metric_alert.resolved", "metric_alert.critical", "metric_alert.warning",
                "alert_rule_action.requested", "alert_rule_action.error", "seer.triage_started",
            ])
        #expect(Set(names).isSuperset(of: EventCatalogue.version26.events.map(\.rawValue)))
        #expect(Set(names).count == names.count)
    }

    @Test func alertsNeedNoSubscriptionTheNewOneNeither() {
        for event: EventType in ["event_alert.triggered", "activity_alert.triggered", "installation.created"] {
            #expect(!event.needsSubscription)
        }
        #expect(EventType(rawValue: "seer.pr_created").needsSubscription)
    }

    @Test func aSubscriptionIsAResourceOrAnEvent() {
        let catalogue = EventCatalogue.version23Dot7

        #expect(
            catalogue.events(subscribedBy: "comment") == ["comment.created", "comment.updated", "comment.deleted"])
        #expect(catalogue.events(subscribedBy: "issue.archived") == ["issue.archived"])
        #expect(catalogue.events(subscribedBy: "nothing").isEmpty)
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
