import Delivery
import Dispatch
import Foundation
import WebhookRules

/// Measures the growth of the process by sending.
struct Growth {
    let sender: WebhookSender
    let urls: [String]
    let timeout: Duration

    func report() throws {
        try sendWave()
        let (memory, descriptors) = (residentKilobytes(), descriptorCount())
        for _ in 0..<5 { try sendWave() }
        print(residentKilobytes() - memory, descriptorCount() - descriptors)
        sender.stop(within: .zero)
    }

    /// Each wave has the same number of waiting requests, so that its peak memory is allocated after the first.
    private func sendWave() throws {
        let rounds = 100
        let ended = DispatchSemaphore(value: 0)
        for round in 0..<rounds {
            for (index, url) in urls.enumerated() {
                let webhook = PlannedWebhook(
                    url: url, headers: [(name: "X-Round", value: "\(round)")],
                    body: Array(repeating: 0x78, count: 1024), appID: Int64(index % 5), timeout: timeout)
                try sender.submit(webhook) { _ in ended.signal() }
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
