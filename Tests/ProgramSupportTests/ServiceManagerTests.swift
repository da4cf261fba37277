import ProgramSupport
import TestSupport
import Testing

/// Messages to the service manager.
@Suite
struct ServiceManagerTests {
    @Test(arguments: [false, true])
    func goToASocketWithAPathAndToAnAbstractOne(isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.address])

        manager.notifyReady()
        manager.notifyAlive()
        manager.notifyMainProcess(4711)
        manager.notifyStopping()

        #expect(manager.isPresent)
        #expect(socket.waiting.map(\.first) == ["READY=1", "WATCHDOG=1", "MAINPID=4711", "STOPPING=1"])
    }

    @Test(arguments: ["", "relative", "vsock:2:1234", "/" + String(repeating: "x", count: 200), "/nonexistent/socket"])
    func areNotSentWithoutASocket(address: String) {
        ServiceManager(environment: ["NOTIFY_SOCKET": address]).notifyReady()
    }

    @Test func aNewProcessThatCouldNotBeReportedIsAnError() {
        #expect(!ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]).notifyMainProcess(4711))
        #expect(ServiceManager(environment: [:]).notifyMainProcess(4711))
    }
}
