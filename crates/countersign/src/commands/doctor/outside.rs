//! What lies outside: the certificate towards partners, and the platform's API.

use decide::{Days, Time};
use gateway::Config;
use release::Api;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use simple_asn1::{ASN1Block, from_der};

use super::Findings;
use crate::commands::runtime;
use crate::surroundings::now;

/// A certificate that ends within this is told of.
const SOON: Days = Days(21);

/// When the certificate ends.
pub(super) fn certificate(config: &Config, found: &mut Findings) {
    let Some(tls) = &config.listen.tls else {
        return found.note(
            "certificate",
            "partners are served in plaintext, as the configuration says",
            "see that something on this host ends TLS",
        );
    };
    let chain = CertificateDer::pem_slice_iter(&tls.certificates);
    let ends: Option<Vec<Time>> = chain.map(|one| not_after(&one.ok()?)).collect();
    let (now, Some(ends)) = (now(), ends.and_then(|ends| ends.into_iter().min())) else {
        return found.wrong(
            "certificate",
            "the chain cannot be read, or is empty",
            "put the certificates there in PEM, the gateway's own first",
        );
    };
    if ends <= now {
        found.wrong(
            "certificate",
            format!("the chain ended at {ends}: no partner can connect"),
            "renew it, and start the gateway again",
        );
    } else if ends <= now.plus(SOON) {
        found.note(
            "certificate",
            format!("the chain ends at {ends}"),
            "renew it",
        );
    } else {
        found.well("certificate", format!("good until {ends}"));
    }
}

/// When a certificate ends: the second of the two times of its validity, which is the one pair of times among the parts
/// of what is signed (RFC 5280, section 4.1).
fn not_after(certificate: &[u8]) -> Option<Time> {
    let parts = |block: &ASN1Block| match block {
        ASN1Block::Sequence(_, parts) => Some(parts.clone()),
        _ => None,
    };
    let whole = from_der(certificate).ok()?;
    let signed = parts(parts(whole.first()?)?.first()?)?;
    let seconds = |block: &ASN1Block| match block {
        ASN1Block::UTCTime(_, time) | ASN1Block::GeneralizedTime(_, time) => {
            Some(time.assume_utc().unix_timestamp())
        }
        _ => None,
    };
    let until = signed.iter().filter_map(parts).find_map(|pair| {
        let [from, until] = pair.as_slice() else {
            return None;
        };
        seconds(from)?;
        seconds(until)
    })?;
    Some(Time(until.saturating_mul(1000)))
}

/// Whether the platform answers, and with JSON.
pub(super) fn platform(config: &Config, api: Option<&Api>, found: &mut Findings) {
    // A read without anything to fill in; the root of the API where there is none.
    let operations = api.map(Api::operations).unwrap_or_default();
    let plain = operations
        .iter()
        .find(|operation| operation.method() == "GET" && !operation.path().contains('{'));
    let target = plain.map_or("/", |operation| operation.path());
    let base = config.platform.upstream.as_str();
    let probed = match runtime() {
        Ok(runtime) => runtime.block_on(gateway::probe(config, target)),
        Err(failure) => return found.unknown("platform", failure, "try again"),
    };
    match probed {
        Err(error) => found.wrong(
            "platform",
            format!("{base}{target}: {error}"),
            "start the platform's API, or correct [platform] upstream and authorities",
        ),
        Ok(probed) if probed.status == 401 || probed.status == 403 => found.wrong(
            "platform",
            format!(
                "{base}{target}: status {}: it does not take the gateway's credential",
                probed.status
            ),
            "correct [platform] token",
        ),
        Ok(probed) if probed.status >= 500 => found.wrong(
            "platform",
            format!("{base}{target}: status {}", probed.status),
            "look at the platform's API",
        ),
        Ok(probed) if !probed.is_json => found.note(
            "platform",
            format!("{base}{target}: status {}, and not JSON", probed.status),
            "nothing if it is an answer for people; an answer to a partner must be JSON",
        ),
        Ok(probed) => found.well(
            "platform",
            format!("{base}{target}: status {}, JSON", probed.status),
        ),
    }
}
