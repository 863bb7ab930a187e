//! Events one by one: the error of each that cannot be, what is told at once, and how they are written.

use decide::{
    AgreementVersion, Bar, ClaimedRole, Connection, Day, Days, Digest, Event, Facts, Form,
    Frequency, Happened, Invalid, NoticeHash, Party, Per, PersonNo, Policy, Power, Promise, Scope,
    Term, Time,
};
use testkit::cast::{self, ADA, BERT, read};
use testkit::{Asked, World, agreement, connection};

fn names() -> Power {
    read("pd:Name", "friend")
}

/// Ada has connected Findr, Bert has consented, and there is a promise.
fn world() -> World {
    let names = [names()];
    World::new()
        .with_people(2)
        .with_agreement("findr", &names)
        .connected(ADA, "findr", &names)
        .with_consent(&[BERT], "findr", &names[0])
        .with_promise("kept", Form::NotJudgeable, Scope::default())
}

fn offer(partner: &str, version: u32, powers: &[Power]) -> AgreementVersion {
    AgreementVersion {
        agreement: agreement(partner),
        version,
        partner: cast::partner(partner),
        digest: cast::digest(version),
        claimed_role: ClaimedRole::ThirdParty,
        term: Term {
            from: cast::BEGINNING,
            until: cast::BEGINNING.plus(Days(10)),
        },
        powers: powers.to_vec(),
    }
}

fn refusal(world: &World, event: Event) -> Invalid {
    let happened = Happened {
        at: world.now(),
        event,
    };
    let facts = world.facts();
    let invalid = facts.check(&happened).expect_err("it cannot be");
    assert_eq!(facts.apply(&happened), Err(invalid.clone()));
    invalid
}

fn signature(agreement: &str, version: u32, digest: Digest) -> Event {
    Event::AgreementSigned {
        agreement: agreement.parse().unwrap(),
        version,
        digest,
        by: Party::Partner,
        officer: "an-officer".parse().unwrap(),
    }
}

fn given(people: &[PersonNo], until: Day, notice: NoticeHash) -> Event {
    Event::ConsentGiven {
        people: people.to_vec(),
        partner: cast::partner("findr"),
        power: names().id(),
        notice,
        until,
    }
}

#[test]
fn an_event_before_the_last_one_is_refused_and_one_at_the_same_moment_is_not() {
    let facts = world().facts();
    let at = |ms: i64| Happened {
        at: Time(world().now().0 + ms),
        event: Event::PeopleActive { people: vec![ADA] },
    };
    assert!(matches!(facts.check(&at(-1)), Err(Invalid::Earlier { .. })));
    assert_eq!(facts.check(&at(0)), Ok(()));
}

#[test]
fn numbers_are_given_out_in_order_and_never_again() {
    let joined = |first, count| Event::PeopleJoined {
        first: PersonNo(first),
        count,
    };
    let world = world();
    assert_eq!(
        refusal(&world, joined(1, 1)),
        Invalid::NumberOutOfOrder {
            expected: 2,
            first: 1
        }
    );
    assert_eq!(
        refusal(&world, joined(3, 1)),
        Invalid::NumberOutOfOrder {
            expected: 2,
            first: 3
        }
    );
    assert_eq!(
        refusal(&world, joined(2, u32::MAX - 1)),
        Invalid::NoNumbersLeft
    );
    let left = world.happens(Event::PersonLeft { person: BERT });
    assert_eq!(
        left.facts().next_number(),
        PersonNo(2),
        "leaving gives no number back"
    );
    assert_eq!(
        refusal(&left, Event::PersonLeft { person: BERT }),
        Invalid::UnknownPerson(1)
    );
}

#[test]
fn an_event_about_somebody_unknown_is_refused() {
    let stranger = PersonNo(7);
    let (partner, power) = (cast::partner("findr"), names().id());
    for event in [
        Event::PersonLeft { person: stranger },
        Event::PeopleActive {
            people: vec![ADA, stranger],
        },
        Event::BarSet {
            person: stranger,
            bar: Bar::Everything,
        },
        Event::BarLifted {
            person: stranger,
            bar: Bar::Everything,
        },
        given(
            &[ADA, stranger],
            world().now().day().plus(Days(1)),
            cast::notice(),
        ),
        Event::ConsentWithdrawn {
            person: stranger,
            partner,
            power,
        },
    ] {
        assert_eq!(refusal(&world(), event), Invalid::UnknownPerson(7));
    }
}

