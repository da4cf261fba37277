import CSystem

/// Whether the kernel may write this process's memory to a file after a crash, and whether a debugger of the same user
/// may attach. The memory holds passwords, tokens and the secrets that webhooks are signed with.
///
/// `LimitCORE=0` alone does not prevent a dump that the kernel passes to a program (`core_pattern` with a pipe).
package enum CoreDumps {
    /// To be called first of all in a program: before a secret is read.
    package static func forbid() {
        set(false)
    }

    /// For debugging; see `Setting.coreDumps`.
    package static func allow() {
        set(true)
    }

    /// `prctl` fails for invalid arguments only.
    private static func set(_ isAllowed: Bool) {
        _ = hookline_set_dumpable(isAllowed ? 1 : 0)
    }
}
