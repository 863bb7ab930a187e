//! The overlay for the sample platform compiles against the platform's own document.
use release::Api;

#[test]
fn the_sample_overlay_compiles() {
    let overlay = include_bytes!("../../../examples/sample-social/overlay.json");
    match Api::load(
        sample::OPENAPI.as_bytes(),
        "openapi.json",
        overlay,
        "overlay.json",
    ) {
        Ok(api) => assert_eq!(api.unmapped(), []),
        Err(errors) => panic!("{errors}"),
    }
}