#[test]
fn an_offer_must_fit_what_was_offered_before() {
    let world = world().with_partner("tunely");
    let offered = |offer| refusal(&world, Event::AgreementOffered { offer });
    let base = offer("findr", 2, &[]);
    assert_eq!(
        offered(offer("reelbox", 1, &[])),
        Invalid::UnknownPartner(cast::partner("reelbox"))
    );
    let at_once = Term {
        until: cast::BEGINNING,
        ..base.term
    };
    assert_eq!(
        offered(AgreementVersion {
            term: at_once,
            ..base.clone()
        }),
        Invalid::EmptyTerm(agreement("findr"))
    );
    let other = cast::partner("tunely");
    assert_eq!(
        offered(AgreementVersion {
            partner: other,
            ..base
        }),
        Invalid::OtherPartner(agreement("findr"))
    );
    for version in [0, 1, 3] {
        let order = Invalid::VersionOutOfOrder {
            agreement: agreement("findr"),
            expected: 2,
            version,
        };
        assert_eq!(offered(offer("findr", version, &[])), order);
    }
    let order = Invalid::VersionOutOfOrder {
        agreement: agreement("tunely"),
        expected: 1,
        version: 2,
    };
    assert_eq!(offered(offer("tunely", 2, &[])), order);
}

#[test]
fn a_partner_has_each_power_once() {
    let longer = Power {
        retention: Days(31),
        ..names()
    };
    let words = "read pd:Name through friend for dpv:ServicePersonalisation";
    let twice = offer("findr", 2, &[names(), longer.clone()]);
    assert_eq!(
        refusal(&world(), Event::AgreementOffered { offer: twice }),
        Invalid::PowerTwice {
            agreement: agreement("findr"),
            power: words.into()
        }
    );
    let second = AgreementVersion {
        agreement: "second".parse().unwrap(),
        ..offer("findr", 1, &[longer])
    };
    let elsewhere = Invalid::PowerGrantedElsewhere {
        other: agreement("findr"),
        power: words.into(),
    };
    let offered = Event::AgreementOffered {
        offer: second.clone(),
    };
    assert_eq!(refusal(&world(), offered.clone()), elsewhere);
    let ended = world().happens(Event::AgreementEnded {
        agreement: agreement("findr"),
    });
    let _ = ended.happens(offered.clone());
    // World's agreements run ten years: to the last moment of its term nobody else may have the power.
    let _ = world().wait(3650).happens(offered.clone());
    assert_eq!(refusal(&world().wait(3649), offered), elsewhere);
}

#[test]
fn signatures_are_for_exactly_what_was_offered() {
    let world = world();
    let unknown = Invalid::UnknownAgreement("nowhere".parse().unwrap());
    assert_eq!(
        refusal(&world, signature("nowhere", 1, cast::digest(1))),
        unknown
    );
    let no_version = Invalid::UnknownVersion {
        agreement: agreement("findr"),
        version: 2,
    };
    assert_eq!(
        refusal(&world, signature("with-findr", 2, cast::digest(2))),
        no_version
    );
    let other = Invalid::OtherDocument {
        agreement: agreement("findr"),
        version: 1,
    };
    assert_eq!(
        refusal(&world, signature("with-findr", 1, cast::digest(2))),
        other
    );
}

#[test]
fn an_agreement_that_is_over_does_not_come_back() {
    let over = world().happens(Event::AgreementEnded {
        agreement: agreement("findr"),
    });
    for event in [
        signature("with-findr", 1, cast::digest(1)),
        Event::AgreementSuspended {
            agreement: agreement("findr"),
        },
        Event::AgreementResumed {
            agreement: agreement("findr"),
        },
        Event::AgreementEnded {
            agreement: agreement("findr"),
        },
        Event::AgreementOffered {
            offer: offer("findr", 2, &[]),
        },
    ] {
        assert_eq!(
            refusal(&over, event),
            Invalid::AgreementOver(agreement("findr"))
        );
    }
    let partner = cast::partner("findr");
    assert_eq!(
        refusal(
            &over,
            Event::PartnerEnrolled {
                partner: partner.clone()
            }
        ),
        Invalid::PartnerExists(partner)
    );
}

