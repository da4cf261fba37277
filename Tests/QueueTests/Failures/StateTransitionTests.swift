import Foundation
import Model
import Queue
import System
import TestSupport
import Testing

/// Claims on changes of state.
@Suite
struct StateTransitionTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private let transition = StateTransition(appID: 7, kind: "disabled", id: "3")

    @Test func ofManyOneWins() throws {
        let winners = Lock<[String]>([])
        let failures = Lock(0)
        let transition = transition

        DispatchQueue.concurrentPerform(iterations: 8) { index in
            do {
                let transitions = StateTransitions(connection: try server.connection())
                guard try transitions.claim(transition, owner: "worker-\(index)") else { return }
                winners.withLock { $0.append("worker-\(index)") }
            } catch {
                failures.withLock { $0 += 1 }
            }
        }

        #expect(winners.withLock(\.count) == 1)
        #expect(failures.withLock { $0 } == 0)
        #expect(try server.integer("DBSIZE") == 1)
        let ttl = try server.integer("TTL", "hookline:{app:7}:transition:disabled:3")
        #expect((86400 - 60...86400).contains(ttl))
    }

    @Test func otherChangesAreClaimedByThemselves() throws {
        let transitions = StateTransitions(connection: try server.connection())
        _ = try transitions.claim(transition, owner: "a")

        for other in [
            StateTransition(appID: 8, kind: "disabled", id: "3"), StateTransition(appID: 7, kind: "warned-50", id: "3"),
            StateTransition(appID: 7, kind: "disabled", id: "4"),
        ] {
            let isClaimed = try transitions.claim(other, owner: "a")
            #expect(isClaimed, "\(other)")
        }
        let isClaimedAgain = try transitions.claim(transition, owner: "a")
        #expect(!isClaimedAgain)
    }

    @Test func onlyTheOwnerCanReleaseAClaim() throws {
        let transitions = StateTransitions(connection: try server.connection())
        _ = try transitions.claim(transition, owner: "a")

        let byOther = try transitions.release(transition, owner: "b")
        let whileClaimed = try transitions.claim(transition, owner: "b")
        let byOwner = try transitions.release(transition, owner: "a")
        let afterwards = try transitions.claim(transition, owner: "b")
        let tooLate = try transitions.release(transition, owner: "a")

        #expect([byOther, whileClaimed, byOwner, afterwards, tooLate] == [false, false, true, true, false])
    }

    @Test func aClaimEndsByItself() throws {
        let transitions = StateTransitions(connection: try server.connection())
        _ = try transitions.claim(transition, owner: "a", lifetimeSeconds: 1)

        try waitUntil("the claim has ended") { try transitions.claim(transition, owner: "b") }
        let isReleased = try transitions.release(transition, owner: "a")

        #expect(!isReleased)
    }

    @Test func onlyTheOwnerCanProlongAClaim() throws {
        let transitions = StateTransitions(connection: try server.connection())
        #expect(try transitions.claim(transition, owner: "a", lifetimeSeconds: 60))

        #expect(try transitions.prolong(transition, owner: "a", lifetimeSeconds: 1000))
        #expect(try !transitions.prolong(transition, owner: "b", lifetimeSeconds: 5))

        #expect(try server.integer("TTL", "hookline:{app:7}:transition:disabled:3") > 900)
    }
}
