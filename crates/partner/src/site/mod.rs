//! A partner's own web site, as small as it can be: connect, read, leave. For the demo and for tests in a browser.
//!
//! Who visits has a cookie and nothing else. What they granted is held in memory, by that cookie, and never shown but as
//! the answers that it gave. It is for people who try Countersign on their own machine: do not put it on a network.

mod page;
mod visitors;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::answer::CallError;
use crate::client::Client;
use crate::grant::{Granted, Wish};
use page::{Connected, Page, Said};
use visitors::{Visit, Visitors};

/// One partner with a site.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its side of the protocols.
    pub client: Client,
    /// What people call it.
    pub name: String,
    /// What it is, in a word or two.
    pub what: String,
    /// What its tokens are for.
    pub purpose: String,
    /// The agreement whose powers it asks for, and which version.
    pub agreement: (String, u32),
    /// The ids of these powers.
    pub powers: Vec<String>,
    /// What it reads, each with a button: in words, and the path.
    pub reads: Vec<(String, String)>,
}

/// All shops of one site.
struct Site {
    /// What the addresses start with, without a final slash.
    base: String,
    /// What the platform is called.
    platform: String,
    shops: Vec<Shop>,
    visitors: Visitors,
}

/// Serves these shops, each under `/<partner's id>`, until told to stop. `base` is where browsers reach this listener.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    base: String,
    platform: String,
    shops: Vec<Shop>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let site = Arc::new(Site {
        base,
        platform,
        shops,
        visitors: Visitors::default(),
    });
    let router = Router::new()
        .route("/", get(front))
        .route("/{shop}", get(show))
        .route("/{shop}/connect", post(connect))
        .route("/{shop}/back", get(back))
        .route("/{shop}/read", post(read))
        .route("/{shop}/leave", post(leave))
        .with_state(site);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

/// Why a visitor does not get on; said on the shop's page.
enum Wrong {
    /// No such shop, or a form from another site.
    NotFound,
    /// What the gateway said.
    Call(CallError),
    /// What came back with the person is not what was sent along.
    Mixed(&'static str),
}

impl From<CallError> for Wrong {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Site {
    fn shop(&self, id: &str) -> Result<&Shop, Wrong> {
        let mut shops = self.shops.iter();
        let shop = shops.find(|shop| shop.client.partner() == id);
        shop.ok_or(Wrong::NotFound)
    }

