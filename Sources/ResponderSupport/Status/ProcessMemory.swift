import Handlers
import ProgramSupport
import System

/// The memory of this process as the kernel counts it.
enum ProcessMemory {
    /// Nil where `/proc/self/status` cannot be read.
    static func now() -> ProcessStatus.Memory? {
        (try? TextFile(path: "/proc/self/status").read()).flatMap(read)
    }

    /// Reads the lines `VmHWM: 1234 kB` and `VmRSS: 1234 kB`; nil when one of them is missing.
    static func read(_ text: String) -> ProcessStatus.Memory? {
        var bytes: [Substring: Int64] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count == 3, words[2] == "kB", let kilobytes = Int64(words[1]) else { continue }
            bytes[words[0]] = kilobytes * 1024
        }
        guard let resident = bytes["VmRSS:"], let peak = bytes["VmHWM:"] else { return nil }
        return ProcessStatus.Memory(resident: resident, peak: peak)
    }
}
