//! The path of a request: what each of its values means, and the path to ask the platform for.

use crate::api::Me;
use crate::document::percent_encoded;
use crate::error::RequestRefused;
use crate::operation::Operation;
use crate::parameter::{Rule, Segment};

/// A path that was read by an operation's parameters.
#[derive(Debug, Default)]
pub(crate) struct Path {
    /// What to ask the platform for.
    pub(crate) upstream: String,
    /// The same as the partner wrote it: `me` stays `me`.
    pub(crate) partner: String,
    /// Names and values, as the platform is asked.
    pub(crate) values: Vec<(String, String)>,
    /// Categories of what is written, deleted or imported by it.
    pub(crate) touches: Vec<u16>,
    /// Those that name a person: the place in `values`, and the id.
    pub(crate) people: Vec<(usize, String)>,
}

impl Path {
    pub(crate) fn read(
        operation: &Operation,
        values: &[String],
        me: Option<&Me>,
    ) -> Result<Path, RequestRefused> {
        let mut path = Path::default();
        let mut values = values.iter();
        for segment in &operation.template {
            path.upstream.push('/');
            path.partner.push('/');
            match segment {
                Segment::Literal(text) => {
                    percent_encoded(text, &mut path.upstream);
                    percent_encoded(text, &mut path.partner);
                }
                Segment::Parameter(name) => {
                    let sent = values.next().map_or("", String::as_str);
                    path.take(operation, name, sent, me)?;
                }
            }
        }
        Ok(path)
    }

    fn take(
        &mut self,
        operation: &Operation,
        name: &str,
        sent: &str,
        me: Option<&Me>,
    ) -> Result<(), RequestRefused> {
        let rule = operation
            .parameters
            .iter()
            .find(|p| p.in_path && p.name == name)
            .map(|p| &p.rule);
        let value = accepted(rule, name, sent, me)?;
        percent_encoded(value, &mut self.upstream);
        percent_encoded(sent, &mut self.partner);
        if let Some(Rule::Touches(categories)) = rule {
            self.touches.extend(categories);
        }
        if rule == Some(&Rule::Any) {
            self.people.push((self.values.len(), value.to_owned()));
        }
        self.values.push((name.to_owned(), value.to_owned()));
        Ok(())
    }
}

/// What a path parameter's value means.
fn accepted<'v>(
    rule: Option<&Rule>,
    name: &str,
    sent: &'v str,
    me: Option<&'v Me>,
) -> Result<&'v str, RequestRefused> {
    let bad = |expected: &str| RequestRefused::BadValue {
        name: name.to_owned(),
        expected: expected.to_owned(),
    };
    match rule {
        Some(Rule::Own) => match me {
            Some(me) if sent == "me" || sent == me.id => Ok(&me.id),
            _ => Err(RequestRefused::NotTheirOwn {
                name: name.to_owned(),
            }),
        },
        // A step up or none at all would be another path than the one that was routed.
        Some(Rule::Record | Rule::Any | Rule::Touches(_)) if !matches!(sent, "" | "." | "..") => {
            Ok(sent)
        }
        Some(Rule::Record | Rule::Any | Rule::Touches(_)) => Err(bad("an id")),
        Some(Rule::Pass(values)) if values.have_text(sent) => Ok(sent),
        Some(Rule::Pass(values)) => Err(bad(&values.shown())),
        _ => Err(RequestRefused::UnnamedParameter {
            name: name.to_owned(),
        }),
    }
}