    /// The visitor's own place; a form must come from this site's pages.
    fn visit(&self, shop: &Shop, headers: &HeaderMap) -> Result<Visit<'_>, Wrong> {
        let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
        if !matches!(site, None | Some(b"same-origin")) {
            return Err(Wrong::NotFound);
        }
        let visit = self.visitors.find(headers, shop.client.partner());
        visit.ok_or(Wrong::NotFound)
    }
}

async fn front(State(site): State<Arc<Site>>) -> Response {
    page::Front {
        platform: &site.platform,
        shops: &site.shops,
    }
    .into_response()
}

async fn show(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(shop) = site.shop(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A visitor without a cookie gets one, so that their forms have a place.
    let known = site.visitors.find(&headers, &id);
    let cookie = known.is_none().then(|| site.visitors.cookie(shop));
    let mut response = site.page(shop, known.as_ref(), None);
    if let Some(cookie) = cookie.and_then(|cookie| cookie.parse().ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

impl Site {
    fn page(&self, shop: &Shop, visit: Option<&Visit<'_>>, said: Option<Said>) -> Response {
        let granted = visit.and_then(Visit::granted);
        Page {
            platform: &self.platform,
            shop,
            connected: granted.as_ref().map(|granted| Connected::of(shop, granted)),
            said,
        }
        .into_response()
    }

    fn wrong(&self, shop: &str, wrong: Wrong) -> Response {
        let Ok(shop) = self.shop(shop) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let text = match wrong {
            Wrong::NotFound => return StatusCode::NOT_FOUND.into_response(),
            Wrong::Call(error) => error.to_string(),
            Wrong::Mixed(what) => what.to_owned(),
        };
        self.page(shop, None, Some(Said::wrong(text)))
    }
}

async fn connect(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = async {
        let shop = site.shop(&id)?;
        let visit = site.visit(shop, &headers)?;
        let (agreement, version) = shop.agreement.clone();
        let wish = Wish {
            agreement,
            version,
            powers: shop.powers.clone(),
            redirect_uri: format!("{}/{id}/back", site.base),
        };
        let asking = shop.client.push(&wish).await?;
        let address = asking.address.clone();
        visit.ask(asking);
        Ok(address)
    };
    match asked.await {
        Ok(address) => Redirect::to(&address).into_response(),
        Err(wrong) => site.wrong(&id, wrong),
    }
}

/// What an authorization response brings (RFC 6749 section 4.1.2, RFC 9207).
#[derive(Deserialize)]
struct Back {
    code: Option<String>,
    error: Option<String>,
    state: Option<String>,
    iss: Option<String>,
}

async fn back(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    Query(back): Query<Back>,
    headers: HeaderMap,
) -> Response {
    let came = async {
        let shop = site.shop(&id)?;
        let visit = site.visitors.find(&headers, &id).ok_or(Wrong::NotFound)?;
        let asking = visit.asked().ok_or(Wrong::Mixed("Nobody was asked."))?;
        if back.iss.as_deref() != Some(&shop.client.gateway().issuer) {
            return Err(Wrong::Mixed("This comes from another gateway."));
        }
        if back.state.as_deref() != Some(&asking.state) {
            return Err(Wrong::Mixed("This belongs to another visit."));
        }
        match (back.code, back.error) {
            (Some(code), None) => {
                visit.grant(shop.client.redeem(&asking, &code).await?);
                Ok(())
            }
            (None, Some(error)) if error == "access_denied" => {
                Err(Wrong::Mixed("You said no. Nothing was connected."))
            }
            _ => Err(Wrong::Mixed("Nothing was connected.")),
        }
    };
    match came.await {
        Ok(()) => Redirect::to(&format!("/{id}")).into_response(),
        Err(wrong) => site.wrong(&id, wrong),
    }
}

async fn read(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let answered = async {
        let shop = site.shop(&id)?;
        let visit = site.visit(shop, &headers)?;
        let mut pairs = form_urlencoded::parse(body.as_bytes());
        let asked = pairs.find_map(|(name, value)| (name == "path").then_some(value));
        let mut reads = shop.reads.iter();
        let named = |(_, path): &&(String, String)| Some(path.as_str()) == asked.as_deref();
        let (words, path) = reads.find(named).ok_or(Wrong::NotFound)?;
        let granted = visit.granted().ok_or(Wrong::Mixed("Connect first."))?;
        let (granted, answer) = read_with(shop, granted, path).await?;
        let said = Said::answer(words, path, &answer);
        visit.grant(granted);
        Ok(site.page(shop, Some(&visit), Some(said)))
    };
    let answered: Result<Response, Wrong> = answered.await;
    answered.unwrap_or_else(|wrong| site.wrong(&id, wrong))
}

/// Reads; where the token has expired, a fresh one is asked for once.
async fn read_with(
    shop: &Shop,
    granted: Granted,
    path: &str,
) -> Result<(Granted, crate::Answer), CallError> {
    let answer = shop.client.get(&granted.token, path).await?;
    if answer.status != StatusCode::UNAUTHORIZED {
        return Ok((granted, answer));
    }
    match shop.client.renew(&granted, &shop.purpose).await {
        Ok(renewed) => {
            let answer = shop.client.get(&renewed.token, path).await?;
            Ok((renewed, answer))
        }
        // The connection is over: what the gateway said to the call stands.
        Err(CallError::Refused { .. }) => Ok((granted, answer)),
        Err(other) => Err(other),
    }
}

async fn leave(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let left = async {
        let shop = site.shop(&id)?;
        let visit = site.visit(shop, &headers)?;
        if let Some(granted) = visit.granted() {
            shop.client.disconnect(&granted).await?;
        }
        visit.forget();
        Ok(())
    };
    match left.await {
        Ok(()) => Redirect::to(&format!("/{id}")).into_response(),
        Err(wrong) => site.wrong(&id, wrong),
    }
}
