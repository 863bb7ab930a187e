//! One version: what it grants, its exact document, and the officer's signature, made on the officer's own machine or in
//! the browser. Either way the same code of the register's judges it.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::{OfficerId, Party};
use http::{HeaderValue, Response, header};
use ledger::IdempotencyKey;
use register::documents::agreement;
use register::signature::{Claims, TYP};
use register::{Change, Offered, Side};
use serde_json::json;

use super::failure::Failure;
use super::holder::{Holder, described};
use super::session::Session;
use super::{PATH, SCRIPT, Visit};
use crate::body::Body;
use crate::oauth::Form;
use crate::paper::Paper;
use crate::person::page::{data, html, scripted, see};

#[derive(Template)]
#[template(path = "partner_agreement.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    token: &'a str,
    holder: &'a Holder,
    paper: &'a Paper,
    /// Where its forms go.
    here: String,
    to_sign: bool,
    signers: Vec<Signer>,
    script: &'a str,
}

/// An officer who may sign it, with exactly what they would sign.
struct Signer {
    officer: OfficerId,
    algorithm: &'static str,
    /// Header and payload of the JWS.
    input: String,
}

/// The page of one version.
pub(super) fn page(visit: &Visit<'_>, id: &str, version: &str) -> Result<Response<Body>, Failure> {
    let (session, holder) = visit.inside()?;
    let offered = visit.version(&session, id, version)?;
    let facts = visit.gateway.register.facts();
    let paper = Paper::of(facts, &offered, visit.now).ok_or(Failure::Internal)?;
    let over = matches!(paper.state.state, "ended" | "term-over" | "superseded");
    let to_sign = !over && !offered.signed_by(Party::Partner);
    let signers = if to_sign {
        signers(visit, &session, &offered)?
    } else {
        Vec::new()
    };
    let page = Page {
        visit,
        token: &session.token,
        holder: &holder,
        here: format!("{PATH}/agreements/{}/{}", paper.agreement, paper.version),
        paper: &paper,
        to_sign,
        signers,
        script: SCRIPT,
    };
    let style = &visit.desk.style;
    Ok(if page.signers.is_empty() {
        html(style, &page, None)?
    } else {
        scripted(style, &page, None, Some(&visit.desk.script))?
    })
}

/// The officers whom the document names and whose keys hold.
fn signers(
    visit: &Visit<'_>,
    session: &Session,
    offered: &Offered,
) -> Result<Vec<Signer>, Failure> {
    let document = agreement::parse("agreement", &offered.document.text);
    let document = document.map_err(|_| Failure::Internal)?;
    let book = visit.gateway.register.book();
    let side = Side::Partner(session.partner.clone());
    let named = document.signatories(Party::Partner).iter();
    let all = named.filter_map(|named| {
        let officer = book.officer(&side, &named.officer)?;
        let (algorithm, _) = described(&officer.in_force()?.key)?;
        Some(Signer {
            input: input(visit, offered, &named.officer, algorithm)?,
            officer: named.officer.clone(),
            algorithm,
        })
    });
    Ok(all.collect())
}

/// As `register::signature::sign` makes it, without the signature.
fn input(
    visit: &Visit<'_>,
    offered: &Offered,
    officer: &OfficerId,
    algorithm: &str,
) -> Option<String> {
    let claims = Claims {
        typ: TYP.to_owned(),
        agreement: offered.offer.agreement.clone(),
        version: offered.offer.version,
        digest: offered.offer.digest,
        party: Party::Partner,
        officer: officer.clone(),
        iat: visit.now.0.div_euclid(1000),
    };
    let header = json!({ "typ": "JWT", "alg": algorithm, "kid": officer });
    let encoded = |text: String| URL_SAFE_NO_PAD.encode(text);
    let claims = serde_json::to_string(&claims).ok()?;
    Some(format!(
        "{}.{}",
        encoded(header.to_string()),
        encoded(claims)
    ))
}

/// The exact bytes that are signed, as a file.
pub(super) fn document(
    visit: &Visit<'_>,
    id: &str,
    version: &str,
) -> Result<Response<Body>, Failure> {
    let (session, _) = visit.inside()?;
    let offered = visit.version(&session, id, version)?;
    let mut response = data(offered.document.text.clone());
    let headers = response.headers_mut();
    let yaml = HeaderValue::from_static("application/yaml");
    headers.insert(header::CONTENT_TYPE, yaml);
    let name = format!("attachment; filename=\"{}\"", file_name(&offered));
    let name = HeaderValue::from_str(&name).map_err(|_| Failure::Internal)?;
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

fn file_name(offered: &Offered) -> String {
    format!("{}-{}.yaml", offered.offer.agreement, offered.offer.version)
}

/// Takes a signature in. It must be over this very version and for this partner, whoever else's would be genuine.
pub(super) async fn take(
    visit: &Visit<'_>,
    id: &str,
    version: &str,
) -> Result<Response<Body>, Failure> {
    let form = Form::read(visit.headers, visit.body).map_err(|_| Failure::ForeignForm)?;
    let (session, _) = visit.sender(&form)?;
    let offered = visit.version(&session, id, version)?;
    let jws: String = form
        .get("jws")
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let claims = claimed(&jws).ok_or_else(|| {
        let what = "That is no signature of an agreement. Hand in what `countersign agreement sign` prints: three parts of base64url joined by dots.";
        Failure::Refused(what.to_owned())
    })?;
    let offer = &offered.offer;
    let here = (&offer.agreement, offer.version, Party::Partner);
    if (&claims.agreement, claims.version, claims.party) != here {
        return Err(Failure::Refused(format!(
            "the signature is for the {}, over version {} of agreement {}; here the partner signs version {} of {}",
            match claims.party {
                Party::Platform => "platform",
                Party::Partner => "partner",
            },
            claims.version,
            claims.agreement,
            offer.version,
            offer.agreement
        )));
    }
    let gateway = visit.gateway;
    let key = IdempotencyKey(gateway.entropy.bytes()?);
    gateway
        .take_in(visit.now, Change::SignAgreement { jws }, key)
        .await?;
    Ok(see(&format!(
        "{PATH}/agreements/{}/{}",
        offer.agreement, offer.version
    ))?)
}

/// What a signature claims to be. It is not believed here, the register verifies it; only what would be somebody else's is
/// turned away.
fn claimed(jws: &str) -> Option<Claims> {
    let payload = jws.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

impl Page<'_> {
    fn file(&self) -> String {
        format!("{}-{}.yaml", self.paper.agreement, self.paper.version)
    }
}
