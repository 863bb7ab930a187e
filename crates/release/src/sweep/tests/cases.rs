//! What is an identifier and what is not, one line each.

use super::super::{Forms, keys_of};
use super::{any_reading, forms, keys, longest};

const ANA: &str = "@ana:chat.example";

/// Text, and the longest reading of all that is to be found in it.
const FOUND: &[(&str, &[&str])] = &[
    // Matrix user ids.
    ("@ana:chat.example", &[ANA]),
    ("hello @ana:chat.example, and bye", &[ANA]),
    ("(@ana:chat.example)", &[ANA]),
    ("I met @ana:chat.example.", &[ANA]),
    ("@ana:chat.example: hello", &[ANA]),
    ("@ana:chat.example-", &[ANA]),
    ("\"@ana:chat.example\"", &[ANA]),
    ("'@ana:chat.example'", &[ANA]),
    ("<@ana:chat.example>", &[ANA]),
    ("x@ana:chat.example", &[ANA]),
    ("@@ana:chat.example", &[ANA]),
    (
        "@ana:chat.example@ben:chat.example",
        &["@ben:chat.example", ANA],
    ),
    ("@ana:localhost", &["@ana:localhost"]),
    ("@ana:localhost:8448", &["@ana:localhost:8448"]),
    ("@ana:192.0.2.7", &["@ana:192.0.2.7"]),
    ("@ana:192.0.2.7:8448", &["@ana:192.0.2.7:8448"]),
    ("@ana:[2001:db8::1]", &["@ana:[2001:db8::1]"]),
    ("@ana:[2001:db8::1]:8448", &["@ana:[2001:db8::1]:8448"]),
    ("@Ana:Chat.Example", &[ANA]),
    (
        "@a=n/a_+.-~!$%&*?#|{}^;\\'[]`:s",
        &["@a=n/a_+.-~!$%&*?#|{}^;\\'[]`:s"],
    ),
    ("@josé:chat.example", &["@josé:chat.example"]),
    ("@王:chat.example谢谢", &["@王:chat.example"]),
    ("matrix:u/ana:chat.example?action=chat", &[ANA]),
    ("matrix:user/ana:chat.example", &[ANA]),
    ("MATRIX:u/ana:chat.example", &[ANA]),
    // In addresses and markup.
    (
        "https://matrix.to/#/@ana:chat.example?via=chat.example",
        &[ANA],
    ),
    ("https://matrix.to/#/%40ana%3Achat.example", &[ANA]),
    ("https://matrix.to/#/%2540ana%253Achat.example", &[ANA]),
    (
        "https://client.example/#/user/%40ana%3Achat.example",
        &[ANA],
    ),
    (
        "<a href=\"https://matrix.to/#/@ana:chat.example\">Ana</a>",
        &[ANA],
    ),
    ("<a href='https://x.example/%40ana%3achat.example'>", &[ANA]),
    ("&#64;ana:chat.example", &[ANA]),
    ("&#x40;ana&#x3a;chat.example", &[ANA]),
    ("&commat;ana&colon;chat&period;example", &[ANA]),
    ("&amp;#64;ana:chat.example", &[ANA]),
    ("&#064 ana &#64@ben:chat.example", &["@ben:chat.example"]),
    // JSON in a string.
    (r#"{"sender":"@ana:chat.example"}"#, &[ANA]),
    (r#"{\"sender\":\"\u0040ana:chat.example\"}"#, &[ANA]),
    (
        r#"{\\\"sender\\\":\\\"\\u0040ana\\u003achat.example\\\"}"#,
        &[ANA],
    ),
    (r"\u0040\u0061na:chat.example", &[ANA]),
    (r"https:\/\/social.example\/@ana", &["//social.example/ana"]),
    // What nobody sees, and what only looks different.
    ("@a\u{200B}na\u{AD}:chat\u{2060}.ex\u{FEFF}ample", &[ANA]),
    ("\u{2068}@ana:chat.example\u{2069}", &[ANA]),
    (
        "%E2%80%8B@an%C2%ADa:chat.example",
        &["@an%c2%ada:chat.example", ANA],
    ),
    ("＠ana：chat．example", &[ANA]),
    ("＠ａｎａ:chat.example", &[ANA]),
    ("ana﹫mail.example", &["ana@mail.example"]),
    // Handles and mail.
    ("ana@mail.example", &["ana@mail.example"]),
    ("@ana@mail.example", &["ana@mail.example"]),
    ("acct:ana@mail.example", &["ana@mail.example"]),
    (
        "mailto:ana@mail.example?subject=hello",
        &["ana@mail.example"],
    ),
    ("<ana@mail.example>;", &["ana@mail.example"]),
    (
        "Ana.Silva+shop@Mail.Example.",
        &["ana.silva+shop@mail.example"],
    ),
    ("ana_b-c@mail.co.example", &["ana_b-c@mail.co.example"]),
    ("o'brien@mail.example", &["o'brien@mail.example"]),
    ("\"ana b\"@mail.example", &["\"ana b\"@mail.example"]),
    ("jörg@bücher.example", &["jörg@bücher.example"]),
    ("JÖRG@BÜCHER.example", &["jörg@bücher.example"]),
    ("ana@例え.テスト", &["ana@例え.テスト"]),
    (
        "ana@xn--r8jz45g.xn--zckzah",
        &["ana@xn--r8jz45g.xn--zckzah"],
    ),
    ("ana@localhost", &["ana@localhost"]),
    ("ana@localhost:3000", &["ana@localhost:3000"]),
    ("ana@192.0.2.7", &["ana@192.0.2.7"]),
    ("ana@[192.0.2.7]", &["ana@[192.0.2.7]"]),
    ("ana@[IPv6:2001:db8::1]", &["ana@[ipv6:2001:db8::1]"]),
    ("ana%40mail.example", &["ana@mail.example"]),
    ("ana@mail.example.2 apples", &["ana@mail.example"]),
    ("ana@mail.example..", &["ana@mail.example"]),
    ("ana@mail.example/inbox", &["ana@mail.example"]),
    (
        "ana@b.example@ben.example",
        &["ana@b.example", "b.example@ben.example"],
    ),
    // DIDs.
    (
        "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        &["did:plc:ewvi7nxzyoun6zhxrhs64oiz"],
    ),
    (
        "at://did:plc:abc123/app.bsky.feed.post/3k",
        &["did:plc:abc123"],
    ),
    ("DID:web:ana.example.", &["did:web:ana.example"]),
    (
        "did:web:localhost%3A8443:user:ana",
        &[
            "did:web:localhost%3a8443:user:ana",
            "did:web:localhost:8443:user:ana",
        ],
    ),
    ("did:key:z6Mk#z6Mk", &["did:key:z6mk"]),
    ("did:a:did:plc:abc", &["did:a:did:plc:abc"]),
    ("did%3Aplc%3Aabc", &["did:plc:abc"]),
    // Profile addresses.
    ("https://social.example/@ana", &["//social.example/ana"]),
    (
        "http://SOCIAL.example:443/@Ana/1099#x",
        &["//social.example/ana"],
    ),
    (
        "www.social.example/users/ana?tab=posts",
        &["//social.example/ana"],
    ),
    ("//social.example:80/@ana", &["//social.example/ana"]),
    (
        "see (https://social.example/@an%61).",
        &["//social.example/ana)."],
    ),
    ("https://social.example/@ana_", &["//social.example/ana_"]),
    (
        "https://x.example/?to=https%3A%2F%2Fsocial.example%2F%40ana&x=1",
        &["//social.example/ana&x=1"],
    ),
    (
        "https://social.example/@dora@far.example",
        &["dora@far.example"],
    ),
    (
        "看看https://social.example/@ana谢谢",
        &["//social.example/ana谢谢"],
    ),
    (
        "https://api.social.example/v1/accounts/1099/statuses",
        &["{id} 1099"],
    ),
    ("http://localhost:3000/@ana", &["//localhost:3000/ana"]),
    ("https://far.example/ap/users/dora", &["//far.example/dora"]),
    ("https://far/ap/users/dora", &["//far/dora"]),
    (
        "https://user@social.example/@ana",
        &["//user@social.example", "//social.example/ana"],
    ),
];

/// Text that names nobody.
const NOBODY: &[&str] = &[
    "",
    "@",
    "plain words",
    "meet @noon:30",
    "@noon: 30",
    "@ana hello:there",
    "@:chat.example",
    "@ana:",
    "@ana:-",
    "@ana:.example",
    "@ana:@ben",
    "@ana",
    "a@b",
    "a @ b.example",
    "@b.example",
    "https://medium.example/@ana.dev",
    "react@18.2.0",
    "vue@3.x",
    "left-pad@1.0.0-rc.1",
    "https://cdn.example/icon@2x.png",
    "10:30",
    "did:",
    "did:plc",
    "did:plc:",
    "did:plc:.",
    "did::x",
    "https://other.example/@ana",
    "https://evilsocial.example/@ana",
    "https://sub.social.example/@ana",
    "https://social.example:8080/@ana",
    "https://social.example/@",
    "https://social.example/about",
    "word/ap/users/dora",
    "https://localhost/@ana",
    "!room:chat.example",
    "$event:chat.example",
    "#alias:chat.example",
    "100% & more \\ or less",
    "&#xFFFFFFFF; &#; &; %4 %zz \\u12 \\ud800 \\ud800\\u0041",
];

#[test]
fn identifiers_are_found_wherever_and_however_they_are_written() {
    for (text, expected) in FOUND {
        let mut found = longest(text);
        let mut expected: Vec<_> = expected.iter().map(|key| (*key).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "in {text:?}");
    }
}

#[test]
fn what_names_nobody_is_no_identifier() {
    for text in NOBODY {
        assert_eq!(longest(text), Vec::<String>::new(), "in {text:?}");
    }
}

/// Where text touches an identifier, the identifier itself is among the readings.
#[test]
fn words_that_touch_an_identifier_leave_it_readable() {
    let cases = [
        ("@ana:chat.example:8448", "@ana:chat.example"),
        ("q=ana@mail.example", "ana@mail.example"),
        ("/to/ana@mail.example", "ana@mail.example"),
        ("*ana@mail.example*", "ana@mail.example"),
        ("_ana@mail.example_", "ana@mail.example"),
        ("'ana@mail.example'", "ana@mail.example"),
        (r"hello\nana@mail.example", "ana@mail.example"),
        (r"hello\u000aana@mail.example", "ana@mail.example"),
        ("hello%20ana@mail.example", "ana@mail.example"),
        ("请联系ana@mail.example谢谢", "ana@mail.example"),
        ("联系ana@mail.example。谢谢", "ana@mail.example"),
        ("did:plc:abc-", "did:plc:abc"),
        ("(https://social.example/@ana).", "//social.example/ana"),
        ("https://social.example/@ana&x=1", "//social.example/ana"),
        ("https://social.example/@ana...", "//social.example/ana"),
        ("https://social.example/@ana谢谢", "//social.example/ana"),
        (
            "<p>*https://social.example/@ana*</p>",
            "//social.example/ana",
        ),
    ];
    for (text, key) in cases {
        assert!(
            any_reading(text, key),
            "{key} in {text:?}: {:?}",
            keys(text)
        );
    }
}

/// A shorter reading must not make one person of another.
#[test]
fn no_reading_cuts_a_name_in_the_middle() {
    for (text, other) in [
        ("jörg@mail.example", "rg@mail.example"),
        ("ana.ben@mail.example", "ben@mail.example"),
        ("ana+ben@mail.example", "ben@mail.example"),
        ("ana@mail.example.org", "ana@mail.example"),
        ("@anaben:chat.example", "@ana:chat.example"),
        ("https://social.example/@jörg", "//social.example/j"),
        ("https://social.example/@ana.ben", "//social.example/ana"),
    ] {
        assert!(!any_reading(text, other), "{other} in {text:?}");
    }
}

#[test]
fn a_declared_identifier_has_the_normal_form_of_its_occurrences() {
    for (text, expected) in [
        ("@Ana:chat.example", &[ANA][..]),
        (" ana@Mail.example ", &["ana@mail.example"]),
        ("@ana@mail.example", &["ana@mail.example"]),
        ("acct:ana@mail.example", &["ana@mail.example"]),
        ("mailto:ana@mail.example", &["ana@mail.example"]),
        ("https://social.example/@Ana", &["//social.example/ana"]),
        (
            "https://social.example/users/ana/",
            &["//social.example/ana"],
        ),
        ("https://api.social.example/v1/accounts/7", &["{id} 7"]),
        ("did:plc:abc", &["did:plc:abc"]),
        ("@ana:chat.example:8448", &["@ana:chat.example:8448"]),
        ("ana%40mail.example", &["ana@mail.example"]),
        // None of these is one identifier and nothing else.
        ("ana", &[]),
        ("Ana <ana@mail.example>", &[]),
        ("ana@mail.example, ben@mail.example", &[]),
        ("see https://social.example/@ana", &[]),
        ("", &[]),
    ] {
        assert_eq!(keys_of(text, &forms()), expected, "of {text:?}");
    }
}

#[test]
fn the_exact_text_is_what_the_platform_wrote() {
    let exact = |text: &str| {
        let mut all = Vec::new();
        super::scan(text, &forms(), &mut |found| {
            all.extend(found.readings.iter().map(|one| one.exact.to_string()));
        });
        all
    };
    assert_eq!(exact("@Ana:Chat.example"), ["@Ana:Chat.example"]);
    assert_eq!(exact("to Ana@Mail.example"), ["Ana@Mail.example"]);
    assert_eq!(exact("https://api.social.example/v1/accounts/Ab7"), ["Ab7"]);
    assert_eq!(
        exact("<https://Social.example/@Ana>"),
        ["https://Social.example/@Ana"]
    );
}

#[test]
fn templates_that_are_none_are_told() {
    for (template, problem) in [
        ("social.example/@{}", "does not begin with https://"),
        (
            "https://social.example/about",
            "does not end with a placeholder",
        ),
        (
            "https://social.example/@{}/posts",
            "does not end with a placeholder",
        ),
        ("https://social.example{}", "has no path"),
        ("https://social.example/{x}/{}", "holds a brace"),
        ("https://social.example/%40{}", "a percent sign"),
        ("https://{host}/users/{id}", "cannot be at any host"),
        ("https:///@{}", "its host is none"),
        ("https://ana@social.example/@{}", "its host is none"),
    ] {
        let wrong = Forms::new(&[template.to_owned()]).unwrap_err();
        assert!(wrong.problem.contains(problem), "{template}: {wrong:?}");
        assert!(!wrong.expected.is_empty() && !wrong.remedy.is_empty());
    }
}
