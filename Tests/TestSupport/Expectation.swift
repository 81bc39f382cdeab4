import Files
import Testing

@discardableResult package func expectRefusal(
    _ failure: ExperimentError.Failure? = nil,
    of subject: String? = nil,
    naming parts: String...,
    sourceLocation: SourceLocation = #_sourceLocation,
    by body: () throws -> Void
) -> ExperimentError? {
    expectRefusal(failure, of: subject, naming: parts, sourceLocation: sourceLocation, by: body)
}

/// Expects `body` to be refused, with all of `parts` in the one sentence that says so.
@discardableResult package func expectRefusal(
    _ failure: ExperimentError.Failure? = nil,
    of subject: String? = nil,
    naming parts: [String],
    sourceLocation: SourceLocation = #_sourceLocation,
    by body: () throws -> Void
) -> ExperimentError? {
    do {
        try body()
        Issue.record("was not refused", sourceLocation: sourceLocation)
    } catch let error as ExperimentError {
        if let failure {
            #expect(error.failure == failure, "\(error)", sourceLocation: sourceLocation)
        }
        if let subject {
            #expect(error.subject == subject, "\(error)", sourceLocation: sourceLocation)
        }
        for part in parts {
            let isNamed = error.description.contains(part)
            #expect(isNamed, "\(error) names no “\(part)”", sourceLocation: sourceLocation)
        }
        #expect(!error.expected.isEmpty && !error.remedy.isEmpty, sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("threw \(error)", sourceLocation: sourceLocation)
    }
    return nil
}
