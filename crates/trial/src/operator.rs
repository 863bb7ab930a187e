//! The administration's side: people withdraw, bar, and agree again, each by one call that answers once it holds.

use bytes::Bytes;
use decide::{Days, PowerId};
use http::Method;
use serde_json::{Value, json};

use crate::line::Line;
use crate::place::{Place, UNTIL_DAYS, notice};
use crate::surroundings::now;

/// Why a change does not count as made.
#[derive(Debug)]
pub(crate) enum Unacknowledged {
    /// Nothing came, or not the whole answer, or that the register has stopped: nobody knows whether it holds.
    Cut,
    /// The gateway answered, and not with what a change answers.
    Refused(String),
}

/// One caller of the administration API.
#[derive(Debug)]
pub(crate) struct Operator {
    line: Line,
    token: String,
}

impl Operator {
    pub(crate) fn of(place: &Place) -> Operator {
        Operator {
            line: Line::to(place.addresses.admin),
            token: place.admin_token.clone(),
        }
    }

    /// The person withdraws one power of one partner.
    pub(crate) async fn withdraw(
        &mut self,
        person: &str,
        partner: &str,
        power: PowerId,
    ) -> Result<u64, Unacknowledged> {
        let body = json!({ "person": person, "partner": partner, "power": power });
        self.post("/consents/withdraw", &body).await
    }

    /// The person agrees to one power of one partner.
    pub(crate) async fn consent(
        &mut self,
        person: &str,
        partner: &str,
        power: PowerId,
    ) -> Result<u64, Unacknowledged> {
        let until = now().day().plus(Days(UNTIL_DAYS));
        let body = json!({ "people": [person], "partner": partner, "power": power, "notice": notice(), "until": until });
        self.post("/consents", &body).await
    }

    /// The person wants nothing given to any partner.
    pub(crate) async fn bar(&mut self, person: &str) -> Result<u64, Unacknowledged> {
        self.post("/bars", &json!({ "person": person, "bar": "everything" }))
            .await
    }

    /// The person lifts that.
    pub(crate) async fn lift(&mut self, person: &str) -> Result<u64, Unacknowledged> {
        self.post(
            "/bars/lift",
            &json!({ "person": person, "bar": "everything" }),
        )
        .await
    }

    /// `Ok` only when the gateway has said that it is done: with the register's position.
    async fn post(&mut self, path: &str, body: &Value) -> Result<u64, Unacknowledged> {
        let headers = [("authorization", format!("Bearer {}", self.token))];
        let body = Bytes::from(body.to_string());
        let heard = self.line.ask(Method::POST, path, &headers, body).await;
        match heard {
            Ok(heard) if heard.whole && heard.status == 200 => position(&heard.body),
            Ok(heard) if heard.whole && heard.status != 503 => {
                let said = String::from_utf8_lossy(&heard.body);
                Err(Unacknowledged::Refused(format!(
                    "{path}: {} {said}",
                    heard.status
                )))
            }
            Ok(_) | Err(_) => Err(Unacknowledged::Cut),
        }
    }
}

fn position(body: &[u8]) -> Result<u64, Unacknowledged> {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let position = said.get("position").and_then(Value::as_u64);
    position.ok_or_else(|| Unacknowledged::Refused(format!("answered without a position: {said}")))
}
