//! The slow plain model: what of an answer of Mastodon's may leave if somebody refuses, told a second time and without
//! the overlay.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use Member::{Alone, Each, In, Keep, One};

/// One object of an answer.
pub(crate) struct Shape {
    /// Where it names its people, beside those of the record around it; `None` if it is a part of that record.
    people: Option<&'static [&'static str]>,
    members: &'static [(&'static [&'static str], Member)],
}

enum Member {
    /// A value as it is.
    Keep,
    /// The same, and it goes alone if it names somebody who may not be named.
    Alone,
    In(&'static Shape),
    Each(&'static Member),
    /// One of several, as a member says.
    One(&'static str, &'static [(&'static str, &'static Shape)]),
}

static FIELD: Shape = Shape {
    people: Some(&[]),
    members: &[(&["name", "value", "verified_at"], Keep)],
};
static ACCOUNT: Shape = Shape {
    people: Some(&["id"]),
    members: &[
        (
            &[
                "id",
                "username",
                "acct",
                "url",
                "uri",
                "display_name",
                "created_at",
            ],
            Keep,
        ),
        (
            &["avatar", "avatar_static", "header", "header_static"],
            Keep,
        ),
        (
            &["locked", "bot", "group", "discoverable", "indexable"],
            Keep,
        ),
        (&["note"], Alone),
        (&["fields"], Each(&In(&FIELD))),
    ],
};
static RELATIONSHIP: Shape = Shape {
    people: Some(&["id"]),
    members: &[
        (
            &[
                "id",
                "following",
                "followed_by",
                "requested",
                "requested_by",
                "showing_reblogs",
            ],
            Keep,
        ),
        (
            &[
                "note",
                "muting",
                "muting_notifications",
                "blocking",
                "notifying",
                "endorsed",
            ],
            Keep,
        ),
    ],
};
static MENTION: Shape = Shape {
    people: Some(&["id"]),
    members: &[(&["id", "username", "acct", "url"], Keep)],
};
static MEDIA: Shape = Shape {
    people: None,
    members: &[(
        &[
            "id",
            "type",
            "url",
            "preview_url",
            "remote_url",
            "description",
            "blurhash",
        ],
        Keep,
    )],
};
static TAG: Shape = Shape {
    people: None,
    members: &[(&["name", "url"], Keep)],
};
static OPTION: Shape = Shape {
    people: None,
    members: &[(&["title"], Keep)],
};
static POLL: Shape = Shape {
    people: None,
    members: &[
        (
            &[
                "id",
                "expires_at",
                "expired",
                "multiple",
                "voted",
                "own_votes",
            ],
            Keep,
        ),
        (&["options"], Each(&In(&OPTION))),
    ],
};
/// What all posts have.
macro_rules! post {
    ($people:expr $(, $more:expr)?) => {
        Shape {
            people: Some($people),
            members: &[
                (&["id", "uri", "url", "created_at", "edited_at", "content", "visibility", "sensitive"], Keep),
                (&["spoiler_text", "language", "in_reply_to_id", "in_reply_to_account_id"], Keep),
                (&["favourited", "reblogged", "muted", "bookmarked", "pinned"], Keep),
                (&["account"], In(&ACCOUNT)),
                (&["mentions"], Each(&In(&MENTION))),
                (&["media_attachments"], Each(&In(&MEDIA))),
                (&["tags"], Each(&In(&TAG))),
                (&["poll"], In(&POLL)),
                $($more,)?
            ],
        }
    };
}
static PLAIN: Shape = post!(&[
    "account/id",
    "mentions/*/id",
    "in_reply_to_account_id",
    "quote/quoted_status/account/id",
]);
static STATUS: Shape = post!(
    &[
        "account/id",
        "mentions/*/id",
        "in_reply_to_account_id",
        "quote/quoted_status/account/id",
        "reblog/account/id",
        "reblog/mentions/*/id",
        "reblog/in_reply_to_account_id",
        "reblog/quote/quoted_status/account/id",
    ],
    (&["reblog"], In(&PLAIN))
);
static KINDS: &[(&str, &Shape)] = &[
    ("public", &STATUS),
    ("unlisted", &STATUS),
    ("private", &STATUS),
    ("direct", &PLAIN),
];
static CONTEXT: Shape = Shape {
    people: None,
    members: &[(
        &["ancestors", "descendants"],
        Each(&One("visibility", KINDS)),
    )],
};
static CONVERSATION: Shape = Shape {
    people: Some(&["accounts/*/id"]),
    members: &[
        (&["id", "unread"], Keep),
        (&["accounts"], Each(&In(&ACCOUNT))),
        (&["last_status"], One("visibility", KINDS)),
    ],
};
static ACT: Shape = Shape {
    people: Some(&["account/id"]),
    members: &[
        (&["id", "type", "created_at"], Keep),
        (&["account"], In(&ACCOUNT)),
    ],
};
static ACT_ON_POST: Shape = Shape {
    people: Some(&["account/id"]),
    members: &[
        (&["id", "type", "created_at"], Keep),
        (&["account"], In(&ACCOUNT)),
        (&["status"], One("visibility", KINDS)),
    ],
};
static ACTS: &[(&str, &Shape)] = &[
    ("follow", &ACT),
    ("follow_request", &ACT),
    ("mention", &ACT_ON_POST),
    ("status", &ACT_ON_POST),
    ("reblog", &ACT_ON_POST),
    ("favourite", &ACT_ON_POST),
    ("poll", &ACT_ON_POST),
    ("update", &ACT_ON_POST),
];

/// The answers to all operations but those that are lists of posts.
static ANSWERS: &[(&str, Member)] = &[
    ("verifyCredentials", In(&ACCOUNT)),
    ("getAccount", In(&ACCOUNT)),
    ("getFollowers", Each(&In(&ACCOUNT))),
    ("getFollowing", Each(&In(&ACCOUNT))),
    ("getRelationships", Each(&In(&RELATIONSHIP))),
    ("getConversations", Each(&In(&CONVERSATION))),
    ("getNotifications", Each(&One("type", ACTS))),
    ("getStatus", One("visibility", KINDS)),
    ("getContext", In(&CONTEXT)),
];
static POSTS: Member = Each(&One("visibility", KINDS));

/// A profile's server and name, or a handle (`emil@far.example`). The two are different names of somebody.
type Name = (String, String);

/// The names that stand in a text.
fn names_in(text: &str) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    for address in text.split("https://").skip(1) {
        let Some((host, path)) = address.split_once('/') else {
            continue;
        };
        for begins in ["@", "users/"] {
            if let Some(rest) = path.strip_prefix(begins) {
                let end = rest.find(['/', '"', '<', ' ']).unwrap_or(rest.len());
                names.insert((host.to_owned(), rest[..end].to_owned()));
            }
        }
    }
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && !"@._-".contains(c)) {
        let handle = word.trim_start_matches('@');
        if handle.contains('@') {
            names.insert((String::new(), handle.to_owned()));
        }
    }
    names
}

