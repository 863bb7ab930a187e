//! Values with units, as the configuration writes them: `"10s"`, `"64KiB"`, `"https://partners.sample.example"`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::uri::{Scheme, Uri};
use serde::Deserialize;

/// A length of time, written with its unit: `"500ms"`, `"10s"`, `"5min"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

/// A number of bytes, written with its unit: `"512B"`, `"64KiB"`, `"8MiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Size(pub usize);

/// Where something can be reached: scheme, host, perhaps a port and a path, and no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl(String);

impl Span {
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The whole milliseconds of it.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Size {
    pub(crate) const fn kib(kib: usize) -> Self {
        Self(kib << 10)
    }
}

impl BaseUrl {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit))
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let span = split_unit(&text).and_then(|(number, unit)| match unit {
            "ms" => Some(Duration::from_millis(number)),
            "s" => Some(Duration::from_secs(number)),
            "min" => Some(Duration::from_secs(number.checked_mul(60)?)),
            _ => None,
        });
        span.map(Self).ok_or_else(|| {
            format!("{text:?} is not a length of time: expected a whole number with ms, s or min, for example \"10s\"")
        })
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let size = split_unit(&text).and_then(|(number, unit)| {
            let number = usize::try_from(number).ok()?;
            match unit {
                "B" => Some(number),
                "KiB" => number.checked_mul(1 << 10),
                "MiB" => number.checked_mul(1 << 20),
                _ => None,
            }
        });
        size.map(Self).ok_or_else(|| {
            format!("{text:?} is not a size: expected a whole number with B, KiB or MiB, for example \"64KiB\"")
        })
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let uri = Uri::from_str(&text).ok().filter(|uri| {
            matches!(uri.scheme(), Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)
                && uri.authority().is_some_and(|a| !a.as_str().contains('@'))
                && uri.query().is_none()
                && !text.ends_with('/')
                && !text.contains('#')
        });
        match uri {
            Some(_) => Ok(Self(text)),
            None => Err(format!(
                "{text:?} is not a base address: expected http:// or https:// with a host, and no query, no user and no slash at the end"
            )),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        let span = |text: &str| Span::try_from(text.to_owned()).map(|span| span.millis());
        assert_eq!(span("500ms"), Ok(500));
        assert_eq!(span("10s"), Ok(10_000));
        assert_eq!(span("5min"), Ok(300_000));
        for wrong in [
            "",
            "10",
            "s",
            "-1s",
            "1.5s",
            "10 s",
            "10S",
            "99999999999999999999s",
        ] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_has_a_unit() {
        let size = |text: &str| Size::try_from(text.to_owned()).map(|size| size.0);
        assert_eq!(size("512B"), Ok(512));
        assert_eq!(size("64KiB"), Ok(65_536));
        assert_eq!(size("8MiB"), Ok(8_388_608));
        for wrong in [
            "",
            "64",
            "64kb",
            "64KB",
            "KiB",
            "-1KiB",
            "99999999999999999999MiB",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_base_address_has_scheme_and_host_and_nothing_that_could_hide_something() {
        for right in ["http://127.0.0.1:9000", "https://api.sample.example/v2"] {
            assert!(BaseUrl::try_from(right.to_owned()).is_ok(), "{right}");
        }
        for wrong in [
            "api.sample.example",
            "ftp://api.sample.example",
            "https://api.sample.example/",
            "https://api.sample.example?x=1",
            "https://ada:secret@api.sample.example",
            "https://api.sample.example#x",
            "",
        ] {
            assert!(BaseUrl::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
