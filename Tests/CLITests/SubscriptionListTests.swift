import Foundation
import Model
import TestSupport
import Testing

/// The page of an app's settings offers the events that an app can subscribe to.
struct SubscriptionListTests {
    @Test func thePageLeavesOutTheEventsWithoutASubscription() throws {
        let root = #filePath.components(separatedBy: "/Tests/")[0]
        let script = try String(contentsOfFile: root + "/nginx/www/js/subscriptions.js", encoding: .utf8)
        let start = try #require(script.range(of: "new Set(["))
        let end = try #require(script.range(of: "]);", range: start.upperBound..<script.endIndex))
        let listed = script[start.upperBound..<end.lowerBound].split(separator: "\"").map(String.init)
            .filter { $0.contains(".") }

        let all = EventCatalogue.version23Dot7.events + ["activity_alert.triggered"]
        #expect(Set(listed) == Set(all.filter { !$0.needsSubscription }.map(\.rawValue)))
        #expect(listed.count == 13)
    }
}
