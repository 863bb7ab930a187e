//! Uses of powers with a limited frequency, reserved before the rule is asked.
//!
//! A reservation is never given back: an answer that failed afterwards has counted. So a limit can be undercut by a
//! crash of the platform's API and never exceeded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use decide::{Asker, Behalf, Draw, PartnerId, Per, PowerId, Preview, Time};

/// For whom uses are counted together: a connection of a partner, or the partner where it acts for nobody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Counter {
    partner: PartnerId,
    connection: Option<decide::ConnectionId>,
    power: PowerId,
}

/// The uses of the present spans.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<HashMap<Counter, Span>>);

/// How often in which span.
#[derive(Clone, Copy, Debug)]
struct Span {
    ends: Time,
    used: u32,
}

impl Uses {
    /// Reserves one use of each power that has a limited frequency and is open.
    pub(crate) fn reserve(&self, asker: &Asker, previews: &[Preview], at: Time) -> Vec<Draw> {
        let mut draws: Vec<Draw> = Vec::new();
        for preview in previews.iter().filter(|preview| preview.reasons.is_empty()) {
            let (Some(power), Some(frequency)) = (preview.power, preview.frequency) else {
                continue;
            };
            if draws.iter().all(|draw| draw.power != power) {
                let counter = counter(asker, power);
                draws.push(Draw {
                    power,
                    ordinal: self.count(counter, frequency.per, at),
                });
            }
        }
        draws
    }

    /// Counts uses again that the ledger knows of, after a restart.
    pub(crate) fn recount(&self, asker: &Asker, per: impl Fn(PowerId) -> Option<Per>, at: Time) {
        for draw in &asker.draws {
            if let Some(per) = per(draw.power) {
                self.count(counter(asker, draw.power), per, at);
            }
        }
    }

    fn count(&self, counter: Counter, per: Per, at: Time) -> u32 {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spans.len() >= SPANS_KEPT {
            spans.retain(|_, span| at < span.ends);
        }
        let fresh = Span {
            ends: end_of_span(per, at),
            used: 0,
        };
        let span = spans.entry(counter).or_insert(fresh);
        if span.ends <= at {
            *span = fresh;
        }
        span.used = span.used.saturating_add(1);
        span.used
    }
}

/// When more counters than this are kept, those of past spans are dropped first.
const SPANS_KEPT: usize = 100_000;

fn counter(asker: &Asker, power: PowerId) -> Counter {
    let connection = match &asker.behalf {
        Behalf::Connection(id) => Some(id.clone()),
        Behalf::Nobody => None,
    };
    Counter {
        partner: asker.partner.clone(),
        connection,
        power,
    }
}

fn end_of_span(per: Per, at: Time) -> Time {
    let length = per.millis();
    Time(
        at.0.div_euclid(length)
            .saturating_add(1)
            .saturating_mul(length),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use decide::Frequency;

    fn asker(connection: &str) -> Asker {
        Asker {
            partner: "reelbox".parse().unwrap(),
            behalf: Behalf::Connection(connection.parse().unwrap()),
            purpose: "dpv:ServicePersonalisation".parse().unwrap(),
            verb: decide::Verb::Read,
            draws: Vec::new(),
        }
    }

    fn limited(power: u8) -> Preview {
        let frequency = Some(Frequency {
            times: 2,
            per: Per::Hour,
        });
        Preview {
            reasons: Vec::new(),
            power: Some(PowerId([power; 32])),
            frequency,
        }
    }

    fn ordinals(draws: &[Draw]) -> Vec<u32> {
        draws.iter().map(|draw| draw.ordinal).collect()
    }

    #[test]
    fn uses_count_up_within_a_span_and_begin_anew_in_the_next() {
        let uses = Uses::default();
        let hour = 3_600_000;
        for (at, expected) in [(5, 1), (6, 2), (hour - 1, 3), (hour, 1), (hour + 1, 2)] {
            let draws = uses.reserve(&asker("c-ada"), &[limited(1)], Time(at));
            assert_eq!(ordinals(&draws), [expected], "at {at}");
        }
    }

    #[test]
    fn a_power_is_used_once_by_one_answer_and_each_connection_counts_for_itself() {
        let uses = Uses::default();
        let both = [limited(1), limited(1), limited(2)];
        assert_eq!(
            ordinals(&uses.reserve(&asker("c-ada"), &both, Time(0))),
            [1, 1]
        );
        assert_eq!(
            ordinals(&uses.reserve(&asker("c-bert"), &both, Time(0))),
            [1, 1]
        );
        assert_eq!(
            ordinals(&uses.reserve(&asker("c-ada"), &both, Time(0))),
            [2, 2]
        );
    }

    #[test]
    fn what_cannot_pass_anyway_is_not_used_up() {
        let uses = Uses::default();
        let shut = Preview {
            reasons: vec![decide::Reason::Suspended],
            ..limited(1)
        };
        assert!(uses.reserve(&asker("c-ada"), &[shut], Time(0)).is_empty());
        assert_eq!(
            ordinals(&uses.reserve(&asker("c-ada"), &[limited(1)], Time(0))),
            [1]
        );
    }
}
