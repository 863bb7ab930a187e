//! Time only moves forward: the watch, and what the facts say to a clock behind them.

use decide::{Bar, Day, Days, Now, Reason, Time, Watch};
use testkit::cast::{self, ADA, BERT, read};
use testkit::{Asked, World, connection};

const HOUR: i64 = 3_600_000;

#[test]
fn a_new_watch_believes_the_first_moment_it_is_told() {
    let mut watch = Watch::from(None);
    assert_eq!(watch.tell(Time(7), 0), Now::At(Time(7)));
    assert_eq!(watch.tell(Time(8), 1), Now::At(Time(8)));
}

#[test]
fn a_step_back_of_up_to_five_seconds_is_clamped_and_a_larger_one_refuses() {
    let mut watch = Watch::from(Some(Time(100_000)));
    assert_eq!(watch.tell(Time(95_000), 0), Now::At(Time(100_000)));
    assert_eq!(watch.tell(Time(94_999), 0), Now::WentBack);
    assert_eq!(
        watch.tell(Time(99_999), 0),
        Now::At(Time(100_000)),
        "caught up"
    );
    assert_eq!(watch.tell(Time(100_001), 0), Now::At(Time(100_001)));
}

#[test]
fn small_steps_back_do_not_add_up() {
    let mut watch = Watch::from(Some(Time(100_000)));
    assert_eq!(watch.tell(Time(96_000), 0), Now::At(Time(100_000)));
    assert_eq!(watch.tell(Time(92_000), 0), Now::WentBack);
}

#[test]
fn a_jump_ahead_of_more_than_an_hour_waits_for_an_operator() {
    let mut watch = Watch::from(Some(Time(0)));
    assert_eq!(watch.tell(Time(HOUR), 0), Now::At(Time(HOUR)));
    assert_eq!(watch.tell(Time(2 * HOUR + 1), 0), Now::JumpedAhead);
    assert_eq!(
        watch.tell(Time(HOUR + 1), 0),
        Now::JumpedAhead,
        "it waits also when the clock comes back"
    );
    assert_eq!(
        watch.tell(Time(2 * HOUR + 1), 2 * HOUR),
        Now::JumpedAhead,
        "and however long it takes"
    );
    watch.confirm(Time(2 * HOUR + 1));
    assert_eq!(
        watch.tell(Time(2 * HOUR + 2), 1),
        Now::At(Time(2 * HOUR + 2))
    );
}

#[test]
fn time_that_has_gone_by_is_no_jump() {
    let mut watch = Watch::from(Some(Time(0)));
    assert_eq!(
        watch.tell(Time(5 * HOUR), 4 * HOUR),
        Now::At(Time(5 * HOUR))
    );
    assert_eq!(
        watch.tell(Time(10 * HOUR + 1), 4 * HOUR),
        Now::JumpedAhead,
        "what went by before does not count again"
    );
}

#[test]
fn time_goes_on_counting_while_the_clock_is_behind() {
    let mut watch = Watch::from(Some(Time(10 * HOUR)));
    assert_eq!(watch.tell(Time(0), HOUR), Now::WentBack);
    assert_eq!(watch.tell(Time(0), HOUR), Now::WentBack);
    assert_eq!(
        watch.tell(Time(0), -9 * HOUR),
        Now::WentBack,
        "a counter that goes back counts nothing"
    );
    assert_eq!(watch.tell(Time(13 * HOUR), 0), Now::At(Time(13 * HOUR)));
}

#[test]
fn an_operator_cannot_take_time_back() {
    let mut watch = Watch::from(Some(Time(10 * HOUR)));
    assert_eq!(watch.tell(Time(12 * HOUR), 0), Now::JumpedAhead);
    watch.confirm(Time(HOUR));
    assert_eq!(watch.tell(Time(HOUR), 0), Now::WentBack);
    assert_eq!(
        watch.tell(Time(10 * HOUR + 1), 0),
        Now::At(Time(10 * HOUR + 1))
    );
    let mut new = Watch::from(None);
    new.confirm(Time(HOUR));
    assert_eq!(new.tell(Time(2 * HOUR + 1), 0), Now::JumpedAhead);
}

#[test]
fn confirming_forgets_what_has_gone_by() {
    let mut watch = Watch::from(Some(Time(0)));
    assert_eq!(watch.tell(Time(9 * HOUR), 3 * HOUR), Now::JumpedAhead);
    watch.confirm(Time(9 * HOUR));
    assert_eq!(watch.tell(Time(10 * HOUR + 1), 0), Now::JumpedAhead);
}