#[test]
fn a_consent_needs_a_power_a_text_and_a_day_within_the_policy() {
    let world = world();
    let today = world.now().day();
    let (latest, too_long) = (today.plus(Days(365)), today.plus(Days(366)));
    let told = |event| refusal(&world, event);
    assert_eq!(
        told(given(&[ADA], too_long, cast::notice())),
        Invalid::ConsentTooLong {
            until: too_long,
            latest
        }
    );
    assert_eq!(
        told(given(&[ADA], today, cast::notice())),
        Invalid::ConsentOver(today)
    );
    let unread = NoticeHash([9; 32]);
    assert_eq!(
        told(given(&[ADA], latest, unread)),
        Invalid::UnknownNotice(unread)
    );
    let (partner, power) = (cast::partner("findr"), read("pd:Name", "own").id());
    let unknown = Invalid::UnknownPower {
        partner: partner.clone(),
        power,
    };
    let withdrawn = Event::ConsentWithdrawn {
        person: ADA,
        partner: partner.clone(),
        power,
    };
    assert_eq!(told(withdrawn), unknown);
    assert_eq!(told(Event::PowerHandedBack { partner, power }), unknown);
    let no_policy = World::bare()
        .with_people(1)
        .with_agreement("findr", &[names()]);
    assert_eq!(
        refusal(&no_policy, given(&[ADA], latest, cast::notice())),
        Invalid::NoPolicy
    );
}

#[test]
fn a_connection_needs_a_partner_a_person_and_an_id_of_its_own() {
    let world = world().with_partner("tunely");
    let until = world.now().day().plus(Days(1));
    let link = |id: &str, person, partner: &str, powers: &[Power]| Event::Connected {
        connection: Connection {
            connection: id.parse().unwrap(),
            person,
            partner: cast::partner(partner),
            powers: powers.iter().map(Power::id).collect(),
            notice: cast::notice(),
            until,
        },
    };
    let told = |event| refusal(&world, event);
    assert_eq!(
        told(link("ada-findr", ADA, "findr", &[])),
        Invalid::ConnectionExists(connection(ADA, "findr"))
    );
    assert_eq!(
        told(link("new", ADA, "reelbox", &[])),
        Invalid::UnknownPartner(cast::partner("reelbox"))
    );
    assert_eq!(
        told(link("new", PersonNo(9), "findr", &[])),
        Invalid::UnknownPerson(9)
    );
    let unknown = Invalid::UnknownPower {
        partner: cast::partner("tunely"),
        power: names().id(),
    };
    assert_eq!(told(link("new", ADA, "tunely", &[names()])), unknown);
    let nowhere = Invalid::UnknownConnection("nowhere".parse().unwrap());
    assert_eq!(
        told(Event::Disconnected {
            connection: "nowhere".parse().unwrap()
        }),
        nowhere
    );
}

#[test]
fn a_promise_is_weakened_thirty_days_ahead_at_the_earliest() {
    let world = world();
    let earliest = world.now().plus(Days(30));
    let weakened = |promise: &str, to, effective| Event::PromiseWeakened {
        promise: promise.parse().unwrap(),
        to,
        effective,
    };
    let kept = Promise {
        promise: "kept".parse().unwrap(),
        form: Form::Absolute,
        scope: Scope::default(),
    };
    let other = Promise {
        promise: "other".parse().unwrap(),
        ..kept.clone()
    };
    let too_soon = Invalid::TooSoon {
        promise: "kept".parse().unwrap(),
        earliest,
    };
    assert_eq!(
        refusal(&world, weakened("kept", None, Time(earliest.0 - 1))),
        too_soon
    );
    assert_eq!(
        refusal(&world, weakened("kept", Some(other), earliest)),
        Invalid::OtherPromise("kept".parse().unwrap())
    );
    assert_eq!(
        refusal(&world, weakened("other", None, earliest)),
        Invalid::UnknownPromise("other".parse().unwrap())
    );
    assert_eq!(
        refusal(
            &world,
            Event::PromiseMade {
                promise: kept.clone()
            }
        ),
        Invalid::PromiseExists("kept".parse().unwrap())
    );
    let _ = world.happens(weakened("kept", Some(kept), earliest));
}

