//! What a client can find out by itself, where people can be asked.

use super::stage::Stage;
use crate::support::send;

#[tokio::test]
async fn the_metadata_names_everything_that_the_profile_demands() {
    let stage = Stage::new().await;
    let to = stage.public.trim_start_matches("http://").parse().unwrap();
    let told = send(
        to,
        "GET",
        "/.well-known/oauth-authorization-server",
        &[],
        "",
    )
    .await;
    let told = told
        .json()
        .to_string()
        .replace(&stage.public, "https://partners.sample.example");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&told).unwrap());
}
