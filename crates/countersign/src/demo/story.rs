//! What happens in the demo: everybody asks, then one person withdraws, then the same is asked again.

use std::collections::BTreeSet;

use decide::{Asker, Behalf, Verb};
use partner::{Client, Token};
use sample::{PersonNo, Record, World};
use serde_json::{Value, json};

use super::ask::{self, Got, unavailable};
use super::cast::{Ask, PARTNERS, Partner, Path};
use super::history::{connection_id, powers};
use super::table::Row;
use super::why::{Why, ask_again};
use crate::commands::withdraw;
use crate::door::Admin;
use crate::exit::{Exit, Failure};
use crate::output::thousands;
use crate::progress::Progress;
use crate::wiring::Wired;

/// Everything that the story needs.
pub(super) struct Stage<'a> {
    pub(super) world: &'a World,
    pub(super) wired: &'a Wired,
    /// In the order of [`PARTNERS`].
    pub(super) clients: &'a [Client],
    pub(super) connected: &'a [PersonNo],
    pub(super) admin: &'a Admin,
}

/// A withdrawal, and the call before and after it.
#[derive(Debug)]
pub(super) struct Withdrawal {
    /// Who withdrew.
    name: String,
    /// The platform's id of them.
    id: String,
    partner: &'static Partner,
    before: u64,
    after: u64,
    /// The id of somebody who is still in the answer.
    another: String,
    /// Whether anything that identifies them still stood in an answer afterwards.
    still_there: bool,
}

impl Stage<'_> {
    /// Every partner asks for everything, on behalf of everybody who connected it.
    pub(super) async fn everybody_asks(
        &self,
        progress: &mut Progress,
    ) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        for (partner, client) in PARTNERS.iter().zip(self.clients) {
            let mut of_partner: Vec<Row> = partner
                .asks
                .iter()
                .map(|ask| Row::new(partner, ask))
                .collect();
            let mut then: Vec<BTreeSet<PersonNo>> = vec![BTreeSet::new(); partner.asks.len()];
            for (number, me) in self.connected.iter().enumerate() {
                let connection = connection_id(partner, number)?;
                let token = client
                    .token(Some(connection.as_str()), partner.purpose)
                    .await
                    .map_err(unavailable)?;
                let mut threads = Vec::new();
                for (row, then) in of_partner.iter_mut().zip(&mut then) {
                    let got = self
                        .one_asks(client, &token, row.ask, *me, &threads)
                        .await?;
                    if row.ask.operation == "listThreads" {
                        threads.clone_from(&got.ids);
                    }
                    progress.at(format_args!("{} asks for {}", partner.name, row.ask.what));
                    let records = self.world.records(row.ask.operation, *me);
                    row.then.1 += records.len() as u64;
                    then.extend(
                        records
                            .iter()
                            .flat_map(|r| r.concerns.iter().chain(&r.mentions)),
                    );
                    then.remove(me);
                    row.now.add(got);
                    row.why
                        .add(self.why(partner, row.ask, &connection, *me, &records)?);
                }
            }
            for (row, then) in of_partner.iter_mut().zip(then) {
                row.then.0 = then.len() as u64;
            }
            progress.done(format_args!("{} has asked", partner.name));
            rows.extend(of_partner);
        }
        Ok(rows)
    }

    async fn one_asks(
        &self,
        client: &Client,
        token: &Token,
        ask: &Ask,
        me: PersonNo,
        threads: &[String],
    ) -> Result<Got, Failure> {
        // A partner that may not list threads still tries one that it could have known of.
        let known: Vec<String> = match ask.path {
            Path::OfEachThread if threads.is_empty() => self
                .world
                .threads(me)
                .into_iter()
                .take(1)
                .map(|thread| thread.id)
                .collect(),
            _ => threads.to_vec(),
        };
        ask::all(client, token, self.world, ask, me, &known).await
    }

    fn why(
        &self,
        partner: &Partner,
        ask: &Ask,
        connection: &decide::ConnectionId,
        me: PersonNo,
        records: &[Record],
    ) -> Result<Why, Failure> {
        let asker = Asker {
            partner: partner.id.parse().map_err(unavailable)?,
            behalf: Behalf::Connection(connection.clone()),
            purpose: partner.purpose.parse().map_err(unavailable)?,
            verb: Verb::Read,
            draws: Vec::new(),
        };
        let now = self.wired.gateway.clock().now();
        let stage = (&*self.wired.register, self.world);
        Ok(ask_again(stage, &asker, ask, me, records, now))
    }

    /// A friend of the first who connected withdraws from the first partner; then the same is asked again.
    pub(super) async fn one_withdraws(&self) -> Result<Withdrawal, Failure> {
        let nothing = || Exit::Internal.because("nobody is there to withdraw: take another --seed");
        let (partner, client) = PARTNERS
            .first()
            .zip(self.clients.first())
            .ok_or_else(nothing)?;
        let (me, ask) = self
            .connected
            .first()
            .zip(partner.asks.first())
            .ok_or_else(nothing)?;
        let connection = connection_id(partner, 0)?;
        let token = client
            .token(Some(connection.as_str()), partner.purpose)
            .await
            .map_err(unavailable)?;
        let before = ask::all(client, &token, self.world, ask, *me, &[]).await?;
        let who = *before.people.first().ok_or_else(nothing)?;
        let id = self.world.id_of(who);
        let partner_id = partner.id.parse().map_err(unavailable)?;
        for power in powers(partner)? {
            self.admin.take(&withdraw(&id, &partner_id, power)?).await?;
        }
        let after = ask::all(client, &token, self.world, ask, *me, &[]).await?;
        let planted = self.world.planted(who);
        Ok(Withdrawal {
            name: self
                .world
                .person(who)
                .map(|person| person.name())
                .unwrap_or_default(),
            id,
            partner,
            before: before.items,
            after: after.items,
            another: after
                .people
                .first()
                .map(|person| self.world.id_of(*person))
                .unwrap_or_default(),
            still_there: planted.iter().any(|text| after.raw.contains(text.as_str())),
        })
    }
}

impl Withdrawal {
    /// The id of somebody who could withdraw next.
    pub(super) fn another(&self) -> &str {
        &self.another
    }

    /// In words.
    pub(super) fn text(&self) -> String {
        let Withdrawal {
            name,
            partner,
            before,
            after,
            ..
        } = self;
        let gone = if self.still_there {
            "is STILL in the answer"
        } else {
            "is nowhere in the answer"
        };
        format!(
            "{name} withdraws from {}. The very next call: {} friends instead of {}; {name} {gone}.\n",
            partner.name,
            thousands(*after),
            thousands(*before),
        )
    }

    /// For machines.
    pub(super) fn json(&self) -> Value {
        json!({
            "person": self.name,
            "id": self.id,
            "partner": self.partner.id,
            "items_before": self.before,
            "items_after": self.after,
            "still_there": self.still_there,
        })
    }
}