#[test]
fn a_question_behind_the_last_event_is_clamped_or_refused() {
    let power = read("pd:Name", "own");
    let world = World::new()
        .with_people(1)
        .with_agreement("findr", std::slice::from_ref(&power))
        .connected(ADA, "findr", std::slice::from_ref(&power))
        .wait(10)
        .with_bar(ADA, Bar::Partner(cast::partner("tunely")));
    let facts = world.facts();
    let asked = Asked::by("findr")
        .through(&connection(ADA, "findr"))
        .datum("pd:Name", &[(ADA, "own")]);
    let at = |ms: i64| asked.decide(&facts, Time(world.now().0 + ms));
    assert_eq!(
        (at(-5_000).at(), at(-5_000).passed()),
        (Some(world.now()), 1)
    );
    assert_eq!(
        (at(-5_001).at(), at(-5_001).reasons(0)),
        (None, &[Reason::ClockWentBack][..])
    );
    assert_eq!(
        at(5).at(),
        Some(Time(world.now().0 + 5)),
        "an answer holds for the moment it was given"
    );
    assert_eq!(facts.latest(), Some(world.now()));
    let none = World::bare().facts();
    assert_eq!(none.latest(), None);
    assert_eq!(
        asked.decide(&none, Time(-1)).reasons(0),
        [Reason::Missing(decide::MissingFact::Policy)]
    );
}

#[test]
fn days_begin_and_end_in_utc_and_saturate() {
    assert_eq!(Time(-1).day(), Day(-1));
    assert_eq!(Time(86_400_000).day(), Day(1));
    assert_eq!(
        (Time(i64::MIN).day(), Time(i64::MAX).day()),
        (Day(i32::MIN), Day(i32::MAX))
    );
    assert_eq!(Day(3).begins(), Time(3 * 86_400_000));
    assert_eq!(Time(5).plus(Days(2)), Time(172_800_005));
    assert_eq!(Time(5).minus(Days(2)), Time(-172_799_995));
    assert_eq!(Time(i64::MAX).plus(Days(1)), Time(i64::MAX));
    assert_eq!(Time(i64::MIN).minus(Days(1)), Time(i64::MIN));
    assert_eq!(
        (Day(5).since(Day(2)), Day(2).since(Day(5))),
        (Days(3), Days(0))
    );
    assert_eq!(
        (Day(5).plus(Days(2)), Day(5).plus(Days(u32::MAX))),
        (Day(7), Day(i32::MAX))
    );
}

#[test]
fn moments_and_days_are_written_as_dates_and_read_back() {
    let time: Time = "2026-11-23T09:30:00.001Z".parse().unwrap();
    let day: Day = "2026-11-23".parse().unwrap();
    assert_eq!(
        (time.to_string(), day.to_string()),
        ("2026-11-23T09:30:00.001Z".into(), "2026-11-23".into())
    );
    assert_eq!(time.day(), day);
    assert_eq!(
        format!("{time:?} {day:?}"),
        "2026-11-23T09:30:00.001Z 2026-11-23"
    );
    assert_eq!("1970-01-02".parse(), Ok(Day(1)));
    assert_eq!(
        serde_json::to_string(&(time, day)).unwrap(),
        r#"["2026-11-23T09:30:00.001Z","2026-11-23"]"#
    );
    assert_eq!(
        serde_json::from_str::<(Time, Day)>(r#"["2026-11-23T09:30:00.001Z","2026-11-23"]"#)
            .unwrap(),
        (time, day)
    );
    assert!(
        "yesterday"
            .parse::<Time>()
            .unwrap_err()
            .contains("RFC 3339")
    );
    assert!(
        "2026-02-30"
            .parse::<Day>()
            .unwrap_err()
            .contains("2026-11-23")
    );
    assert_eq!(
        (Time(i64::MAX).to_string(), Day(i32::MAX).to_string()),
        (
            "9223372036854775807 ms since 1970".into(),
            "day 2147483647".into()
        )
    );
}

#[test]
fn everybody_refused_by_the_clock_is_refused_by_nothing_else() {
    let facts = World::new().with_people(2).facts();
    let asked = Asked::by("findr")
        .datum("pd:Name", &[(ADA, "own"), (BERT, "friend")])
        .datum("pd:Name", &[]);
    for (now, reason) in [
        (Now::WentBack, Reason::ClockWentBack),
        (Now::JumpedAhead, Reason::ClockJumpedAhead),
    ] {
        let decision = decide::decide(&facts, &asked.question(), now);
        assert_eq!(
            (decision.asked(), decision.passed(), decision.at()),
            (2, 0, None)
        );
        assert_eq!(
            (decision.reasons(0), decision.reasons(1)),
            (std::slice::from_ref(&reason), std::slice::from_ref(&reason))
        );
        assert!(
            decision.reasons_of_person(0, 0).is_empty()
                && decision.reasons_of_person(0, 1).is_empty()
        );
    }
}
