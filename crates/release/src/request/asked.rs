//! The query of a request: what each of its parameters may hold, and the query to ask the platform with.

use crate::cursor::Seal;
use crate::document::{percent_decoded, percent_encoded};
use crate::error::RequestRefused;
use crate::extension::PageNote;
use crate::operation::Operation;
use crate::paging::{Paging, Place};
use crate::parameter::{Parameter, Rule};

/// A query that was read by an operation's parameters.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Names and values for the platform.
    upstream: Vec<(String, String)>,
    /// The same as the partner said it, for links.
    partner: Vec<(String, String)>,
    /// Categories that what was asked for shows.
    pub(crate) touches: Vec<u16>,
    size: Option<String>,
    cursor: Option<String>,
}

impl Asked {
    pub(crate) fn read(
        operation: &Operation,
        query: Option<&str>,
        seals: &[(String, Seal)],
    ) -> Result<Asked, RequestRefused> {
        let mut asked = Asked::default();
        let mut met: Vec<String> = Vec::new();
        let of_query = || operation.parameters.iter().filter(|p| !p.in_path);
        for (name, value) in pairs(query.unwrap_or_default())? {
            if met.contains(&name) {
                return Err(RequestRefused::RepeatedParameter { name });
            }
            met.push(name.clone());
            let rule = of_query().find(|p| p.name == name).map(|p| &p.rule);
            asked.take(rule, name, value, seals)?;
        }
        for parameter in of_query() {
            match &parameter.rule {
                Rule::Always(value) => asked.upstream.push((parameter.name.clone(), value.clone())),
                _ if parameter.required && !met.contains(&parameter.name) => {
                    let Parameter { name, .. } = parameter.clone();
                    return Err(RequestRefused::MissingParameter { name });
                }
                _ => {}
            }
        }
        asked.upstream.sort();
        asked.partner.sort();
        Ok(asked)
    }

    pub(crate) fn take(
        &mut self,
        rule: Option<&Rule>,
        name: String,
        value: String,
        seals: &[(String, Seal)],
    ) -> Result<(), RequestRefused> {
        let mut sent = value.clone();
        match rule {
            Some(Rule::Touches(categories)) => self.touches.extend(categories),
            Some(Rule::Pass(values)) if values.have_text(&value) => {}
            Some(Rule::Pass(values)) => {
                return Err(RequestRefused::BadValue {
                    name,
                    expected: values.shown(),
                });
            }
            Some(Rule::Given) => match opened(seals, &name, &value) {
                Some(cursor) => sent = cursor,
                None => return Err(RequestRefused::BadCursor { name }),
            },
            Some(Rule::Size) => {
                self.size = Some(value);
                return Ok(());
            }
            Some(Rule::Cursor) => {
                self.cursor = Some(value);
                return Ok(());
            }
            Some(Rule::Refused | Rule::Own | Rule::Any | Rule::Record | Rule::Always(_)) | None => {
                return Err(RequestRefused::UnnamedParameter { name });
            }
        }
        self.upstream.push((name.clone(), sent));
        self.partner.push((name, value));
        Ok(())
    }

    /// The query for the platform, with its question mark, but for what asks for a page.
    pub(crate) fn upstream(&self) -> String {
        written(&self.upstream)
    }

    /// The same as the partner said it.
    pub(crate) fn partner(&self) -> String {
        written(&self.partner)
    }

    pub(crate) fn paging(
        &self,
        page: &PageNote,
        (upstream, mut partner): (&str, String),
        seal: Seal,
    ) -> Result<Paging, RequestRefused> {
        let name = page.size.clone().unwrap_or_default();
        let size = match &self.size {
            None => page.default_size,
            Some(text) => match text.parse::<u32>() {
                Ok(size) if size >= 1 => size.min(page.max_size),
                _ => {
                    let expected = format!("a number from 1 to {}", page.max_size);
                    return Err(RequestRefused::BadValue { name, expected });
                }
            },
        };
        if self.size.is_some() {
            partner.push(if partner.contains('?') { '&' } else { '?' });
            percent_encoded(&name, &mut partner);
            partner.push_str(&format!("={size}"));
        }
        let place = match &self.cursor {
            None => Place {
                cursor: None,
                skip: 0,
            },
            Some(cursor) => seal.open(cursor).ok_or_else(|| RequestRefused::BadCursor {
                name: page.cursor.clone(),
            })?,
        };
        Ok(Paging {
            size: usize::try_from(size).unwrap_or(usize::MAX),
            max_size: page.max_size,
            size_name: page.size.clone(),
            cursor: page.cursor.clone(),
            upstream: upstream.to_owned(),
            partner,
            at: place.cursor,
            skip: place.skip,
            seal,
            link: page.link,
        })
    }
}

/// The platform's cursor in one that a member gave.
fn opened(seals: &[(String, Seal)], name: &str, value: &str) -> Option<String> {
    let (_, seal) = seals.iter().find(|(known, _)| known == name)?;
    seal.open(value)?.cursor
}

fn written(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        out.push(if out.is_empty() { '?' } else { '&' });
        percent_encoded(name, &mut out);
        out.push('=');
        percent_encoded(value, &mut out);
    }
    out
}

/// Names and values of a query, decoded; `+` is a blank, as in forms.
pub(crate) fn pairs(query: &str) -> Result<Vec<(String, String)>, RequestRefused> {
    let decoded =
        |text: &str| percent_decoded(&text.replace('+', " ")).ok_or(RequestRefused::BadEncoding);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}