/// The names that an account or a mention gives to its person.
fn names_of(object: &Map<String, Value>) -> BTreeSet<Name> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let Some(acct) = text("acct") else {
        return BTreeSet::new();
    };
    let local = format!("{acct}@social.example");
    let acct = if acct.contains('@') { acct } else { &local };
    let values = [Some(acct), text("url"), text("uri")];
    values.into_iter().flatten().flat_map(names_in).collect()
}

/// One answer.
pub(crate) struct Model<'a> {
    operation: &'a str,
    answer: &'a Value,
}

/// What is met on the way.
struct Pass<'m> {
    refusing: &'m str,
    /// Those whose account or mention leaves, as far as is known.
    permitted: &'m BTreeSet<Name>,
    /// Those whose account or mention left.
    left: BTreeSet<Name>,
}

impl<'a> Model<'a> {
    pub(crate) fn new(operation: &'a str, answer: &'a Value) -> Model<'a> {
        Model { operation, answer }
    }

    /// What leaves if this person refuses (nobody: an id that nobody has).
    pub(crate) fn without(&self, refusing: &str) -> Option<Value> {
        let mut permitted = BTreeSet::new();
        each_object(self.answer, &mut |object| {
            permitted.extend(names_of(object))
        });
        loop {
            let left = BTreeSet::new();
            let mut pass = Pass {
                refusing,
                permitted: &permitted,
                left,
            };
            let around = BTreeSet::new();
            let kind = ANSWERS.iter().find(|(name, _)| *name == self.operation);
            let kind = kind.map_or(&POSTS, |(_, kind)| kind);
            let answer = self.value(kind, self.answer, &around, &mut pass);
            // Whoever is nowhere in what leaves may not be named in it either, so there may be less of it.
            if pass.left == permitted {
                // An empty list of somebody's posts, or around a post, would show that there is something.
                let hides = ["getAccountStatuses", "getContext"].contains(&self.operation);
                return answer.filter(|answer| !(hides && is_empty(answer)));
            }
            permitted = pass.left;
        }
    }

    fn value(
        &self,
        member: &Member,
        value: &Value,
        around: &BTreeSet<String>,
        pass: &mut Pass<'_>,
    ) -> Option<Value> {
        match member {
            Keep => Some(value.clone()),
            Alone => {
                let mut named = value.as_str().map(names_in).into_iter().flatten();
                let strange = named.any(|name| !pass.permitted.contains(&name));
                (!strange).then(|| value.clone())
            }
            In(shape) => self.object(shape, value, around, pass),
            Each(inner) => {
                let list = value.as_array()?.iter();
                let left = list.filter_map(|value| self.value(inner, value, around, pass));
                Some(left.collect())
            }
            One(by, shapes) => {
                let kind = value.get(by)?.as_str()?;
                let (_, shape) = shapes.iter().find(|(name, _)| *name == kind)?;
                self.object(shape, value, around, pass)
            }
        }
    }

    fn object(
        &self,
        shape: &Shape,
        value: &Value,
        around: &BTreeSet<String>,
        pass: &mut Pass<'_>,
    ) -> Option<Value> {
        if value.is_null() {
            // Nobody looks like somebody who refuses: a missing member.
            return shape.people.is_none().then_some(Value::Null);
        }
        let mut people = around.clone();
        for place in shape.people.unwrap_or_default() {
            ids(value, &place.split('/').collect::<Vec<_>>(), &mut people);
        }
        let mut texts = Vec::new();
        own_texts(shape, value, &mut texts);
        let mut named = texts.into_iter().flat_map(names_in);
        let is_record = shape.people.is_some();
        if people.contains(pass.refusing)
            || is_record && named.any(|name| !pass.permitted.contains(&name))
        {
            return None;
        }
        let mut left = Map::new();
        for (names, member) in shape.members {
            for name in *names {
                let Some(inner) = value.get(name) else {
                    continue;
                };
                let inner = self.value(member, inner, &people, pass);
                left.extend(inner.map(|inner| ((*name).to_owned(), inner)));
            }
        }
        if is_record {
            pass.left.extend(names_of(&left));
        }
        Some(Value::Object(left))
    }
}

