//! A browser as far as it matters here: it keeps cookies by host, follows redirects, and presses buttons.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};

use super::{Told, send};

/// One person's browser.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// How often its person has pressed or followed something.
    pub(crate) clicks: usize,
    /// What it sends with every request, beside what it must.
    pub(crate) says: Vec<(String, String)>,
}

/// Where a browser has come to.
#[derive(Debug)]
pub(crate) struct At {
    /// The address of the page, or the one beyond this host that it was sent to.
    pub(crate) address: String,
    /// What is there; `None` beyond this host.
    pub(crate) told: Option<Told>,
}

/// A form of a page.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) boxes: Vec<(String, String)>,
    pub(crate) buttons: Vec<(String, String, String)>,
}

impl Browser {
    /// One that sends this header with every request.
    pub(crate) fn saying(header: &str, value: &str) -> Browser {
        Browser {
            says: vec![(header.to_owned(), value.to_owned())],
            ..Browser::default()
        }
    }

    /// Follows a link, and every redirect behind it.
    pub(crate) async fn follow(&mut self, address: &str) -> At {
        self.clicks += 1;
        self.go("GET", address, "").await
    }

    /// Fills the page's form in and presses the button of this text. Boxes of these names are ticked.
    pub(crate) async fn press(&mut self, at: &At, button: &str, ticked: &[String]) -> At {
        self.clicks += 1 + ticked.len();
        let forms = at.forms();
        let of_form = |form: &Form| form.buttons.iter().any(|(_, _, text)| text == button);
        let form = forms.iter().find(|form| of_form(form));
        let form = form.unwrap_or_else(|| panic!("no button {button:?} in {forms:?}"));
        let (name, value, _) = form
            .buttons
            .iter()
            .find(|(_, _, text)| text == button)
            .unwrap();
        let boxes = form.boxes.iter().filter(|(name, _)| ticked.contains(name));
        let mut fields = form.fields.clone();
        fields.extend(boxes.cloned());
        fields.push((name.clone(), value.clone()));
        self.send_form(&at.resolve(&form.action), &fields).await
    }

    /// Sends a form as it stands, from whatever page.
    pub(crate) async fn send_form(&mut self, address: &str, fields: &[(String, String)]) -> At {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.go("POST", address, &body).await
    }

    /// The cookies that go to a host.
    pub(crate) fn cookies(&mut self, host: &str) -> &mut BTreeMap<String, String> {
        self.cookies.entry(host.to_owned()).or_default()
    }

    async fn go(&mut self, method: &str, address: &str, body: &str) -> At {
        let (mut method, mut address, mut body) = (method, address.to_owned(), body);
        for _ in 0..10 {
            let Some((host, path)) = split(&address) else {
                return At {
                    address,
                    told: None,
                };
            };
            let mut headers = self.says.clone();
            let jar = self.cookies(&host);
            if !jar.is_empty() {
                let pairs: Vec<String> = jar
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                headers.push(("cookie".to_owned(), pairs.join("; ")));
            }
            if method == "POST" {
                let form = "application/x-www-form-urlencoded";
                headers.push(("content-type".to_owned(), form.to_owned()));
            }
            let told = send(host.parse().unwrap(), method, &path, &headers, body).await;
            for (_, cookie) in told.headers.iter().filter(|(name, _)| name == "set-cookie") {
                let pair = cookie.split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies(&host)
                    .insert(name.to_owned(), value.to_owned());
            }
            if told.status != 303 {
                return At {
                    address,
                    told: Some(told),
                };
            }
            let location = told.header("location").unwrap();
            address = At {
                address,
                told: None,
            }
            .resolve(location);
            (method, body) = ("GET", "");
        }
        panic!("too many redirects, the last to {address}")
    }
}

impl At {
    pub(crate) fn told(&self) -> &Told {
        self.told
            .as_ref()
            .unwrap_or_else(|| panic!("sent away, to {}", self.address))
    }

    pub(crate) fn status(&self) -> u16 {
        self.told().status
    }

    /// All text of the page, blanks as one.
    pub(crate) fn text(&self) -> String {
        let page = &self.told().body;
        let page = parse(page);
        let texts = page
            .descendants()
            .filter(|node| node.is_text() && !within(node, "style") && !within(node, "script"));
        let text: Vec<&str> = texts.filter_map(|node| node.text()).collect();
        text.join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The page's form with the most in it: beside it there is at most the one that logs out.
    pub(crate) fn form(&self) -> Form {
        let forms = self.forms();
        let size = |form: &Form| form.buttons.len() + form.fields.len();
        let largest = forms.into_iter().max_by_key(size);
        largest.unwrap_or_else(|| panic!("no form in {}", self.told().body))
    }

    pub(crate) fn forms(&self) -> Vec<Form> {
        let page = parse(&self.told().body);
        let forms = page.descendants().filter(|node| node.has_tag_name("form"));
        forms.map(read_form).collect()
    }

    /// A parameter of the address.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.address.split_once('?')?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(known, value)| (known == name).then(|| value.into_owned()))
    }

    pub(crate) fn resolve(&self, address: &str) -> String {
        if address.contains("://") {
            return address.to_owned();
        }
        let (host, _) = split(&self.address).unwrap();
        format!("http://{host}{address}")
    }
}

fn parse(page: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(page, options).unwrap_or_else(|e| panic!("{e}: {page}"))
}

fn read_form(form: Node<'_, '_>) -> Form {
    let attribute =
        |node: &Node<'_, '_>, name: &str| node.attribute(name).unwrap_or_default().to_owned();
    let pair = |node: &Node<'_, '_>| (attribute(node, "name"), attribute(node, "value"));
    let inputs = |kind: &str| {
        let inputs = form.descendants().filter(|node| node.has_tag_name("input"));
        let of_kind = inputs.filter(|node| node.attribute("type") == Some(kind));
        of_kind.map(|node| pair(&node)).collect::<Vec<_>>()
    };
    let buttons = form
        .descendants()
        .filter(|node| node.has_tag_name("button"));
    let buttons = buttons.map(|node| {
        let (name, value) = pair(&node);
        (name, value, node.text().unwrap_or_default().to_owned())
    });
    Form {
        action: attribute(&form, "action"),
        fields: inputs("hidden"),
        boxes: inputs("checkbox"),
        buttons: buttons.collect(),
    }
}

fn within(node: &Node<'_, '_>, tag: &str) -> bool {
    node.ancestors().any(|ancestor| ancestor.has_tag_name(tag))
}

/// Host and rest of an address on this host; partners are elsewhere.
fn split(address: &str) -> Option<(String, String)> {
    let rest = address.strip_prefix("http://127.0.0.1:")?;
    let (port, path) = rest.split_once('/').unwrap_or((rest, ""));
    Some((format!("127.0.0.1:{port}"), format!("/{path}")))
}
