//! The page about a case: it loads nothing, is well-formed, and every figure on it says where it comes from.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use std::collections::BTreeSet;

use case::{Asked, html, judge, open};
use decide::ClaimedRole;
use roxmltree::{Document, Node, ParsingOptions};

fn page(asked: &Asked) -> String {
    let case = open("facebook-2018").unwrap();
    let labelled = Asked {
        role: Some(ClaimedRole::ServiceProvider),
        basis: None,
    };
    let outcome = judge(&case, asked).unwrap();
    html(&case, &outcome, &judge(&case, &labelled).unwrap()).unwrap()
}

fn parsed(text: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).unwrap()
}

fn within<'a>(node: Node<'a, 'a>, name: &str) -> bool {
    node.ancestors().any(|it| it.has_tag_name(name))
}

/// The sources that are cited beside something, by the links in it.
fn cited(node: Node<'_, '_>) -> BTreeSet<String> {
    let links = node.descendants().filter_map(|it| it.attribute("href"));
    links
        .filter_map(|href| href.strip_prefix("#s-").map(str::to_owned))
        .collect()
}

#[test]
fn every_figure_on_the_page_has_its_source() {
    let text = page(&Asked::default());
    let document = parsed(&text);
    let sources: BTreeSet<_> = document
        .descendants()
        .filter_map(|it| it.attribute("id")?.strip_prefix("s-"))
        .collect();
    assert!(sources.len() > 30, "only {} sources", sources.len());
    let mut figures = 0;
    for node in document.descendants().filter(Node::is_text) {
        let words = node.text().unwrap();
        if !words.contains(|c: char| c.is_ascii_digit()) || within(node, "head") {
            continue;
        }
        figures += 1;
        let said = node.ancestors().find(|it| it.has_attribute("data-from"));
        let said = said.unwrap_or_else(|| panic!("{words:?} does not say where it comes from"));
        let from = said.attribute("data-from").unwrap();
        assert!(!from.is_empty(), "{words:?} comes from nowhere");
        for source in from.split(' ') {
            if ["rule", "computed", "calendar", "sources"].contains(&source) {
                continue;
            }
            assert!(
                sources.contains(source),
                "{words:?} comes from {source:?}, which is not listed"
            );
            assert!(
                cited(said).contains(source),
                "{words:?} does not cite {source:?} beside it"
            );
        }
    }
    assert!(
        figures > 300,
        "only {figures} figures found: the test looks at too little"
    );
}

#[test]
fn the_page_refers_to_nothing_outside_itself() {
    let text = page(&Asked::default());
    let document = parsed(&text);
    let ids: BTreeSet<_> = document
        .descendants()
        .filter_map(|it| it.attribute("id"))
        .collect();
    for node in document.descendants().filter(Node::is_element) {
        assert!(
            ![
                "script", "link", "img", "iframe", "object", "embed", "base", "form"
            ]
            .contains(&node.tag_name().name())
        );
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(
                !name.starts_with("on") && name != "src" && name != "srcset",
                "{name}={value}"
            );
            if name == "href" {
                let to = value
                    .strip_prefix('#')
                    .unwrap_or_else(|| panic!("{value} leads outside"));
                assert!(ids.contains(to), "{value} leads nowhere");
            } else {
                assert!(!value.contains("//"), "{name}={value}");
            }
        }
    }
    let style = document
        .descendants()
        .find(|it| it.has_tag_name("style"))
        .unwrap()
        .text()
        .unwrap();
    assert!(!style.contains("@import") && !style.contains("//"));
    assert!(
        style
            .match_indices("url(")
            .all(|(at, _)| style[at..].starts_with("url(#"))
    );
}

#[test]
fn ids_are_given_once() {
    let text = page(&Asked::default());
    let document = parsed(&text);
    let all: Vec<_> = document
        .descendants()
        .filter_map(|it| it.attribute("id"))
        .collect();
    let once: BTreeSet<_> = all.iter().collect();
    assert_eq!(all.len(), once.len());
}

/// Who cannot see the picture reads the same in words.
#[test]
fn every_lane_of_the_picture_is_told_in_words() {
    let text = page(&Asked::default());
    let document = parsed(&text);
    let pictures: Vec<_> = document
        .descendants()
        .filter(|it| it.attribute("role") == Some("img"))
        .collect();
    assert_eq!(pictures.len(), open("facebook-2018").unwrap().rows.len());
    assert!(pictures.iter().all(|it| {
        it.attribute("aria-label")
            .is_some_and(|words| words.len() > 20)
    }));
    let sony = "Known to be on by 2017-01-01; the beginning is not on record; said to have ended on 2018-12-31; \
                last seen on 2019-07-24; until 5 years 2 months after P1.";
    assert!(
        text.contains(sony),
        "{:?}",
        pictures[6].attribute("aria-label")
    );
}

#[test]
fn with_the_label_on_the_page_says_so_and_that_nothing_changed() {
    let asked = Asked {
        role: Some(ClaimedRole::ServiceProvider),
        basis: None,
    };
    let text = page(&asked);
    assert!(text.contains("every partner is said to be a <b>service provider</b>"));
    assert!(text.contains("<b>0</b> changed"));
    assert!(!page(&Asked::default()).contains("every partner is said to be"));
}
