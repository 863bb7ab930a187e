//! What `countersign check` prints for the sample platform.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, and so may what they share"
)]

use release::{Api, report};

const OVERLAY: &[u8] = include_bytes!("../../../examples/sample-social/overlay.json");

fn api() -> Api {
    Api::load(
        sample::OPENAPI.as_bytes(),
        "openapi.json",
        OVERLAY,
        "overlay.json",
    )
    .unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_report_on_the_sample_platform() {
    insta::assert_snapshot!(report(&api()).to_string());
}

#[test]
fn the_report_is_data_too() {
    let report = serde_json::to_value(report(&api())).unwrap();
    let friends = report["operations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|o| o["id"] == "listFriends")
        .unwrap();
    assert_eq!(friends["verb"], "read");
    assert_eq!(friends["on-behalf"], "person");
    let name = friends["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["member"] == "/data/*/name")
        .unwrap();
    assert_eq!(
        name,
        &serde_json::json!({ "member": "/data/*/name", "category": "pd:Name", "people": [["friend"]] })
    );
}

#[test]
fn every_operation_of_the_sample_platform_has_a_plan_and_an_open_door() {
    let api = api();
    // These two say of a record whose it is: the gateway asks for them itself, and partners get them nowhere.
    let unmapped = api.unmapped().iter().map(|one| one.id.as_deref());
    let ours = [Some("getPost"), Some("listParticipants")];
    assert_eq!(unmapped.collect::<Vec<_>>(), ours);
    for operation in api.operations() {
        assert!(!operation.pairs().is_empty(), "{}", operation.id());
        assert!(operation.could_pass(&|_, _| true), "{}", operation.id());
        assert!(!operation.could_pass(&|_, _| false), "{}", operation.id());
    }
}
