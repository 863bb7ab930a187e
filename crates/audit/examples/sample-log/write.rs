//! Everything that an audit of the sample log needs, written to a directory: documents, lists, logs, mapping, plan.

use std::fmt::Write as _;
use std::path::Path;

use decide::{Days, LegalBasis, Power, PowerId, Verb};
use sample::accesses::{AccessLog, DAY, Did, Lasts, PARTNERS, Refusal, odd};

use super::table::{Cell, Columns, Kind, Table};

/// A partner's id.
pub fn partner(number: u32) -> String {
    format!("partner-{number:02}")
}

/// Category and reach of what was done.
pub fn act(did: Did) -> (&'static str, &'static str) {
    match did {
        Did::OwnName => ("pd:Name", "own"),
        Did::OwnAddress => ("pd:EmailAddress", "own"),
        Did::FriendNames => ("pd:Name", "friend"),
        Did::FriendAddresses => ("pd:EmailAddress", "friend"),
        Did::Messages => ("social:Message", "participant"),
        Did::Calendar => ("social:Calendar", "own"),
    }
}

const PURPOSE: &str = "dpv:ServicePersonalisation";

/// What a partner's agreement grants.
fn powers(number: u32) -> Vec<Did> {
    let mut all = vec![Did::OwnName, Did::OwnAddress];
    match number {
        0 => all.extend([Did::FriendNames, Did::Calendar]),
        1 | 2 | odd::LAPSING => all.push(Did::FriendNames),
        4 => all.push(Did::Messages),
        odd::PROMISED => all.push(Did::FriendAddresses),
        _ => {}
    }
    all
}

fn power_id(did: Did) -> PowerId {
    let (category, reach) = act(did);
    let power = Power {
        verb: Verb::Read,
        category: category.parse().expect("a category"),
        reach: reach.parse().expect("a reach"),
        purpose: PURPOSE.parse().expect("a purpose"),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    };
    power.id()
}

/// Writes all of it. `form` is the ending of lists and logs; `files` how many files the log is cut into.
pub fn all(dir: &Path, log: AccessLog, form: &str, files: u64) {
    std::fs::create_dir_all(dir).expect("a directory");
    documents(dir);
    power_table(dir);
    lists(dir, log, form);
    let plan = plan(form);
    std::fs::write(dir.join("audit.toml"), plan).expect("written");
    std::fs::write(dir.join("mapping.toml"), MAPPING).expect("written");
    for file in 0..files {
        logs(dir, log, form, file, files);
    }
}

const MAPPING: &str = "\
[columns]
time = \"at\"
partner = \"partner\"
person = \"person\"
category = \"category\"
reach = \"reach\"
people = \"named\"
[otherwise]
verb = \"read\"
purpose = \"dpv:ServicePersonalisation\"
[bystanders]
friend = \"friends\"
";

fn plan(form: &str) -> String {
    let mut plan = "policy = \"policy.yaml\"\n".to_owned();
    for number in (0..PARTNERS).filter(|number| *number != odd::STRANGER) {
        let _ = write!(
            plan,
            "\n[[agreement]]\ndocument = \"{}.yaml\"\nsigned-by-platform = \"2023-12-01\"\n",
            partner(number)
        );
        if number != odd::UNSIGNED {
            plan.push_str("signed-by-partner = \"2023-12-01\"\n");
        }
        if number == odd::ENDED {
            plan.push_str("ended = \"2025-06-30\"\n");
        }
        if number == odd::SUSPENDED {
            plan.push_str("suspended = [[\"2025-04-11\", \"2025-05-11\"]]\n");
        }
    }
    plan.push_str("\n[[promise]]\ndocument = \"promise.yaml\"\n");
    for role in ["consents", "connections", "bars", "activity"] {
        let _ = write!(
            plan,
            "\n[[list]]\nrole = \"{role}\"\nfiles = [\"{role}.{form}\"]\n"
        );
    }
    let _ = write!(
        plan,
        "\n[[bystanders]]\nname = \"friends\"\nby = \"people\"\nfile = \"friends.{form}\"\n"
    );
    let _ = write!(
        plan,
        "\n[[log]]\nmapping = \"mapping.toml\"\nfiles = [\"log-*.{form}\"]\n"
    );
    plan
}

