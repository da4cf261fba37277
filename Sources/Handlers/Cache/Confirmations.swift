/// Which answers one thread has compared with its directory, and in which of the directory's epochs.
///
/// One place for each remainder of an answer's number: an answer that loses its place to another is compared again.
struct Confirmations {
    private struct Place {
        var answer = 0
        var epoch = 0
    }

    /// A power of two, so that the remainder is cheap; 4 KiB of memory for each thread.
    private static let placeCount = 256

    private var places = [Place](repeating: Place(), count: placeCount)

    /// Whether the answer was compared in this epoch.
    ///
    /// - Parameter answer: its number, greater than 0.
    func has(_ answer: Int, in epoch: Int) -> Bool {
        let place = places[answer & (Self.placeCount - 1)]
        return place.answer == answer && place.epoch == epoch
    }

    mutating func note(_ answer: Int, in epoch: Int) {
        places[answer & (Self.placeCount - 1)] = Place(answer: answer, epoch: epoch)
    }
}
