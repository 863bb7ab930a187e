//! The page of a report: it loads nothing, is well-formed, and shows everything that the report has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod shown;

use std::collections::BTreeSet;

use audit::html;
use audit::report::{Question, Report};
use roxmltree::{Document, Node, ParsingOptions};

fn parsed(text: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).unwrap()
}

fn words(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    texts.filter_map(|it| it.text()).collect()
}

/// The text of each row of the table under a heading.
fn table(text: &str, heading: &str) -> Vec<String> {
    let document = parsed(text);
    let labelled = |it: &Node<'_, '_>| it.attribute("aria-labelledby") == Some(heading);
    let Some(region) = document.descendants().find(labelled) else {
        return Vec::new();
    };
    let body = region
        .descendants()
        .find(|it| it.has_tag_name("tbody"))
        .unwrap();
    body.children()
        .filter(Node::is_element)
        .map(words)
        .collect()
}

#[test]
fn the_page_refers_to_nothing_outside_itself() {
    let text = html(&shown::report()).unwrap();
    let document = parsed(&text);
    let ids: Vec<_> = document
        .descendants()
        .filter_map(|it| it.attribute("id"))
        .collect();
    assert_eq!(
        ids.len(),
        ids.iter().collect::<BTreeSet<_>>().len(),
        "an id is given twice"
    );
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(
            ![
                "script", "link", "img", "iframe", "object", "embed", "base", "form"
            ]
            .contains(&name)
        );
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(
                !name.starts_with("on") && name != "src" && name != "srcset",
                "{name}={value}"
            );
            if name == "href" {
                assert!(
                    ids.contains(&value.strip_prefix('#').unwrap()),
                    "{value} leads nowhere"
                );
            } else {
                assert!(!value.contains("//"), "{name}={value}");
            }
        }
    }
}

#[test]
fn every_finding_stands_on_the_page_with_its_counts() {
    let report = shown::report();
    let rows = table(&html(&report).unwrap(), "findings");
    assert_eq!(rows.len(), report.findings.len());
    for (row, finding) in rows.iter().zip(&report.findings) {
        for part in [
            finding.partner.to_string(),
            finding.kind.to_string(),
            page::thousands(finding.accesses),
            page::thousands(finding.people),
        ] {
            assert!(row.contains(&part), "{part:?} is not in {row:?}");
        }
        if let Some(promise) = &finding.words {
            assert!(
                row.contains(&promise.summary),
                "a promise broken stands without its words: {row:?}"
            );
        }
    }
}

#[test]
fn what_could_not_be_judged_is_shown_with_its_places_and_not_left_out() {
    let report = shown::report();
    let text = html(&report).unwrap();
    let rows = table(&text, "not-judged");
    assert_eq!(rows.len(), report.not_judged.len());
    assert!(rows[0].contains("2018-03.ndjson.gz:88"), "{}", rows[0]);
    assert!(
        rows[1].contains("not known"),
        "how many rows a truncated file lost is not known, not 0: {}",
        rows[1]
    );
    let open = table(&text, "open");
    assert_eq!(open.len(), report.open.len());
    assert!(open[0].contains(&Question::Bystanders.to_string()));
}

#[test]
fn every_number_of_the_pictures_stands_in_the_table_beside_them() {
    let report = shown::report();
    let text = html(&report).unwrap();
    let rows = table(&text, "months");
    assert_eq!(rows.len(), report.months.len());
    let document = parsed(&text);
    let pictures: Vec<_> = document
        .descendants()
        .filter(|it| it.attribute("role") == Some("img"))
        .collect();
    let partners: BTreeSet<_> = report.months.iter().map(|line| &line.partner).collect();
    let judged = report
        .promises
        .iter()
        .filter(|it| it.form != decide::Form::NotJudgeable);
    assert_eq!(pictures.len(), 2 * partners.len() + judged.count());
    assert!(pictures.iter().all(|it| {
        it.attribute("aria-label")
            .is_some_and(|words| words.len() > 20)
    }));
}

/// What others wrote (reasons, files, promises) cannot become markup.
#[test]
fn what_others_wrote_stays_text() {
    let mut report = shown::report();
    let nasty = "<script>alert(1)</script>\" onload=\"x";
    report.sources[0].file = nasty.into();
    report.not_judged[0].reason = nasty.into();
    report.promises[0].words.summary = nasty.into();
    report.remarks[0].what = nasty.into();
    let text = html(&report).unwrap();
    let document = parsed(&text);
    assert!(!document.descendants().any(|it| it.has_tag_name("script")));
    assert!(!document.descendants().any(|it| it.has_attribute("onload")));
    assert_eq!(words(document.root()).matches(nasty).count(), 4);
}

#[test]
fn a_report_of_nothing_says_that_nothing_was_found_and_draws_nothing() {
    let empty = Report {
        findings: Vec::new(),
        not_judged: Vec::new(),
        open: Vec::new(),
        remarks: Vec::new(),
        months: Vec::new(),
        promises: Vec::new(),
        sources: Vec::new(),
        period: None,
        ..shown::report()
    };
    let text = html(&empty).unwrap();
    assert!(text.contains("Everything was judged, and nothing stands against any of it."));
    assert!(
        !parsed(&text)
            .descendants()
            .any(|it| it.attribute("role") == Some("img"))
    );
}

#[test]
fn open_questions_alone_are_not_called_clean() {
    let open = Report {
        findings: Vec::new(),
        ..shown::report()
    };
    let text = html(&open).unwrap();
    assert!(text.contains("not everything could be judged"));
    assert!(!text.contains("nothing stands against any of it"));
}
