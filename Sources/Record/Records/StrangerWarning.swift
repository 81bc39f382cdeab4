import Files
import Statistics
import Work

extension MeasurementWarning {
    /// That strangers came to the address of a run, with their counts; nil when there were none.
    init?(of strangers: Strangers, subject: String?, transport: Transport) {
        guard let words = strangers.inWords else { return nil }
        self.init(
            .strangers,
            subject: subject,
            sentence: words,
            remedy: transport == .tcp
                ? "find the program that connects to the run's port, or use --transport ipc"
                : "find the program that connects to the run's socket"
        )
    }
}

extension Strangers {
    /// Refuses counts that no run can have.
    func validate(_ place: RecordPlace) throws(ExperimentError) {
        let range = 0...Int(Int32.max)
        try place.requireCount(refused, "refused", in: range)
        try place.requireCount(wrongTokens, "wrongTokens", in: 0...refused)
        try place.requireCount(unanswered, "unanswered", in: range)
        for (reason, count) in messages.sorted(by: { $0.key < $1.key }) {
            try place.key("messages").requireCount(count, reason, in: 1...Int(Int32.max))
        }
        try place.require(!isEmpty, "counts nothing", expected: "no such field, or a count above 0")
    }
}
