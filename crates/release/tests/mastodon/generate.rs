//! Home timelines of invented people, from a seed: every way in which somebody can stand in a post, mixed.

use serde_json::{Value, json};

/// Ada first, who has connected the partner. Every third is at another server.
pub(crate) const NAMES: [&str; 10] = [
    "ada", "bert", "cleo", "dora", "emil", "frida", "gus", "hedda", "ivo", "jana",
];

/// Numbers that look random and are the same every time (a linear congruential generator; Knuth's constants).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// From 0 to below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn once_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn somebody(&mut self) -> usize {
        usize::try_from(self.roll(10)).unwrap()
    }
}

pub(crate) fn id(person: usize) -> String {
    (110_000_000_000_000_000 + 7_919_313_131_717 * (person as u64 + 1)).to_string()
}

fn is_remote(person: usize) -> bool {
    person % 3 == 2
}

fn host(person: usize) -> &'static str {
    if is_remote(person) {
        "far.example"
    } else {
        "social.example"
    }
}

fn profile(person: usize) -> String {
    format!("https://{}/@{}", host(person), NAMES[person])
}

fn acct(person: usize) -> String {
    let at = if is_remote(person) {
        "@far.example"
    } else {
        ""
    };
    format!("{}{at}", NAMES[person])
}

fn link(person: usize) -> String {
    format!(
        "<a href=\"{}\" class=\"u-url mention\">@<span>{}</span></a>",
        profile(person),
        NAMES[person]
    )
}

/// The same person has the same profile wherever it stands; some name somebody else in it.
fn account(person: usize) -> Value {
    let other = (person * 7 + 3) % NAMES.len();
    let bio = if person == 4 {
        format!("<p>Ask {}.</p>", link(other))
    } else {
        "<p>Hello.</p>".to_owned()
    };
    let field = if person % 2 == 1 {
        link(other)
    } else {
        "Ulm".to_owned()
    };
    json!({
        "id": id(person), "username": NAMES[person], "acct": acct(person), "display_name": format!("{} X.", NAMES[person].to_uppercase()),
        "locked": person == 3, "bot": false, "created_at": "2022-11-07T00:00:00.000Z", "note": bio,
        "url": profile(person), "uri": format!("https://{}/users/{}", host(person), NAMES[person]),
        "avatar": format!("https://files.social.example/a/{}.png", person * 31),
        "followers_count": person * 12, "last_status_at": "2026-11-20",
        "fields": [{ "name": "Near", "value": field, "verified_at": null }],
        "moved_from": NAMES[other],
    })
}

fn mention(person: usize) -> Value {
    json!({ "id": id(person), "username": NAMES[person], "url": profile(person), "acct": acct(person) })
}

fn post(dice: &mut Dice, n: u64, nested: bool) -> Value {
    let author = dice.somebody();
    let mentioned: Vec<usize> = (0..dice.roll(3)).map(|_| dice.somebody()).collect();
    let mut text: Vec<String> = mentioned.iter().map(|person| link(*person)).collect();
    text.push(format!("number {n}"));
    if dice.once_in(6) {
        text.push(format!(
            "see <a href=\"{}/113400\">this</a>",
            profile(dice.somebody())
        ));
    }
    let reblog = if !nested && dice.once_in(4) {
        post(dice, n + 500, true)
    } else {
        Value::Null
    };
    let visibility = match dice.roll(8) {
        _ if nested || !reblog.is_null() => "public",
        0 => "private",
        1 => "unlisted",
        // Ada sees only those that are to or from her.
        2 if author == 0 || mentioned.contains(&0) => "direct",
        3 => "of a kind that came later",
        _ => "public",
    };
    let reply = dice.once_in(4).then(|| id(dice.somebody()));
    let address = format!(
        "https://{}/users/{}/statuses/{n}",
        host(author),
        NAMES[author]
    );
    let spoiler = if dice.once_in(9) {
        acct_in_words(dice.somebody())
    } else {
        String::new()
    };
    json!({
        "id": format!("1135{n:08}"), "uri": address, "url": format!("{}/{n}", profile(author)),
        "created_at": "2026-11-20T10:11:12.000Z", "edited_at": null, "visibility": visibility, "sensitive": false,
        "spoiler_text": spoiler, "language": "en", "in_reply_to_id": reply.as_ref().map(|_| "113400"),
        "in_reply_to_account_id": reply, "replies_count": 2, "favourited": dice.once_in(3), "bookmarked": false,
        "content": format!("<p>{}</p>", text.join(" ")), "account": account(author),
        "mentions": mentioned.iter().map(|person| mention(*person)).collect::<Vec<_>>(),
        "tags": [], "media_attachments": [], "reblog": reblog,
        "poll": if dice.once_in(7) { json!({ "id": "9", "expires_at": null, "options": [{ "title": "rye", "votes_count": 3 }], "voted": true, "own_votes": [0] }) } else { Value::Null },
        "_seen_by": [acct(dice.somebody())],
    })
}

/// With a server's name in it, as text.
fn acct_in_words(person: usize) -> String {
    format!("with @{}@{}", NAMES[person], host(person))
}

/// A page of a home timeline.
pub(crate) fn timeline(dice: &mut Dice) -> Value {
    (0..20).map(|n| post(dice, 20_000 - n, false)).collect()
}