/// One of each event that can happen in [`world`], and whether it can turn a yes into a no at once.
fn one_of_each(world: &World) -> Vec<(Event, bool)> {
    let (agreement, partner) = (agreement("findr"), cast::partner("findr"));
    let (person, power) = (BERT, names().id());
    let until = world.now().day().plus(Days(5));
    let promise = Promise {
        promise: "new".parse().unwrap(),
        form: Form::Absolute,
        scope: Scope::default(),
    };
    let link = Connection {
        connection: "new".parse().unwrap(),
        person: ADA,
        partner: partner.clone(),
        powers: [].into(),
        notice: cast::notice(),
        until,
    };
    vec![
        (
            Event::PolicySet {
                policy: cast::policy(),
            },
            true,
        ),
        (
            Event::PeopleJoined {
                first: PersonNo(2),
                count: 1,
            },
            false,
        ),
        (Event::PersonLeft { person }, true),
        (Event::PeopleActive { people: vec![ADA] }, false),
        (
            Event::PartnerEnrolled {
                partner: cast::partner("tunely"),
            },
            false,
        ),
        (
            Event::AgreementOffered {
                offer: offer("findr", 2, &[]),
            },
            false,
        ),
        (signature("with-findr", 1, cast::digest(1)), true),
        (
            Event::AgreementSuspended {
                agreement: agreement.clone(),
            },
            true,
        ),
        (
            Event::AgreementResumed {
                agreement: agreement.clone(),
            },
            false,
        ),
        (Event::AgreementEnded { agreement }, true),
        (
            Event::PowerHandedBack {
                partner: partner.clone(),
                power,
            },
            true,
        ),
        (
            Event::PowerUsed {
                partner: partner.clone(),
                power,
            },
            false,
        ),
        (
            Event::NoticePublished {
                notice: cast::notice(),
            },
            false,
        ),
        (given(&[BERT], until, cast::notice()), false),
        (
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            },
            true,
        ),
        (
            Event::BarSet {
                person,
                bar: Bar::Everything,
            },
            true,
        ),
        (
            Event::BarLifted {
                person,
                bar: Bar::Everything,
            },
            false,
        ),
        (Event::PromiseMade { promise }, true),
        (
            Event::PromiseWeakened {
                promise: "kept".parse().unwrap(),
                to: None,
                effective: world.now().plus(Days(30)),
            },
            false,
        ),
        (Event::Connected { connection: link }, false),
        (
            Event::Disconnected {
                connection: connection(ADA, "findr"),
            },
            true,
        ),
    ]
}

#[test]
fn what_can_turn_a_yes_into_a_no_is_told_at_once() {
    let world = world();
    for (event, takes_away) in one_of_each(&world) {
        let facts = world.facts();
        let (revocations, position) = (facts.revocations(), facts.position());
        let asked = Asked::by("findr").datum("pd:Name", &[(BERT, "friend")]);
        let before = asked.decide(&facts, world.now());
        assert_eq!(
            (before.revocations(), before.position()),
            (revocations, position)
        );
        facts
            .apply(&Happened {
                at: world.now(),
                event: event.clone(),
            })
            .unwrap();
        assert_eq!(facts.revocations() != revocations, takes_away, "{event:?}");
        assert_eq!(facts.position(), position + 1);
        assert_eq!(
            asked.decide(&facts, world.now()).revocations(),
            facts.revocations()
        );
    }
}

#[test]
fn an_entry_that_is_no_fact_counts_as_a_position_and_as_nothing_else() {
    let facts = world().facts();
    let (position, revocations) = (facts.position(), facts.revocations());
    facts.pass_over();
    assert_eq!(
        (facts.position(), facts.revocations()),
        (position + 1, revocations)
    );
    assert_eq!(Facts::from_image(facts.image()).position(), position + 1);
}

#[test]
fn a_connection_is_told_as_it_stands_also_when_it_has_ended() {
    let facts = world().facts();
    let known = facts.connection(&connection(ADA, "findr")).unwrap();
    assert_eq!((known.person, known.powers.len()), (ADA, 1));
    assert_eq!(facts.connection(&connection(BERT, "findr")), None);
    let without = world().withdrawn(ADA, "findr", &names()).facts();
    assert!(
        without
            .connection(&connection(ADA, "findr"))
            .unwrap()
            .powers
            .is_empty()
    );
}

