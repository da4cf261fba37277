import System
import Testing

struct NameResolverTests {
    @Test func namesOfTheHostsFileAndAddressesAreResolved() throws {
        let deadline = MonotonicTime.now().adding(seconds: 20)

        #expect(try NameResolver.addresses(of: "localhost", by: deadline).contains(.v4(0x7F00_0001)))
        #expect(try NameResolver.addresses(of: "10.1.2.3", by: deadline) == [.v4(0x0A01_0203)])
        #expect(try NameResolver.addresses(of: "::1", by: deadline) == [.v6(0, 1)])
    }

    @Test func aLookUpWhoseDeadlineHasPassedIsATimeout() {
        let error = #expect(throws: NameResolver.Problem.self) {
            try NameResolver.addresses(of: "name.invalid", by: MonotonicTime(microseconds: 1))
        }
        #expect(error?.isTimeout == true)
    }
}
