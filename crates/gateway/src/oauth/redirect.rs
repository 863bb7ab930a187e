//! Where a person's browser is sent back to.
//!
//! A partner names the address in its pushed request, which its own key has authenticated (RFC 9126 section 2.4); nobody
//! else can put one in. What could carry more than an address is refused.

use http::Uri;

use super::fault::GrantFault;

const LONGEST: usize = 512;

/// An address of a partner's, fit to send a browser to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    text: String,
    origin: String,
}

impl Redirect {
    /// Reads an address; plain http only on this host, and only if `loopback` says that all of this is a trial there.
    pub(crate) fn read(text: &str, loopback: bool) -> Result<Self, GrantFault> {
        let bad = GrantFault::Redirect;
        if text.len() > LONGEST || text.contains('#') {
            return Err(bad);
        }
        let uri: Uri = text.parse().map_err(|_| bad)?;
        let (scheme, authority) = match (uri.scheme_str(), uri.authority()) {
            (Some(scheme), Some(authority)) => (scheme, authority.as_str()),
            _ => return Err(bad),
        };
        // The origin goes into a header of ours: letters, digits and what hosts need.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        let host = uri.host().unwrap_or_default();
        let fits = match scheme {
            "https" => true,
            "http" => loopback && is_loopback(host),
            _ => false,
        };
        if !fits || host.is_empty() || !authority.bytes().all(plain) {
            return Err(bad);
        }
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            text: text.to_owned(),
        })
    }

    /// The address itself.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port: what a person is told, and the page's policy allows.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The address with these parameters of an authorization response.
    pub(crate) fn with(&self, parameters: &[(&str, &str)]) -> String {
        let joint = if self.text.contains('?') { '&' } else { '?' };
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        format!("{}{joint}{query}", self.text)
    }
}

/// Whether a host is this one, by number.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_an_address_and_nothing_more_is_one() {
        for right in [
            "https://findr.example/back",
            "https://findr.example:8443/back?from=countersign",
            "https://[2001:db8::1]/back",
        ] {
            assert_eq!(Redirect::read(right, false).unwrap().as_str(), right);
        }
        for wrong in [
            "",
            "/back",
            "//findr.example/back",
            "http://findr.example/back",
            "http://127.0.0.1:9000/back",
            "javascript:alert(1)",
            "data:text/html,hello",
            "https://findr.example/back#part",
            "https://ada:secret@findr.example/back",
            "https://findr.example;script-src/back",
            "https://findr.example\\@elsewhere.example/",
            "https://findr.example/ back",
            "https://findr.example/\r\nset-cookie: a=b",
            "https:///back",
        ] {
            assert_eq!(
                Redirect::read(wrong, false),
                Err(GrantFault::Redirect),
                "{wrong}"
            );
        }
        assert!(
            Redirect::read(&format!("https://findr.example/{}", "a".repeat(512)), false).is_err()
        );
    }

    #[test]
    fn on_this_host_a_trial_may_do_without_tls() {
        assert!(Redirect::read("http://127.0.0.1:9000/back", true).is_ok());
        assert!(Redirect::read("http://localhost/back", true).is_err());
        assert!(Redirect::read("http://findr.example/back", true).is_err());
    }

    #[test]
    fn parameters_are_added_to_those_that_are_there() {
        let with = |text| {
            Redirect::read(text, false)
                .unwrap()
                .with(&[("code", "a b"), ("iss", "x&y")])
        };
        assert_eq!(
            with("https://findr.example/back"),
            "https://findr.example/back?code=a+b&iss=x%26y"
        );
        assert_eq!(
            with("https://findr.example/?from=c"),
            "https://findr.example/?from=c&code=a+b&iss=x%26y"
        );
    }
}