fn documents(dir: &Path) {
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).expect("written");
    write(
        "policy.yaml",
        "categories: [pd:Name, pd:EmailAddress, social:Message, social:Calendar]\npower-lapses-after-days: 90\nconnection-quiet-after-days: 180\nconsent-at-most-days: 36500\n",
    );
    write(
        "promise.yaml",
        "promise: friends-addresses-end\nmade: 2025-04-01\nsummary: Partners no longer get the addresses of people's friends.\naddress: https://example.org/newsroom/friends\nform: absolute\nscope:\n  categories: [pd:EmailAddress]\n  reaches: [friend]\n",
    );
    for number in (0..PARTNERS).filter(|number| *number != odd::STRANGER) {
        let name = partner(number);
        let mut text = format!(
            "agreement: with-{name}\nversion: 1\npartner: {name}\nclaimed-role: third-party\nin-return: Reach.\nterm:\n  from: 2023-12-01T00:00:00Z\n  until: 2030-01-01T00:00:00Z\nofficers:\n  platform:\n    - officer: pat\n      name: Pat Platt\n      title: Partnerships\n  partner:\n    - officer: kim\n      name: Kim Kell\n      title: Data\napprovals:\n  - by: privacy review\n    on: 2023-11-01\n    note: Invented.\nnotices: []\npowers:\n"
        );
        for did in powers(number) {
            let (category, reach) = act(did);
            let _ = write!(
                text,
                "  - verb: read\n    category: {category}\n    reach: {reach}\n    purpose: {PURPOSE}\n    retention-days: 30\n    legal-basis: consent\n    feature: Sample\n    needed: false\n    in-words: Reads {category} through {reach}.\n"
            );
        }
        write(&format!("{name}.yaml"), &text);
    }
}

/// Which power is whose act, for whoever asks the same questions without reading agreements.
fn power_table(dir: &Path) {
    let mut text = "partner,category,reach,power\n".to_owned();
    for number in (0..PARTNERS).filter(|number| *number != odd::STRANGER) {
        for did in powers(number) {
            let ((category, reach), power) = (act(did), power_id(did));
            let _ = writeln!(text, "{},{category},{reach},{power}", partner(number));
        }
    }
    std::fs::write(dir.join("powers.csv"), text).expect("written");
}

const CONSENTS: Columns = &[
    ("person", Kind::Id),
    ("partner", Kind::Text),
    ("power", Kind::Text),
    ("given", Kind::Time),
    ("until", Kind::Time),
    ("withdrawn", Kind::Time),
];
const CONNECTIONS: Columns = &[
    ("person", Kind::Id),
    ("partner", Kind::Text),
    ("powers", Kind::Text),
    ("from", Kind::Time),
    ("until", Kind::Time),
    ("ended", Kind::Time),
];
const BARS: Columns = &[
    ("person", Kind::Id),
    ("bar", Kind::Text),
    ("reach", Kind::Text),
    ("partner", Kind::Text),
    ("set", Kind::Time),
    ("lifted", Kind::Time),
];
const ACTIVITY: Columns = &[("person", Kind::Id), ("day", Kind::Time)];
const FRIENDS: Columns = &[("person", Kind::Id), ("other", Kind::Id)];
const LOG: Columns = &[
    ("at", Kind::Time),
    ("partner", Kind::Text),
    ("person", Kind::Id),
    ("category", Kind::Text),
    ("reach", Kind::Text),
    ("named", Kind::Text),
];

fn maybe<'a>(at: Option<i64>) -> Cell<'a> {
    at.map_or(Cell::None, Cell::Time)
}

