//! The sweep against the slow finder, and against itself on the same text in other clothes.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use release::fuzzing::{find, is_identifier, keys, occurrences};

static ADDRESSES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let addresses = [
        "https://social.example/@{}",
        "https://social.example/users/{}",
        "https://social.example/v1/{id}",
        "http://localhost:3000/@{}",
        "https://{host}/ap/{}",
    ];
    addresses.map(str::to_owned).to_vec()
});

fn normal_forms(text: &str) -> Vec<String> {
    let all = occurrences(text, &ADDRESSES).expect("the templates are templates");
    all.into_iter().flatten().map(|(_, key)| key).collect()
}

fuzz_target!(|text: &str| {
    let normal = normal_forms(text);
    // All that is copied is a few times the text, whatever the text.
    let copied: usize = normal.iter().map(String::len).sum();
    assert!(copied <= 400 * text.len() + 400, "{copied} bytes of keys");
    for key in keys(text, &ADDRESSES).expect("the templates are templates") {
        assert!(normal.contains(&key), "{key:?} is declared and not found");
    }
    if text.len() > 200 {
        return; // the slow finder is cubic
    }
    for id in find(text) {
        let held = normal.iter().any(|key| key.contains(&id));
        assert!(held, "{id:?} is not found: {normal:?}");
    }
    for word in text.split(|c: char| c.is_whitespace() || "\"<>(),".contains(c)) {
        if is_identifier(word) {
            let key = word.to_ascii_lowercase();
            assert!(normal.contains(&key), "{key:?} is not read: {normal:?}");
        }
    }
    // What has no escapes in it is the same text behind one layer of each kind of them.
    if !text.contains(['%', '\\', '&']) {
        for encoded in [
            percent(text),
            json(text),
            html(text),
            percent(&json(&html(text))),
        ] {
            let again = normal_forms(&encoded);
            for key in &normal {
                assert!(again.contains(key), "{key:?} is not found in {encoded:?}");
            }
        }
    }
});

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn json(text: &str) -> String {
    text.encode_utf16()
        .map(|unit| format!("\\u{unit:04X}"))
        .collect()
}

fn html(text: &str) -> String {
    text.chars()
        .map(|c| format!("&#{};", u32::from(c)))
        .collect()
}