fn is_empty(answer: &Value) -> bool {
    match answer {
        Value::Object(object) => object.values().all(is_empty),
        other => other.as_array().is_some_and(Vec::is_empty),
    }
}

/// All strings of a record that are in no record within it.
fn own_texts<'v>(shape: &Shape, value: &'v Value, texts: &mut Vec<&'v str>) {
    for (names, member) in shape.members {
        for inner in names.iter().filter_map(|name| value.get(name)) {
            match member {
                Keep => texts.extend(inner.as_str()),
                In(shape) | Each(In(shape)) if shape.people.is_none() => {
                    let each = inner
                        .as_array()
                        .map_or(std::slice::from_ref(inner), Vec::as_slice);
                    each.iter().for_each(|inner| own_texts(shape, inner, texts));
                }
                _ => {}
            }
        }
    }
}

fn ids(value: &Value, place: &[&str], found: &mut BTreeSet<String>) {
    match place {
        [] => found.extend(value.as_str().map(str::to_owned)),
        ["*", rest @ ..] => value
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|inner| ids(inner, rest, found)),
        [name, rest @ ..] => value
            .get(name)
            .into_iter()
            .for_each(|inner| ids(inner, rest, found)),
    }
}

/// Calls `each` for every object, however deep.
pub(crate) fn each_object<'v>(value: &'v Value, each: &mut impl FnMut(&'v Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            each(object);
            object.values().for_each(|inner| each_object(inner, each));
        }
        Value::Array(list) => list.iter().for_each(|inner| each_object(inner, each)),
        _ => {}
    }
}
