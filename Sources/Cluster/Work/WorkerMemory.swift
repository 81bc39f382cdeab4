/// The descriptors of the memory that a worker inherits.
package struct WorkerMemory: Sendable {
    /// To which the worker writes its output, and from which the coordinator reads it.
    package var output: Int32?
    /// In which the coordinator gathers the outputs of earlier stages.
    package var gathered: Int32?
    /// In which all workers read the inputs.
    package var inputs: Int32?

    package init(output: Int32? = nil, gathered: Int32? = nil, inputs: Int32? = nil) {
        self.output = output
        self.gathered = gathered
        self.inputs = inputs
    }
}
