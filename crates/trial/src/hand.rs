//! A partner's hand: one connection of one person, a token when one is needed, a fresh proof for every request.

use bytes::Bytes;
use http::{Method, Response};
use hyper::body::Incoming;
use partner::{Client, Gateway, Key, Token};

use crate::broken::{At as _, Result};
use crate::cast::{PARTNERS, Partner};
use crate::line::{Heard, Line};
use crate::place::{Place, connection_id};
use crate::surroundings::of_partner;

/// Asks for one partner on behalf of one person.
#[derive(Debug)]
pub(crate) struct Hand {
    /// Its number in [`PARTNERS`].
    pub(crate) partner: usize,
    client: Client,
    connection: String,
    token: Option<Token>,
    line: Line,
}

impl Hand {
    pub(crate) fn new(place: &Place, partner: usize, connected: usize) -> Result<Hand> {
        let of = PARTNERS.get(partner).at("a partner")?;
        let key =
            Key::from_jwk(&place.party(partner)?.client_key.private_jwk()).at("a partner's key")?;
        let base = format!("http://{}", place.addresses.gateway);
        let gateway = Gateway {
            issuer: base.clone(),
            token_endpoint: format!("{base}/oauth/token"),
            base,
        };
        Ok(Hand {
            partner,
            client: Client::new(of.id, key, gateway, None, of_partner()?),
            connection: connection_id(of, connected)?.to_string(),
            token: None,
            line: Line::to(place.addresses.gateway),
        })
    }

    pub(crate) fn of(&self) -> Result<&'static Partner> {
        PARTNERS.get(self.partner).at("a partner")
    }

    pub(crate) fn connection(&self) -> &str {
        &self.connection
    }

    /// Sees to it that there is a token, so that asking is one request.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        if self.token.is_none() {
            let purpose = self.of()?.purpose;
            let token = self.client.token(Some(&self.connection), purpose).await;
            self.token = Some(token.at("a token")?);
        }
        Ok(())
    }

    /// Reads with the token that [`Hand::ready`] fetched.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Heard> {
        self.ask(Method::GET, path, Bytes::new()).await
    }

    /// Any request. A token that is no longer good is put away, for [`Hand::ready`] to fetch another.
    pub(crate) async fn ask(&mut self, method: Method, path: &str, body: Bytes) -> Result<Heard> {
        self.ask_with(method, path, body, &[]).await
    }

    /// As [`Hand::ask`], with further headers.
    pub(crate) async fn ask_with(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        more: &[(&'static str, String)],
    ) -> Result<Heard> {
        let mut headers = self.proof(&method, path)?;
        headers.extend(more.iter().cloned());
        if !body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let heard = self.line.ask(method, path, &headers, body).await;
        if !heard.as_ref().is_ok_and(|heard| heard.status != 401) {
            self.token = None;
        }
        heard
    }

    /// Opens an answer that is read piece by piece; see [`Line::open`].
    pub(crate) async fn open(&mut self, path: &str) -> Result<Response<Incoming>> {
        let headers = self.proof(&Method::GET, path)?;
        let answer = self.line.open(path, &headers).await;
        if !answer.as_ref().is_ok_and(|answer| answer.status() != 401) {
            self.token = None;
        }
        answer
    }

    /// Closes the connection, whatever is still to come on it.
    pub(crate) fn hang_up(&mut self) {
        self.line.hang_up();
    }

    /// The headers of one request.
    pub(crate) fn proof(&self, method: &Method, path: &str) -> Result<Vec<(&'static str, String)>> {
        let token = self.token.as_ref().at("a token")?;
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        Ok(self
            .client
            .headers(token, method, path)
            .at("a proof")?
            .into())
    }
}
