import Glibc

/// The UTF-8 locale for one thread: libcurl reads host names of other scripts in the locale's encoding, and in the "C"
/// locale that programs start with it refuses them all.
struct UTF8Locale {
    private let locale: locale_t?
    private let previous: locale_t?

    /// Enters it; a system without such a locale keeps its own.
    init() {
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
        previous = locale.flatMap { uselocale($0) }
    }

    /// Goes back to the thread's locale of before.
    func leave() {
        guard let locale else { return }
        uselocale(previous)
        freelocale(locale)
    }
}
