//! Asking a person (docs/connect.md): push what will be asked, send them, take the code they come back with.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::answer::{Answer, CallError};
use crate::client::{Client, Token, form_encoded, wants_nonce};

/// What a person will be asked for: powers of one exact version of one agreement.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The agreement's id.
    pub agreement: String,
    /// The version that governs.
    pub version: u32,
    /// The ids of the powers.
    pub powers: Vec<String>,
    /// Where the person comes back to.
    pub redirect_uri: String,
}

/// A pushed request, while its person is away. It does not print.
#[derive(Clone)]
pub struct Asking {
    /// Where to send the person.
    pub address: String,
    /// What comes back with them unchanged.
    pub state: String,
    verifier: String,
    redirect_uri: String,
}

/// What a person granted. It does not print.
#[derive(Clone)]
pub struct Granted {
    /// For the first calls.
    pub token: Token,
    /// For later tokens, and to end the connection. Worth nothing without the partner's key.
    pub refresh: Arc<str>,
    /// The connection's id.
    pub connection: String,
    /// The ids of the powers that were granted; there may be fewer than were asked for.
    pub powers: Vec<String>,
}

#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

#[derive(Deserialize)]
struct GrantedAnswer {
    access_token: String,
    expires_in: u64,
    refresh_token: String,
    connection: String,
    authorization_details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    powers: Vec<String>,
}

impl Client {
    /// Pushes a request (RFC 9126, 9396, 7636), bound to this client's key.
    ///
    /// # Errors
    /// [`CallError::Refused`] with the gateway's own words where the agreement does not grant it.
    pub async fn push(&self, wish: &Wish) -> Result<Asking, CallError> {
        let (state, verifier) = (self.handle(), self.handle());
        let challenge = B64.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        let details = json!([{
            "type": "countersign_powers",
            "agreement": wish.agreement,
            "version": wish.version,
            "powers": wish.powers,
        }])
        .to_string();
        let form = [
            ("client_id", self.partner()),
            ("response_type", "code"),
            ("redirect_uri", &wish.redirect_uri),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("authorization_details", &details),
        ];
        let base = &self.gateway().base;
        let answer = self.ask(&format!("{base}/oauth/par"), &form).await?;
        let pushed: Pushed = read(&answer, StatusCode::CREATED)?;
        let (partner, handle) = (
            form_encoded(self.partner()),
            form_encoded(&pushed.request_uri),
        );
        Ok(Asking {
            address: format!("{base}/oauth/authorize?client_id={partner}&request_uri={handle}"),
            state,
            verifier,
            redirect_uri: wish.redirect_uri.clone(),
        })
    }

    /// Redeems the code that a person came back with. Whoever calls has compared `state` and `iss`.
    ///
    /// # Errors
    /// [`CallError::Refused`] with the gateway's own words.
    pub async fn redeem(&self, asking: &Asking, code: &str) -> Result<Granted, CallError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &asking.redirect_uri),
            ("code_verifier", &asking.verifier),
        ];
        self.granted(&form).await
    }

    /// A fresh token of the same connection.
    ///
    /// # Errors
    /// [`CallError::Refused`] when the connection has ended.
    pub async fn renew(&self, granted: &Granted, purpose: &str) -> Result<Granted, CallError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &*granted.refresh),
            ("purpose", purpose),
        ];
        self.granted(&form).await
    }

    /// Ends the connection: gives its refresh token back (RFC 7009).
    ///
    /// # Errors
    /// [`CallError::Refused`] with the gateway's own words.
    pub async fn disconnect(&self, granted: &Granted) -> Result<(), CallError> {
        let refresh = Token {
            secret: granted.refresh.clone(),
            lives: 0,
        };
        self.give_back(&refresh).await
    }

    async fn granted(&self, form: &[(&str, &str)]) -> Result<Granted, CallError> {
        let answer = self.ask(&self.gateway().token_endpoint, form).await?;
        let given: GrantedAnswer = read(&answer, StatusCode::OK)?;
        let details = given.authorization_details.into_iter();
        Ok(Granted {
            token: Token {
                secret: given.access_token.into(),
                lives: given.expires_in,
            },
            refresh: given.refresh_token.into(),
            connection: given.connection,
            powers: details.flat_map(|detail| detail.powers).collect(),
        })
    }

    /// Sent again at once, with a new proof, where the gateway asks for a nonce.
    async fn ask(&self, address: &str, form: &[(&str, &str)]) -> Result<Answer, CallError> {
        let answer = self.post_form(address, form).await?;
        if wants_nonce(&answer) {
            return self.post_form(address, form).await;
        }
        Ok(answer)
    }
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Answer, good: StatusCode) -> Result<T, CallError> {
    if answer.status != good {
        return Err(CallError::Refused {
            status: answer.status,
            body: answer.text(),
        });
    }
    serde_json::from_slice(&answer.body).map_err(|error| CallError::NotAToken(error.to_string()))
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").finish_non_exhaustive()
    }
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Granted")
            .field("connection", &self.connection)
            .field("powers", &self.powers)
            .finish_non_exhaustive()
    }
}
