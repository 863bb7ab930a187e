//! Whose own consent was all that was missing: those whom it makes sense to ask.

use decide::{Bar, Form, PersonNo, Power, PowerId, Reach, Scope};
use testkit::cast::{ADA, BERT, CLEO, DORA, read};
use testkit::{Asked, World, connection};

fn name() -> Power {
    read("pd:Name", "friend")
}

fn email() -> Power {
    read("pd:EmailAddress", "friend")
}

/// Ada has connected findr, which may see friends' names and addresses.
fn world() -> World {
    let powers = [name(), email(), read("pd:Name", "participant")];
    World::new()
        .with_people(5)
        .with_agreement("findr", &powers)
        .connected(ADA, "findr", &powers)
}

fn lacking(world: &World, asked: &Asked) -> Vec<(PersonNo, PowerId)> {
    let decision = asked.decide(&world.facts(), world.now());
    decision.lacking_consent(&asked.question())
}

fn through_ada() -> Asked {
    Asked::by("findr").through(&connection(ADA, "findr"))
}

#[test]
fn whoever_was_never_asked_is_named_once_for_each_power() {
    let asked = through_ada()
        .datum("pd:Name", &[(BERT, "friend")])
        .datum("pd:Name", &[(BERT, "friend")])
        .datum("pd:EmailAddress", &[(CLEO, "friend")]);
    assert_eq!(
        lacking(&world(), &asked),
        [(BERT, name().id()), (CLEO, email().id())]
    );
    let given = world().with_consent(&[BERT], "findr", &name());
    assert_eq!(lacking(&given, &asked), [(CLEO, email().id())]);
}

#[test]
fn of_a_record_that_only_consents_are_missing_to_everybody_without_one_is_named() {
    let together = read("pd:Name", "participant");
    let asked = through_ada().datum(
        "pd:Name",
        &[
            (BERT, "participant"),
            (CLEO, "participant"),
            (DORA, "participant"),
        ],
    );
    let given = world().with_consent(&[CLEO], "findr", &together);
    let id = together.id();
    assert_eq!(lacking(&given, &asked), [(BERT, id), (DORA, id)]);
}

#[test]
fn where_anything_else_stands_against_a_datum_nobody_in_it_is_named() {
    let refusing = |bar| world().with_bar(BERT, bar);
    let one = through_ada().datum("pd:Name", &[(BERT, "friend")]);
    let cases = [
        ("a bar", refusing(Bar::Everything), one.clone()),
        (
            "another bar",
            refusing(Bar::Through(Reach::Friend)),
            one.clone(),
        ),
        (
            "his browser",
            refusing(Bar::GlobalPrivacyControl),
            one.clone(),
        ),
        (
            "a refusal of this partner",
            refusing(Bar::Partner("findr".parse().unwrap())),
            one.clone(),
        ),
        (
            "a power that nobody granted",
            world(),
            through_ada().datum("social:Post", &[(BERT, "friend")]),
        ),
        (
            "no connection",
            world(),
            Asked::by("findr").datum("pd:Name", &[(BERT, "friend")]),
        ),
        (
            "somebody unknown beside him",
            world(),
            through_ada().datum("pd:Name", &[(BERT, "friend"), (PersonNo(99), "friend")]),
        ),
        (
            "somebody who refuses beside him",
            world().with_bar(CLEO, Bar::Everything),
            through_ada().datum("pd:Name", &[(BERT, "friend"), (CLEO, "friend")]),
        ),
        ("nobody in it", world(), through_ada().datum("pd:Name", &[])),
        (
            "somebody at another's own",
            world(),
            through_ada().datum("pd:Name", &[(BERT, "own")]),
        ),
    ];
    for (what, world, asked) in cases {
        assert!(
            !asked.decide(&world.facts(), world.now()).passes(0),
            "{what}"
        );
        assert_eq!(lacking(&world, &asked), [], "{what}");
    }
}

#[test]
fn a_promise_unless_everybody_consented_is_one_more_reason_to_ask() {
    let scope = Scope::default();
    let promised = world().with_promise("asked-first", Form::UnlessConsented, scope);
    let asked = through_ada().datum("pd:Name", &[(BERT, "friend")]);
    assert_eq!(lacking(&promised, &asked), [(BERT, name().id())]);
}
