//! Forms (`application/x-www-form-urlencoded`) in which every parameter stands once.

use std::borrow::Cow;

use http::{HeaderMap, header};

use super::fault::GrantFault;

/// Parameters that a form may have.
const MOST: usize = 16;

/// A form's parameters.
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Reads a form; one in which a parameter stands twice is none (RFC 6749 section 3.2).
    pub(crate) fn read(headers: &HeaderMap, body: &'a [u8]) -> Result<Self, GrantFault> {
        Self::check_type(headers)?;
        Self::of(body, MOST)
    }

    fn check_type(headers: &HeaderMap) -> Result<(), GrantFault> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|text| text.split(';').next());
        if essence.map(str::trim) != Some("application/x-www-form-urlencoded") {
            return Err(GrantFault::Form);
        }
        Ok(())
    }

    /// Reads the form of a page with up to so many parameters more than usual.
    pub(crate) fn read_long(
        headers: &HeaderMap,
        body: &'a [u8],
        more: usize,
    ) -> Result<Self, GrantFault> {
        Self::check_type(headers)?;
        Self::of(body, MOST + more)
    }

    /// Reads the query of an address by the same rules.
    pub(crate) fn of_query(query: &'a str) -> Result<Self, GrantFault> {
        Self::of(query.as_bytes(), MOST)
    }

    fn of(body: &'a [u8], most: usize) -> Result<Self, GrantFault> {
        // Counted before they are compared: whoever sends this is not known yet.
        let pairs: Vec<_> = form_urlencoded::parse(body).take(most + 1).collect();
        if pairs.len() > most {
            return Err(GrantFault::Form);
        }
        let twice = pairs
            .iter()
            .enumerate()
            .any(|(n, (name, _))| pairs.iter().skip(n + 1).any(|(other, _)| other == name));
        if twice {
            return Err(GrantFault::Form);
        }
        Ok(Self(pairs))
    }

    /// A parameter; an empty one counts as not sent (RFC 6749 section 3.2).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_ref())
    }

    /// Whether only these parameters are there.
    pub(crate) fn has_only(&self, names: &[&str]) -> bool {
        self.0
            .iter()
            .all(|(name, _)| names.contains(&name.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: usize) -> Result<(), GrantFault> {
        let mut headers = HeaderMap::new();
        let form = header::HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        let pairs: Vec<String> = (0..parameters).map(|n| format!("p{n}=x")).collect();
        Form::read(&headers, pairs.join("&").as_bytes()).map(|_| ())
    }

    #[test]
    fn a_form_has_sixteen_parameters_at_most() {
        assert!(read(0).is_ok());
        assert!(read(16).is_ok());
        assert!(matches!(read(17), Err(GrantFault::Form)));
        // Whoever sends this is a stranger: it is not compared pair by pair.
        assert!(matches!(read(10_000), Err(GrantFault::Form)));
    }
}
