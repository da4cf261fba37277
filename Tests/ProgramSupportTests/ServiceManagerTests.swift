import ProgramSupport
import TestSupport
import Testing

@Suite("Messages to the service manager")
struct ServiceManagerTests {
    @Test("go to a socket with a path, and to one without", arguments: [false, true])
    func messages(isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.address])

        manager.tellReady()
        manager.tellAlive()
        manager.tellSuccessor(4711)
        manager.tellStopping()

        #expect(manager.isPresent)
        #expect(socket.waiting.map(\.first) == ["READY=1", "WATCHDOG=1", "MAINPID=4711", "STOPPING=1"])
    }

    @Test(
        "go nowhere where nobody is to hear them",
        arguments: ["", "relative", "vsock:2:1234", "/" + String(repeating: "x", count: 200), "/nonexistent/socket"])
    func nobody(address: String) {
        ServiceManager(environment: ["NOTIFY_SOCKET": address]).tellReady()
    }

    @Test("a successor that could not be told is said, where somebody is to hear of it")
    func untold() {
        #expect(!ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]).tellSuccessor(4711))
        #expect(ServiceManager(environment: [:]).tellSuccessor(4711))
    }
}
