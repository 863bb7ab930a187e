//! What is done every second: what answers left behind is written down, and whoever is due is told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use decide::{Day, PartnerId, PersonNo, PowerId, Time};
use tokio::sync::watch;

use super::calendar::{CYCLE, opening};
use super::hook::Sent;
use super::noticed::Lacking;
use super::store::{Due, Open};
use super::{ASKED_PATH, Asking, can_be_given, may_be_asked};
use crate::gateway::Gateway;

/// How many people are told in one round; the rest follow in the next.
const AT_ONCE: usize = 256;
/// How long a round tells people, so that what is noticed meanwhile is written down, and no signature is of long ago.
const A_WHILE: Duration = Duration::from_secs(1);

/// Goes on until told to stop. What was noticed by then is written down.
pub(crate) async fn keep_asking(gateway: Arc<Gateway>, mut stopped: watch::Receiver<bool>) {
    let Some(asking) = gateway.asking.clone() else {
        return;
    };
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let mut swept = None;
    loop {
        let last = tokio::select! {
            _ = tick.tick() => false,
            _ = stopped.changed() => true,
        };
        // A clock that is not believed tells nobody and opens nothing.
        if let Ok(now) = gateway.clock.moment() {
            let mut round = Round {
                gateway: &gateway,
                asking: &asking,
                now,
                today: gateway.clock.asking_day(now),
            };
            if let Err(error) = round.go(&mut swept, last, &stopped).await {
                tracing::error!(%error, "the file of who waits to be asked failed; nobody is asked until it works again");
                asking.count("failed", 1);
                asking.noticed.look_again();
            }
        }
        if last {
            return;
        }
    }
}

struct Round<'a> {
    gateway: &'a Arc<Gateway>,
    asking: &'a Arc<Asking>,
    now: Time,
    /// The day of asking. Whether a yes would let anything pass is a matter of `now` alone.
    today: Day,
}

