import ProgramSupport
import TestSupport
import Testing

/// Messages to the service manager.
@Suite
struct ServiceManagerTests {
    @Test(arguments: [false, true])
    func goToASocketWithAPathAndToOneWithout(isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.address])

        manager.tellReady()
        manager.tellAlive()
        manager.tellSuccessor(4711)
        manager.tellStopping()

        #expect(manager.isPresent)
        #expect(socket.waiting.map(\.first) == ["READY=1", "WATCHDOG=1", "MAINPID=4711", "STOPPING=1"])
    }

    @Test(arguments: ["", "relative", "vsock:2:1234", "/" + String(repeating: "x", count: 200), "/nonexistent/socket"])
    func goNowhereWhereNobodyIsToHearThem(address: String) {
        ServiceManager(environment: ["NOTIFY_SOCKET": address]).tellReady()
    }

    @Test func aSuccessorThatCouldNotBeToldIsSaidWhereSomebodyIsToHearOfIt() {
        #expect(!ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]).tellSuccessor(4711))
        #expect(ServiceManager(environment: [:]).tellSuccessor(4711))
    }
}
