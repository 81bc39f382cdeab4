/// The rank that the program which started this process gave it, and which variable says so.
///
/// Slurm's variable counts only inside a step: in a batch script, and in what `salloc` starts, it says 0
/// to everybody. Inside `salloc`, `mpirun` starts its ranks through a step of its own, which has one number
/// for all of a node; so the variables of MPI come first.
package struct GivenRank: Equatable, Sendable {
    package var rank: Int
    package var variable: String

    package init(rank: Int, variable: String) {
        self.rank = rank
        self.variable = variable
    }

    private static let own = "HEADWISE_RANK"
    private static let step = "SLURM_PROCID"
    private static let variables = [own, "OMPI_COMM_WORLD_RANK", "PMIX_RANK", step]

    /// Looks for a rank; nil where no variable says one.
    ///
    /// `value` is that of a variable; nil where it is not set. Throws where the first that is set holds
    /// something else.
    package static func find(
        _ value: (String) -> String? = environmentValue
    ) throws(RunError) -> GivenRank? {
        let isInStep = value("SLURM_STEP_ID").flatMap { Int($0) } != nil
        for variable in variables {
            guard variable != step || isInStep, let text = value(variable) else { continue }
            guard let rank = Int(text), rank >= 0 else {
                throw RunError(
                    .environment,
                    "\(variable) is “\(text)”, which is no rank: expected a whole number from 0; unset it, "
                        + "or give --rank"
                )
            }
            return GivenRank(rank: rank, variable: variable)
        }
        return nil
    }
}
