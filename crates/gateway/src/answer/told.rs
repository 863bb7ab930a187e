//! What a partner is told when the plan refuses its request, or the platform's answer.

use release::{AnswerRefused, RequestRefused};

use crate::problem::Problem;

impl From<RequestRefused> for Problem {
    /// The request is the partner's own, so what is wrong with it may be told.
    fn from(refused: RequestRefused) -> Problem {
        match refused {
            RequestRefused::UnnamedParameter { name }
            | RequestRefused::RepeatedParameter { name }
            | RequestRefused::MissingParameter { name }
            | RequestRefused::BadValue { name, .. } => Problem::BadParameter(name),
            RequestRefused::UnnamedMember { at }
            | RequestRefused::RepeatedMember { at }
            | RequestRefused::MissingMember { at }
            | RequestRefused::BadMember { at, .. } => Problem::BadMember(at),
            RequestRefused::BodyNotTaken => {
                Problem::MalformedRequest("This operation takes no body. Send none.")
            }
            RequestRefused::BodyMissing => {
                Problem::MalformedRequest("This operation needs a body. Send one in JSON.")
            }
            RequestRefused::BodyNotJson { .. } => {
                Problem::MalformedRequest("The body is not JSON in UTF-8. Correct it.")
            }
            // Somebody else's id is answered like an id that does not exist.
            RequestRefused::NotTheirOwn { .. } => Problem::NotFound,
            RequestRefused::BadCursor { .. } => Problem::BadCursor,
            RequestRefused::NobodyConnected => Problem::WrongBehalf,
            RequestRefused::NotARead => Problem::Internal,
            _ => Problem::MalformedRequest("The query cannot be read. Encode it as RFC 3986 says."),
        }
    }
}

impl From<AnswerRefused> for Problem {
    /// The platform's answer is not the partner's business; the operator has the reason.
    fn from(refused: AnswerRefused) -> Problem {
        tracing::warn!(%refused, "the platform's answer was refused whole");
        Problem::PlatformFailed
    }
}
