//! `countersign case` as somebody with nothing but the program runs it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod support;

use std::fs;

use support::run;

/// A line a verdict: row, date, why it matters, record, question, answer, reasons.
fn lines(more: &[&str]) -> Vec<Vec<String>> {
    let nowhere = tempfile::tempdir().unwrap();
    let ran = run(
        &[&["--format", "plain", "case", "facebook-2018"], more].concat(),
        nowhere.path(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    ran.out.lines().map(cells).collect()
}

#[test]
fn the_case_is_told_from_an_empty_directory_and_is_the_same_with_the_label_on() {
    let told = lines(&[]);
    assert!(told.len() > 100, "{} answers", told.len());
    assert!(told.iter().all(|line| line.len() == 7));
    let bing = told
        .iter()
        .find(|line| line[0] == "r01" && line[1] == "2014-04-30")
        .unwrap();
    assert_eq!(bing[5], "refused");
    assert!(bing[6].contains("promised not to (P1)"), "{}", bing[6]);
    for role in ["service-provider", "third-party", "joint-controller"] {
        assert_eq!(lines(&["--as", role]), told);
    }
}

#[test]
fn for_people_it_names_its_sources_and_what_the_label_changed() {
    let nowhere = tempfile::tempdir().unwrap();
    let ran = run(
        &["case", "facebook-2018", "--as", "service-provider"],
        nowhere.path(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("sources: ["));
    assert!(
        ran.out
            .contains("newsroom.fb.com/news/2019/07/cleaning-up-data-access")
    );
    let last = ran.out.lines().last().unwrap();
    assert!(
        last.starts_with("With the label on every partner, 0 of "),
        "{last}"
    );
}

#[test]
fn as_json_each_row_holds_the_record_beside_what_the_rule_says() {
    let nowhere = tempfile::tempdir().unwrap();
    let ran = run(
        &["--format", "json", "case", "facebook-2018"],
        nowhere.path(),
    );
    let told = ran.json();
    assert_eq!(told["form"], "countersign-case/1");
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 19);
    for row in rows {
        assert_eq!(row["record"]["row"], row["said"]["row"]);
        assert!(!row["record"]["sources"].as_array().unwrap().is_empty());
        assert!(!row["in-return"].as_str().unwrap().is_empty());
    }
    let sony = &rows[6]["said"]["dates"];
    assert_eq!(sony[3]["day"], "2019-07-24");
    assert_eq!(sony[3]["standing"], "said-to-have-ended-and-on");
    assert_eq!(sony[3]["verdicts"][0]["passes"], false);
}

#[test]
fn the_page_is_written_whole_and_never_over_another_file() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("case.html");
    let ran = run(
        &["case", "facebook-2018", "--html", "case.html"],
        dir.path(),
    );
    assert_eq!((ran.code, ran.out.as_str()), (0, "wrote case.html\n"));
    let text = fs::read_to_string(&page).unwrap();
    assert!(
        text.to_lowercase().starts_with("<!doctype html>") && text.trim_end().ends_with("</html>")
    );
    fs::write(&page, "mine").unwrap();
    let again = run(
        &["case", "facebook-2018", "--html", "case.html"],
        dir.path(),
    );
    assert_eq!(again.code, 73, "{}", again.err);
    assert_eq!(fs::read_to_string(&page).unwrap(), "mine");
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "a temporary file was left: {left:?}");
    let nowhere = run(
        &["case", "facebook-2018", "--html", "no/such/place.html"],
        dir.path(),
    );
    assert_eq!(nowhere.code, 74, "{}", nowhere.err);
}

#[test]
fn an_unknown_case_is_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    let ran = run(&["case", "myspace-2006"], dir.path());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("facebook-2018"), "{}", ran.err);
}
