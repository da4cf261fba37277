import Delivery
import Dispatch
import Foundation

/// How much a process grows by sending.
struct Growth {
    let sender: WebhookSender
    let urls: [String]

    func report() throws {
        try sendWave()
        let (memory, descriptors) = (residentKilobytes(), descriptorCount())
        for _ in 0..<5 { try sendWave() }
        print(residentKilobytes() - memory, descriptorCount() - descriptors)
        sender.stop(within: .zero)
    }

    /// The same number waits in each wave, so that what a wave needs at its height is there after the first.
    private func sendWave() throws {
        let rounds = 100
        let ended = DispatchSemaphore(value: 0)
        for round in 0..<rounds {
            for (index, url) in urls.enumerated() {
                let request = OutgoingRequest(
                    url: url, headers: [(name: "X-Round", value: "\(round)")],
                    body: Array(repeating: 0x78, count: 1024), appID: Int64(index % 5))
                try sender.submit(request) { _ in ended.signal() }
            }
        }
        for _ in 0..<rounds * urls.count { ended.wait() }
    }

    private func residentKilobytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    private func descriptorCount() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
