//! The addresses that are the gateway's own on the partners' listener. An API of which an operation lies at one of them
//! is refused on loading: the page would answer in the operation's place.

use release::Api;

use crate::asking::ASKED_PATH;
use crate::oauth::{AUTHORIZE_PATH, INTROSPECT_PATH, PAR_PATH, REVOKE_PATH, TOKEN_PATH};
use crate::partner_desk;
use crate::person::{CALLBACK_PATH, CONNECT_PATH, DESK_PATH, LOGOUT_PATH};
use crate::public;

/// What is ours.
#[derive(Clone, Copy)]
enum Ours {
    /// This address.
    At(&'static str),
    /// This address, and everything below it.
    Below(&'static str),
}

const ALWAYS: [Ours; 7] = [
    Ours::At("/healthz"),
    Ours::At("/.well-known/oauth-authorization-server"),
    Ours::At(TOKEN_PATH),
    Ours::At(REVOKE_PATH),
    Ours::At(INTROSPECT_PATH),
    Ours::Below(public::PATH),
    Ours::Below(partner_desk::PATH),
];

/// Where people log in only.
const FOR_PEOPLE: [Ours; 9] = [
    Ours::At(PAR_PATH),
    Ours::At(AUTHORIZE_PATH),
    Ours::At(CALLBACK_PATH),
    Ours::At(CONNECT_PATH),
    Ours::Below(DESK_PATH),
    Ours::At(LOGOUT_PATH),
    Ours::Below(ASKED_PATH),
    // Whatever else is below /notices is not ours; a parameter there could be a digest.
    Ours::At("/notices/SHA-256"),
    Ours::At("/.well-known/gpc.json"),
];

/// An operation that nobody could call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shadowed {
    pub(crate) operation: String,
    /// Its path, with its templates.
    pub(crate) path: String,
    /// The address of ours that is met by it.
    pub(crate) ours: &'static str,
}

/// The first operation that lies at an address of ours.
pub(crate) fn shadowed(api: &Api, people_log_in: bool) -> Option<Shadowed> {
    let more: &[Ours] = if people_log_in { &FOR_PEOPLE } else { &[] };
    api.operations().iter().find_map(|operation| {
        let ours = ALWAYS.iter().chain(more);
        let met = ours.copied().find(|ours| meets(operation.path(), *ours))?;
        let (Ours::At(ours) | Ours::Below(ours)) = met;
        Some(Shadowed {
            operation: operation.id().to_owned(),
            path: operation.path().to_owned(),
            ours,
        })
    })
}

/// Whether some request for this template's operation would have an address of ours.
fn meets(template: &str, ours: Ours) -> bool {
    let (Ours::At(address) | Ours::Below(address)) = ours;
    let length = |path: &str| path.split('/').count();
    let fits = match ours {
        Ours::At(_) => length(template) == length(address),
        Ours::Below(_) => length(template) >= length(address),
    };
    let mut segments = template.split('/').zip(address.split('/'));
    fits && segments.all(|(segment, text)| could_be(segment, text))
}

/// Whether a segment of a template can be this text: `{id}` any, `@{name}` what begins so.
fn could_be(segment: &str, text: &str) -> bool {
    match (segment.split_once('{'), segment.rsplit_once('}')) {
        (Some((before, _)), Some((_, after))) => {
            text.len() > before.len() + after.len()
                && text.starts_with(before)
                && text.ends_with(after)
        }
        _ => segment == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_meets_what_a_value_of_its_could_be() {
        let cases = [
            ("/desk", Ours::At("/desk"), true),
            ("/desk/{id}", Ours::At("/desk"), false),
            ("/{id}", Ours::At("/desk"), true),
            ("/@{name}", Ours::At("/desk"), false),
            ("/d{name}", Ours::At("/desk"), true),
            ("/{id}/callback", Ours::At("/login/callback"), true),
            ("/{id}/posts", Ours::At("/login/callback"), false),
            ("/public", Ours::Below("/public"), true),
            ("/public/timeline", Ours::Below("/public"), true),
            ("/publications", Ours::Below("/public"), false),
            ("/notices", Ours::At("/notices/SHA-256"), false),
            ("/notices/latest", Ours::At("/notices/SHA-256"), false),
            ("/notices/{notice}", Ours::At("/notices/SHA-256"), true),
            ("/{owner}/{repository}", Ours::Below("/public"), true),
            ("/v1/public/partners", Ours::Below("/public"), false),
            ("/", Ours::Below("/public"), false),
        ];
        for (template, ours, expected) in cases {
            assert_eq!(meets(template, ours), expected, "{template}");
        }
    }
}
