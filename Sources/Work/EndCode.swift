/// The exit codes: how a command ended, and what its record says about that.
///
/// When several apply, the first of `environment`, `unfinished`, `disagrees`, `mistrusted`,
/// `invalid`, `slower` and `ambiguous` counts. A signal ends a command with 128 + its number.
package enum EndCode {
    package static let done: Int32 = 0
    /// Numbers are wrong.
    package static let disagrees: Int32 = 10
    /// A check proves nothing.
    package static let mistrusted: Int32 = 11
    /// A figure is impossible, or the machine was too busy for a plan that requires a quiet one.
    package static let invalid: Int32 = 12
    /// A compared time is longer.
    package static let slower: Int32 = 20
    /// No compared time is longer, but one may be.
    package static let ambiguous: Int32 = 22
    /// Every worker was lost.
    package static let unfinished: Int32 = 31
    /// This machine lacks something: a file, memory, a permission or the like.
    package static let environment: Int32 = 40
    package static let noBaseline: Int32 = 50
    /// A flag, a plan or the content of a file is wrong.
    package static let usage: Int32 = 64

    /// The codes of a run that ended early: lost workers, the environment, signals.
    package static let early = [unfinished, environment, 129, 130, 143]
}