impl Round<'_> {
    async fn go(
        &mut self,
        swept: &mut Option<Day>,
        last: bool,
        stopped: &watch::Receiver<bool>,
    ) -> Result<(), redb::Error> {
        self.write_down().await?;
        if last {
            return Ok(());
        }
        if *swept != Some(self.today) {
            self.sweep().await?;
            *swept = Some(self.today);
        }
        self.tell(stopped).await
    }

    /// Writes down what answers and the register left behind since the last round.
    async fn write_down(&self) -> Result<(), redb::Error> {
        let (fresh, heard) = self.asking.noticed.take();
        if fresh.is_empty() && heard.is_empty() {
            return Ok(());
        }
        let (gateway, now, today) = (self.gateway.clone(), self.now, self.today);
        let asking = self.asking;
        // The last room on a disk is for those who withdraw.
        let no_room = gateway.register.log().shortage().is_some();
        if no_room {
            asking.count("no-room", fresh.len() as u64);
            asking.noticed.look_again();
        }
        let room = asking.room;
        if !heard.is_empty() {
            let told = heard.clone();
            let kept = asking.run(move |store| store.hear(&told, today)).await;
            // What somebody said is not lost with a write that failed.
            kept.inspect_err(|_| asking.noticed.hear_again(heard))?;
        }
        let added = asking.run(move |store| {
            let mut open = Openness::new(&gateway, now);
            let mut lacking: Vec<Lacking> = if no_room { Vec::new() } else { fresh };
            lacking.retain(|one| open.is(&one.partner, one.power, one.person));
            let people = gateway.register.people();
            let opens = |person| Some(opening(people.id(person)?.as_ref(), today));
            let added = store.add(&lacking, opens, today, room)?;
            Ok((added, store.len()?))
        });
        let (added, kept) = added.await?;
        asking.kept.set(i64::try_from(kept).unwrap_or(i64::MAX));
        asking.count("muted", added.muted);
        asking.count("much", added.much);
        asking.count("full", added.full);
        asking.count("noticed", added.new);
        Ok(())
    }

    /// Once a day: what nobody can answer any more goes.
    async fn sweep(&self) -> Result<(), redb::Error> {
        let (gateway, now) = (self.gateway.clone(), self.now);
        let swept = self.asking.run(move |store| {
            let mut open = Openness::new(&gateway, now);
            let is_member = |person| gateway.register.facts().is_member(person);
            let gone = store.sweep(is_member, |partner, power, person| {
                open.is(partner, power, person)
            })?;
            Ok((gone, store.len()?))
        });
        let (gone, kept) = swept.await?;
        self.asking.count("gone", gone);
        self.asking
            .kept
            .set(i64::try_from(kept).unwrap_or(i64::MAX));
        Ok(())
    }

    /// Tells whoever is due, one after the other.
    async fn tell(&self, stopped: &watch::Receiver<bool>) -> Result<(), redb::Error> {
        if self.asking.hook.rests(self.now) {
            return Ok(());
        }
        let (today, began) = (self.today, Instant::now());
        let due = self.asking.run(move |store| store.due(today, AT_ONCE));
        for due in due.await? {
            // Whoever is left is due still; the next round has a moment of its own, which digests are signed with.
            let stop = *stopped.borrow() || self.asking.hook.rests(self.now);
            if stop || began.elapsed() > A_WHILE {
                return Ok(());
            }
            self.tell_one(due).await?;
        }
        Ok(())
    }

    /// Tells one person, if it is time and there is anything new. It is noted before it is sent: whatever becomes of
    /// this process, nobody is told twice within a cycle.
    async fn tell_one(&self, due: Due) -> Result<(), redb::Error> {
        let (asking, today) = (self.asking, self.today);
        let person = due.person;
        let read =
            asking.run(move |store| Ok((store.last_told(person)?, store.open_for(person, today)?)));
        let (told, open) = read.await?;
        if let Some(next) = told
            .map(|told| told.plus(CYCLE))
            .filter(|next| today < *next)
        {
            return asking
                .run(move |store| store.put_off(due, Some(next), None))
                .await;
        }
        let Some(partners) = self.partners(person, open, told) else {
            return asking
                .run(move |store| store.put_off(due, None, None))
                .await;
        };
        let id = self.gateway.register.people().id(person);
        let link = format!("{}{ASKED_PATH}", self.gateway.config.listen.public_url);
        let signer = asking.hook.signer();
        let digest = id.and_then(|id| signer.digest(id.as_ref(), partners, &link, (told, today)));
        let Some(digest) = digest else {
            return asking
                .run(move |store| store.put_off(due, None, None))
                .await;
        };
        asking.run(move |store| store.tell(due, today)).await?;
        let sent = asking.hook.send(digest, self.now).await;
        let again = match sent {
            Sent::Taken => {
                asking.count("told", 1);
                return Ok(());
            }
            Sent::Unknown => {
                tracing::warn!("nobody knows whether a digest was taken; it counts as told");
                asking.count("lost", 1);
                return Ok(());
            }
            Sent::NotNow => {
                tracing::warn!("the hook takes no digests now; they stay due");
                asking.count("not-now", 1);
                due.day
            }
            Sent::Declined => {
                tracing::warn!("the hook declined a digest; it is tried again tomorrow");
                asking.count("declined", 1);
                Day(today.0.saturating_add(1))
            }
        };
        asking
            .run(move |store| store.not_told(due, told, again))
            .await
    }

    /// How many partners ask, if any of it came up since the person was last told.
    fn partners(&self, person: PersonNo, open: Vec<Open>, told: Option<Day>) -> Option<usize> {
        let mut answerable = Openness::new(self.gateway, self.now);
        let open: Vec<Open> = open
            .into_iter()
            .filter(|it| answerable.is(&it.partner, it.power, person))
            .collect();
        let is_new = |it: &Open| told.is_none_or(|told| told < it.since);
        open.iter().any(is_new).then(|| {
            let mut partners: Vec<&PartnerId> = open.iter().map(|it| &it.partner).collect();
            partners.dedup(); // in the order of their rows, so equal ones stand together
            partners.len()
        })
    }
}

/// What can be asked, looked at once for each power.
struct Openness<'a> {
    gateway: &'a Gateway,
    now: Time,
    powers: HashMap<(PartnerId, PowerId), bool>,
}

impl<'a> Openness<'a> {
    fn new(gateway: &'a Gateway, now: Time) -> Self {
        Self {
            gateway,
            now,
            powers: HashMap::new(),
        }
    }

    fn is(&mut self, partner: &PartnerId, power: PowerId, person: PersonNo) -> bool {
        let (gateway, now) = (self.gateway, self.now);
        let given = self.powers.entry((partner.clone(), power));
        *given.or_insert_with(|| can_be_given(gateway, partner, power, now))
            && may_be_asked(gateway, partner, power, person, now)
    }
}
