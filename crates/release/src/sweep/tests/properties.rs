//! The sweep against a slow finder, and identifiers hidden in layers.

use proptest::prelude::*;

use super::super::{ROUNDS, keys_of, scan};
use super::{any_reading, forms, keys, plain};

/// Text made of what identifiers are made of, so that many are nearly one.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-c]{1,3}",
        2 => prop_oneof![Just("@"), Just(":"), Just("."), Just("-"), Just("/")].prop_map(str::to_owned),
        1 => prop_oneof![Just("did:"), Just("ex.am"), Just("[::1]"), Just("10.0.0.7"), Just("localhost"), Just("8448")]
            .prop_map(str::to_owned),
        1 => prop_oneof![Just(" "), Just(","), Just("("), Just("\""), Just("%40"), Just("\\n"), Just("é"), Just("谢")]
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn identifier() -> impl Strategy<Value = String> {
    let name = "[a-zA-Z0-9][a-zA-Z0-9._=-]{0,8}[a-zA-Z0-9]";
    let host = prop_oneof![
        "[a-z][a-z0-9-]{0,4}[a-z]\\.(example|test)",
        "[a-zA-Z]{2,6}\\.co\\.example"
    ];
    prop_oneof![
        (name, host.clone()).prop_map(|(name, host)| format!("@{name}:{host}")),
        (name, 1..60_000_u16).prop_map(|(name, port)| format!("@{name}:localhost:{port}")),
        ("[a-zA-Z0-9][a-zA-Z0-9._-]{0,8}[a-zA-Z0-9]", host)
            .prop_map(|(name, host)| format!("{name}@{host}")),
        "[a-z0-9]{3,10}".prop_map(|id| format!("did:plc:{id}")),
        "[a-zA-Z0-9_]{2,8}".prop_map(|name| format!("https://social.example/@{name}")),
        "[0-9]{1,9}".prop_map(|id| format!("https://api.social.example/v1/accounts/{id}")),
    ]
}

/// Writes some characters in another way, which of them by `dice`.
fn hidden(text: &str, way: u8, dice: &[u8]) -> String {
    let mut out = String::new();
    for (n, c) in text.chars().enumerate() {
        // What marks an escape of an earlier layer is always escaped again, or it would be undone with this layer.
        let always = matches!(c, '%' | '\\' | '&');
        if !always
            && dice
                .get(n % dice.len().max(1))
                .is_none_or(|dice| dice % 3 > 0)
        {
            out.push(c);
            continue;
        }
        let mut bytes = [0; 4];
        match way % 4 {
            0 => c
                .encode_utf8(&mut bytes)
                .bytes()
                .for_each(|byte| out.push_str(&format!("%{byte:02X}"))),
            1 => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
            2 => out.push_str(&format!("&#{};", u32::from(c))),
            _ => out.push_str(&format!("&#x{:X};", u32::from(c))),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn what_the_slow_finder_finds_the_sweep_finds(text in nearly()) {
        for id in plain::find(&text) {
            // A longer reading may hold it: the sweep is no finder of all substrings.
            let held = keys(&text).into_iter().flatten().any(|key| key.contains(&id));
            prop_assert!(held, "{id:?} in {text:?}: {:?}", keys(&text));
        }
    }

    #[test]
    fn between_blanks_the_two_agree_on_what_it_is(text in nearly()) {
        for word in text.split(|c: char| !c.is_ascii_graphic() || "\"(),%\\&".contains(c)) {
            let whole = plain::find(word).contains(&word.to_lowercase());
            prop_assert!(!whole || any_reading(&format!(" {word} "), &word.to_lowercase()), "{word:?}");
        }
    }

    #[test]
    fn an_identifier_is_found_however_it_is_encoded_and_what_stands_beside_it(
        id in identifier(),
        before in prop_oneof![Just(""), Just(" "), Just("\""), Just("("), Just("href='"), Just("to: "), Just("<b>"), Just("谢谢 ")],
        behind in prop_oneof![Just(""), Just(" "), Just("\""), Just(")"), Just("'>"), Just(", "), Just(". "), Just("</b>"), Just("?x=1"), Just("。")],
        ways in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 1..8)), 0..=ROUNDS),
        unseen in proptest::collection::vec((0..40_usize, prop_oneof![Just('\u{200B}'), Just('\u{AD}'), Just('\u{2060}'), Just('\u{FEFF}'), Just('\u{200D}')]), 0..3),
        upper in any::<bool>(),
    ) {
        let [key] = &keys_of(&id, &forms())[..] else { panic!("{id} is not one identifier") };
        let mut shown: Vec<char> = if upper { id.to_uppercase() } else { id.clone() }.chars().collect();
        for (at, c) in unseen {
            shown.insert(at.min(shown.len()), c);
        }
        let mut text = format!("{before}{}{behind}", shown.iter().collect::<String>());
        for (way, dice) in &ways {
            text = hidden(&text, *way, dice);
        }
        prop_assert!(any_reading(&text, key), "{id} ({key}) in {text:?}: {:?}", keys(&text));
    }

    #[test]
    fn any_text_at_all_is_read_to_its_end(text in any::<String>(), forms_too in any::<bool>()) {
        let forms = if forms_too { forms() } else { super::Forms::default() };
        scan(&text, &forms, &mut |found| {
            assert!(!found.readings.is_empty());
            assert!(found.readings.iter().all(|one| !one.exact.is_empty() && !one.key.is_empty()));
        });
        keys_of(&text, &forms);
    }

    /// A key is a key: as a declared value it is its own normal form, so equal keys mean equal identifiers.
    #[test]
    fn the_normal_form_of_a_normal_form_is_itself(id in identifier()) {
        let keys = keys_of(&id, &forms());
        for key in keys.iter().filter(|key| !key.starts_with("//") && !key.starts_with('{')) {
            prop_assert_eq!(keys_of(key, &forms()), [key.as_str()]);
        }
    }
}

/// Text made to be slow: a hundred times as long must not take a thousand times as long.
#[test]
fn time_grows_with_the_text_and_not_faster() {
    let cost = |piece: &str, times: usize| {
        let text = piece.repeat(times);
        let mut bytes = 0;
        scan(&text, &forms(), &mut |found| {
            bytes += found
                .readings
                .iter()
                .map(|one| one.exact.len() + one.key.len())
                .sum::<usize>();
        });
        bytes
    };
    for piece in [
        "@",
        "a@",
        "@a:",
        "@a:b",
        "did:a:",
        "a.",
        "a@b.cc.",
        "%25",
        "%2540",
        "\\\\",
        "&amp;",
        "/",
        "x.yy/",
        "matrix:u/",
        "@[",
        "\"a\"@",
        "https://",
        "a/@b",
        "谢@b.cc谢",
    ] {
        let (short, long) = (cost(piece, 100), cost(piece, 10_000));
        assert!(
            long <= 200 * short.max(100),
            "{piece:?}: {short} then {long}"
        );
    }
}