#[test]
fn an_event_is_written_and_read_back_the_same() {
    for (event, _) in one_of_each(&world()) {
        let happened = Happened {
            at: world().now(),
            event,
        };
        let text = serde_json::to_string(&happened).unwrap();
        assert_eq!(
            serde_json::from_str::<Happened>(&text).unwrap(),
            happened,
            "{text}"
        );
    }
}

#[test]
fn a_word_that_an_event_does_not_know_is_refused() {
    let world = world();
    for (event, _) in one_of_each(&world) {
        let mut value = serde_json::to_value(Happened {
            at: world.now(),
            event,
        })
        .unwrap();
        value["surprise"] = serde_json::json!(1);
        let read = serde_json::from_value::<Happened>(value.clone());
        assert!(
            read.is_err_and(|why| why.to_string().contains("surprise")),
            "{value}"
        );
    }
}

#[test]
fn a_promise_is_not_given_up_by_leaving_a_word_out() {
    let with = r#"{"at":"2026-01-01T00:00:00Z","event":"promise-weakened","promise":"kept","to":null,"effective":"2026-02-01T00:00:00Z"}"#;
    assert!(serde_json::from_str::<Happened>(with).is_ok());
    let without = with.replace(r#""to":null,"#, "");
    let refused = serde_json::from_str::<Happened>(&without).unwrap_err();
    assert!(refused.to_string().contains("`to`"), "{refused}");
}

#[test]
fn sweeping_clears_what_has_expired_and_nothing_else() {
    let today = world().now().day();
    let facts = world()
        .happens(given(&[ADA], today.plus(Days(5)), cast::notice()))
        .facts();
    let consents = |facts: &Facts| {
        let image = serde_json::to_value(facts.image()).unwrap();
        image["grants"][0]["consents"].as_array().unwrap().len()
    };
    assert_eq!(
        consents(&facts),
        2,
        "one expires in five days, one in a year"
    );
    facts.sweep(today.plus(Days(4)));
    assert_eq!(consents(&facts), 2);
    facts.sweep(today.plus(Days(5)));
    assert_eq!(consents(&facts), 1);
    assert_eq!(consents(&Facts::from_image(facts.image())), 1);
}

#[test]
fn facts_know_how_often_a_power_may_be_used_and_the_longest_span_of_all() {
    let often = |per, through| cast::at_most(read("pd:Name", through), Frequency { times: 2, per });
    let (hourly, weekly) = (often(Per::Hour, "own"), often(Per::Week, "friend"));
    assert_eq!(world().facts().longest_span(), None);
    let facts = World::new()
        .with_offer("findr", &[hourly.clone(), read("pd:Name", "contact")])
        .with_offer("tunely", std::slice::from_ref(&weekly))
        .facts();
    assert_eq!(facts.longest_span(), Some(Per::Week));
    let of = |partner, power: &Power| facts.frequency(&cast::partner(partner), power.id());
    assert_eq!(of("findr", &hourly), hourly.frequency);
    assert_eq!(of("findr", &read("pd:Name", "contact")), None);
    assert_eq!(of("findr", &weekly), None, "that is another partner's");
    assert_eq!(of("tunely", &weekly), weekly.frequency);
}

/// People beyond one page of a column (2^20), so that a number is nobody else's there either.
#[test]
fn a_number_is_one_persons_alone_in_a_crowd_of_millions() {
    let crowd = (2 << 20) + 130;
    let power = names();
    let others = [63, 64, 65, (1 << 20) - 1, 1 << 20, (2 << 20) + 64].map(PersonNo);
    let until = cast::BEGINNING.day().plus(Days(30));
    let world = World::new()
        .with_agreement("findr", std::slice::from_ref(&power))
        .happens(Event::PeopleJoined {
            first: PersonNo(0),
            count: crowd,
        });
    let facts = world.facts();
    let happens = |event| {
        facts
            .apply(&Happened {
                at: world.now(),
                event,
            })
            .unwrap()
    };
    let link = Connection {
        connection: connection(ADA, "findr"),
        person: ADA,
        partner: cast::partner("findr"),
        powers: [power.id()].into(),
        notice: cast::notice(),
        until,
    };
    happens(Event::Connected { connection: link });
    happens(given(&others, until, cast::notice()));
    let around: Vec<u32> = others
        .iter()
        .flat_map(|it| [it.0 - 1, it.0, it.0 + 1])
        .collect();
    let ask = |facts: &Facts| -> Vec<u32> {
        let asked = around.iter().fold(
            Asked::by("findr").through(&connection(ADA, "findr")),
            |asked, n| asked.datum("pd:Name", &[(PersonNo(*n), "friend")]),
        );
        let decision = asked.decide(facts, world.now());
        let passing = around
            .iter()
            .enumerate()
            .filter(|(n, _)| decision.passes(*n));
        passing.map(|(_, person)| *person).collect()
    };
    let expected: Vec<u32> = around
        .iter()
        .copied()
        .filter(|n| others.contains(&PersonNo(*n)))
        .collect();
    assert_eq!(ask(&facts), expected);
    assert_eq!(ask(&Facts::from_image(facts.image())), expected);
    assert!(facts.is_member(PersonNo(crowd - 1)) && !facts.is_member(PersonNo(crowd)));
    assert_eq!(facts.next_number(), PersonNo(crowd));
    happens(Event::PersonLeft { person: others[4] });
    assert!(!ask(&facts).contains(&others[4].0));
    let expected: Vec<u32> = expected.into_iter().filter(|n| *n != others[4].0).collect();
    assert_eq!(ask(&facts), expected);
    assert!(facts.is_member(PersonNo(0)) && facts.is_member(PersonNo(others[4].0 + 1)));
}

#[test]
fn a_policy_may_leave_out_what_is_rarely_needed() {
    let text = r#"{"categories":["pd:Name"],"power-lapses-after":9,"connection-quiet-after":8,"consent-at-most":7}"#;
    let policy: Policy = serde_json::from_str(text).unwrap();
    assert!(policy.advertising.is_empty() && policy.other_bases.is_empty());
}

#[test]
fn what_a_person_has_connected_and_refused_is_told_as_of_a_day() {
    let names = [names()];
    let world = world()
        .with_bar(ADA, Bar::Everything)
        .with_bar(BERT, Bar::GlobalPrivacyControl)
        .with_bar(ADA, Bar::Through(names[0].reach.clone()));
    let facts = world.facts();
    let today = world.now().day();
    let [connected] = <[_; 1]>::try_from(facts.connections_of(ADA, today)).expect("one");
    assert_eq!(connected.connection, connection(ADA, "findr"));
    assert!(facts.connections_of(BERT, today).is_empty());
    assert!(facts.connections_of(ADA, connected.until).is_empty());
    let given = |facts: &Facts| facts.consents_of(BERT, today);
    assert_eq!(given(&facts), [(cast::partner("findr"), names[0].id())]);
    assert!(facts.consents_of(ADA, today).is_empty());
    let until = |facts: &Facts, person, day| {
        facts.consent_until(person, &cast::partner("findr"), names[0].id(), day)
    };
    let ends = until(&facts, BERT, today).expect("a day");
    assert!(today < ends && until(&facts, BERT, ends).is_none());
    assert_eq!(until(&facts, ADA, today), None);
    let of_ada = [Bar::Everything, Bar::Through(names[0].reach.clone())];
    assert_eq!(facts.bars_of(ADA), of_ada);
    assert_eq!(facts.bars_of(BERT), [Bar::GlobalPrivacyControl]);
    let withdrawn = world.withdrawn(BERT, "findr", &names[0]);
    assert!(given(&withdrawn.facts()).is_empty());
    assert_eq!(until(&withdrawn.facts(), BERT, today), None);
    let ended = withdrawn.happens(Event::Disconnected {
        connection: connected.connection,
    });
    assert!(ended.facts().connections_of(ADA, today).is_empty());
}

#[test]
fn the_governing_version_is_the_latest_that_both_have_signed() {
    let names = [names()];
    let world = World::new()
        .with_agreement("findr", &names)
        .with_offer("findr", &names);
    let governing = |world: &World| world.facts().governing(&agreement("findr"), world.now());
    assert_eq!(governing(&world), Some(1));
    let world = world.signed("findr", 2, Party::Partner);
    assert_eq!(governing(&world), Some(1));
    let world = world.signed("findr", 2, Party::Platform);
    assert_eq!(governing(&world), Some(2));
    assert_eq!(
        world
            .facts()
            .governing(&agreement("shopfront"), world.now()),
        None
    );
}
