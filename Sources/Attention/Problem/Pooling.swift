/// How kernel regression weighs the targets of its data, x being the input of a prediction.
package enum Pooling: Hashable, Sendable {
    /// All alike: the prediction is their mean.
    case average
    /// By the Gaussian kernel `softmax(-(x - xᵢ)² / 2)`.
    case gaussian
    /// By `softmax(-((x - xᵢ)w)² / 2)`, whose width w each slice learns from its own data.
    case learned(Training)

    package init<Failure: Error>(
        _ name: PoolingName,
        training: () throws(Failure) -> Training
    ) throws(Failure) {
        self =
            switch name {
            case .average: .average
            case .gaussian: .gaussian
            case .learned: .learned(try training())
            }
    }

    package var name: PoolingName {
        switch self {
        case .average: .average
        case .gaussian: .gaussian
        case .learned: .learned
        }
    }

    package var training: Training? {
        if case .learned(let training) = self { training } else { nil }
    }

    /// w before any training: 0 gives all targets the same weight.
    package var firstWidth: Float { self == .average ? 0 : 1 }
}

/// The name of a pooling, as on the command line.
package enum PoolingName: String, Hashable, Sendable, Codable, CaseIterable {
    case average, gaussian, learned
}

/// Training of the width by gradient descent on the squared error, leave-one-out.
///
/// Each target is predicted from all others. After every epoch, w becomes w − rate · g, g being the
/// derivative of the sum of all squared errors. The sum grows with the data, and so must the rate
/// fall with it.
package struct Training: Hashable, Sendable {
    package var epochs: Int
    package var rate: Float

    package init(epochs: Int = 5, rate: Float = 0.5) {
        self.epochs = epochs
        self.rate = rate
    }

    /// Stages have numbers of 8 bits.
    package static let largestEpochs = 200
    /// Rows whose sums are one result: they do not depend on how rows are shared.
    package static let spanRows = 32
    /// w in the epoch, and of a span's rows the sums of squared errors and of their derivatives.
    package static let sumColumns = 3
}

extension AttentionProblem {
    /// The spans of a slice's data.
    package var trainingSpans: Int {
        (shape.keyLength - 1) / Training.spanRows + 1
    }

    /// The part of `TensorName.training` that an epoch writes of a slice.
    func trainingPart(epoch: Int, slice: Int) -> Int { epoch * shape.sliceCount + slice }
}