fn lists(dir: &Path, log: AccessLog, form: &str) {
    let names: Vec<String> = (0..PARTNERS).map(partner).collect();
    let mut consents = Table::create(dir, "consents", form, CONSENTS);
    let mut connections = Table::create(dir, "connections", form, CONNECTIONS);
    let mut bars = Table::create(dir, "bars", form, BARS);
    let mut activity = Table::create(dir, "activity", form, ACTIVITY);
    let mut friends = Table::create(dir, "friends", form, FRIENDS);
    let ids = |dids: Vec<Did>| {
        dids.into_iter()
            .map(|did| power_id(did).to_string())
            .collect::<Vec<_>>()
            .join(";")
    };
    let sets: Vec<[String; 2]> = (0..PARTNERS)
        .map(|number| {
            let (all, mut without) = (powers(number), powers(number));
            without.retain(|did| *did != Did::OwnAddress);
            [ids(all), ids(without)]
        })
        .collect();
    let through: Vec<Option<String>> = (0..PARTNERS)
        .map(|number| {
            let mut all = powers(number).into_iter();
            all.find(|did| matches!(did, Did::FriendNames | Did::FriendAddresses | Did::Messages))
                .map(|did| power_id(did).to_string())
        })
        .collect();
    for person in log.everybody() {
        for number in 0..PARTNERS {
            let name = Cell::Text(&names[number as usize]);
            let lasts = |it: &Lasts| [Cell::Time(it.from), Cell::Time(it.until), maybe(it.ended)];
            if let Some(it) = log.connection(person, number) {
                let set = &sets[number as usize][usize::from(!log.covers_address(person, number))];
                let [from, until, ended] = lasts(&it);
                connections.row(&[Cell::Id(person), name, Cell::Text(set), from, until, ended]);
            }
            if let Some((it, power)) = log
                .consent(person, number)
                .zip(through[number as usize].as_ref())
            {
                let [from, until, ended] = lasts(&it);
                consents.row(&[
                    Cell::Id(person),
                    name,
                    Cell::Text(power),
                    from,
                    until,
                    ended,
                ]);
            }
        }
        for (refusal, set, lifted) in log.refusals(person) {
            let (bar, reach, of) = match refusal {
                Refusal::Everything => ("everything", Cell::None, Cell::None),
                Refusal::ThroughFriends => ("through", Cell::Text("friend"), Cell::None),
                Refusal::Partner(number) => (
                    "partner",
                    Cell::None,
                    Cell::Text(names[number as usize].as_str()),
                ),
                Refusal::Signal => ("global-privacy-control", Cell::None, Cell::None),
            };
            bars.row(&[
                Cell::Id(person),
                Cell::Text(bar),
                reach,
                of,
                Cell::Time(set),
                maybe(lifted),
            ]);
        }
        for day in log.active(person) {
            activity.row(&[
                Cell::Id(person),
                Cell::Time(sample::accesses::BEGINS + day * DAY),
            ]);
        }
        for other in log.friends_above(person) {
            friends.row(&[Cell::Id(person), Cell::Id(other)]);
        }
    }
    for table in [consents, connections, bars, activity, friends] {
        table.close();
    }
}

fn logs(dir: &Path, log: AccessLog, form: &str, file: u64, files: u64) {
    let mut table = Table::create(dir, &format!("log-{file:03}"), form, LOG);
    let names: Vec<String> = (0..PARTNERS).map(partner).collect();
    for number in log.rows * file / files..log.rows * (file + 1) / files {
        let row = log.row(number);
        let (category, reach) = act(row.did);
        let named: Vec<String> = row.named.iter().map(u64::to_string).collect();
        let named = named.join(";");
        table.row(&[
            Cell::Time(row.at),
            Cell::Text(&names[row.partner as usize]),
            Cell::Id(row.person),
            Cell::Text(category),
            Cell::Text(reach),
            if named.is_empty() {
                Cell::None
            } else {
                Cell::Text(&named)
            },
        ]);
    }
    table.close();
}
