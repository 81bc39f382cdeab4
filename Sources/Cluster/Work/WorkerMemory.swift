/// The descriptors of the memory that a worker inherits.
package struct WorkerMemory: Sendable {
    /// To which the worker writes later attempts of shards, and from which the coordinator copies them.
    package var output: Int32?
    /// In which all outputs are gathered: first attempts are written there, and earlier stages read.
    package var gathered: Int32?
    /// In which all workers read the inputs.
    package var inputs: Int32?

    package init(output: Int32? = nil, gathered: Int32? = nil, inputs: Int32? = nil) {
        self.output = output
        self.gathered = gathered
        self.inputs = inputs
    }
}
