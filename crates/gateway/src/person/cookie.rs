//! The cookies, one for people and one for partners: a session's handle.

use http::{HeaderMap, HeaderValue, header};

/// How the cookie is called and written.
#[derive(Debug)]
pub(crate) struct Cookie {
    name: &'static str,
    attributes: &'static str,
}

impl Cookie {
    /// With the `__Host-` prefix wherever people come by https: no other host and no plain connection can set it. On
    /// this host by plain http, which the configuration allows for trials alone, browsers would not take it by that name.
    pub(crate) fn new(public_url: &str) -> Self {
        if public_url.starts_with("https:") {
            Self {
                name: "__Host-countersign",
                attributes: "; Path=/; HttpOnly; SameSite=Lax; Secure",
            }
        } else {
            Self {
                name: "countersign",
                attributes: "; Path=/; HttpOnly; SameSite=Lax",
            }
        }
    }

    /// The one of a partner's desk, which no other site's link brings along.
    pub(crate) fn of_partners(public_url: &str) -> Self {
        if public_url.starts_with("https:") {
            Self {
                name: "__Host-countersign-partner",
                attributes: "; Path=/; HttpOnly; SameSite=Strict; Secure",
            }
        } else {
            Self {
                name: "countersign-partner",
                attributes: "; Path=/; HttpOnly; SameSite=Strict",
            }
        }
    }

    /// The cookie of those at the administration. Browsers do not tell ports apart, so it is another name than people's; it
    /// comes with no request from another site, and its listener has no TLS of its own.
    pub(crate) fn of_staff() -> Self {
        Self {
            name: "countersign-staff",
            attributes: "; Path=/; HttpOnly; SameSite=Strict",
        }
    }

    /// The value, if there is one cookie of the name. Two are none: one of them was planted.
    pub(crate) fn value(&self, headers: &HeaderMap) -> Option<String> {
        let lines = headers.get_all(header::COOKIE).iter();
        let pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == self.name).then_some(value)
        });
        match (values.next(), values.next()) {
            (Some(value), None) if value.len() <= 64 => Some(value.to_owned()),
            _ => None,
        }
    }

    /// The header that sets it.
    pub(crate) fn set(&self, value: &str) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("{}={value}{}", self.name, self.attributes)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_two_of_the_name_are_none() {
        let cookie = Cookie::new("https://partners.sample.example");
        let value = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            cookie.value(&headers)
        };
        assert_eq!(value(&["a=b; __Host-countersign=x"]).as_deref(), Some("x"));
        assert_eq!(
            value(&["a=b", "__Host-countersign=x; c=d"]).as_deref(),
            Some("x")
        );
        assert_eq!(value(&["countersign=x"]), None);
        assert_eq!(value(&["__Host-countersign=x; __Host-countersign=y"]), None);
        assert_eq!(value(&[]), None);
    }
}
