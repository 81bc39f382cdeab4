/// A reason to trust a measurement less, and what to do about it.
package struct MeasurementWarning: Hashable, Sendable, Codable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case debugBuild, aboveRoof, coldStart, drift, outliers, disturbed, busyMachine, throttled
        case frequency
        case oversubscription, shortTrials
        case unsteady, wideInterval
        /// Others than the run's workers connected to its address.
        case strangers
        /// The run was stopped or the machine suspended during trials.
        case paused
        /// Another run held processors that this one took.
        case sharedProcessors
        /// The link of a worker is much slower than those of the others.
        case slowLink
        /// A tensor of the input can be read in a second way; the run used the first.
        case doubtfulInput
    }

    package var kind: Kind
    /// The subject, such as `2 workers` or `1 thread`; absent if the warning is about the whole
    /// run.
    package var subject: String?
    /// The observation with its figures; no full stop.
    package var sentence: String
    /// The remedy; no full stop.
    package var remedy: String

    package init(_ kind: Kind, subject: String? = nil, sentence: String, remedy: String) {
        self.kind = kind
        self.subject = subject
        self.sentence = sentence
        self.remedy = remedy
    }
}
