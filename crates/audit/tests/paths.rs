//! A web server's log names people and threads in its paths: CSV, NDJSON and Parquet say the same of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use audit::report::{Question, Report};

/// Writes the log in one form.
type Writes = fn(&Path);

const PLAN: &str = r#"policy = "policy.yaml"
[[bystanders]]
name = "members"
by = "keys"
file = "members.csv"
[[log]]
files = ["log.FORM"]
mapping = "mapping.toml"
"#;

const MAPPING: &str = r#"[columns]
time = "time"
partner = "client"
person = "user"
method = "method"
path = "path"
status = "status"
[otherwise]
verb = "read"
purpose = "dpv:ServicePersonalisation"
[[operation]]
method = "GET"
path = "/people/{person}"
acts = [{ category = "pd:Name", reach = "own" }]
[[operation]]
method = "GET"
path = "/threads/{key}"
acts = [
  { category = "social:Message", reach = "own" },
  { category = "social:Message", reach = "participant", people = "members" },
]
"#;

/// Client, user, path, status; a row a minute. What is empty is not said.
const ROWS: [[&str; 4]; 8] = [
    ["findr", "", "/people/ada", "200"],
    ["findr", "bert", "/people/me?fields=name", "200"],
    ["findr", "cleo", "/threads/t1", "200"],
    ["findr", "cleo", "/threads/unheard-of", "200"],
    ["findr", "", "/threads/t1", "200"],
    ["findr", "cleo", "/threads/t1", "404"],
    ["findr", "cleo", "/nowhere", "200"],
    ["findr", "cleo", "/threads/t1", "many"],
];

fn time(row: usize) -> String {
    format!("2025-03-01T10:{row:02}:00Z")
}

fn csv(path: &Path) {
    let mut text = "time,client,user,method,path,status\n".to_owned();
    for (n, [client, user, path, status]) in ROWS.iter().enumerate() {
        text += &format!("{},{client},{user},GET,{path},{status}\n", time(n));
    }
    fs::write(path, text).unwrap();
}

fn ndjson(path: &Path) {
    let row = |(n, [client, user, path, status]): (usize, &[&str; 4])| {
        let user = (!user.is_empty()).then_some(user);
        serde_json::json!({"time": time(n), "client": client, "user": user, "method": "GET", "path": path, "status": status})
            .to_string()
    };
    let rows: Vec<String> = ROWS.iter().enumerate().map(row).collect();
    fs::write(path, rows.join("\n")).unwrap();
}

fn parquet(path: &Path) {
    let texts = |column: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from(column)) };
    let of = |n: usize| {
        let cell = |row: &[&str; 4]| (!row[n].is_empty()).then(|| row[n].to_owned());
        texts(ROWS.iter().map(cell).collect())
    };
    let batch = RecordBatch::try_from_iter([
        (
            "time",
            texts((0..ROWS.len()).map(|n| Some(time(n))).collect()),
        ),
        ("client", of(0)),
        ("user", of(1)),
        ("method", texts(vec![Some("GET".to_owned()); ROWS.len()])),
        ("path", of(2)),
        ("status", of(3)),
    ])
    .unwrap();
    let file = fs::File::create(path).unwrap();
    let mut writer = ::parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn report(form: &str, write_log: fn(&Path)) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write(
        "policy.yaml",
        "categories: [pd:Name, social:Message]\npower-lapses-after-days: 90\nconnection-quiet-after-days: 180\nconsent-at-most-days: 365\n",
    );
    write("members.csv", "key,person\nt1,cleo\nt1,dora\nt1,bert\n");
    write("mapping.toml", MAPPING);
    write("audit.toml", &PLAN.replace("FORM", form));
    write_log(&dir.path().join(format!("log.{form}")));
    let audit = audit::open(&dir.path().join("audit.toml")).unwrap();
    audit.run(1, decide::Time(0), &|_| {}).unwrap()
}

#[test]
fn people_and_threads_in_paths_are_found_in_every_form() {
    let forms: [(&str, Writes); 3] = [("csv", csv), ("ndjson", ndjson), ("parquet", parquet)];
    for (form, write_log) in forms {
        let report = report(form, write_log);
        let lost: Vec<(&str, u64)> = report
            .not_judged
            .iter()
            .map(|it| (it.reason.as_str(), it.rows))
            .collect();
        assert_eq!(
            lost,
            [
                ("the operation is not in the mapping", 1),
                ("the row does not say whose data it was: nobody is named", 1),
                ("the status is no number", 1),
            ],
            "{form}"
        );
        // ada, bert, cleo, and dora through the thread; 404 is no access.
        assert_eq!(
            (report.totals.refused, report.totals.people),
            (4, 4),
            "{form}"
        );
        let unknown: u64 = report
            .open
            .iter()
            .filter(|it| it.question == Question::Bystanders)
            .map(|it| it.accesses)
            .sum();
        assert_eq!(unknown, 1, "{form}: who is behind the unheard-of thread");
    }
}
