//! Two gateways over one register and one ledger: the first in front of the whole sample platform, the second in front
//! of the same platform without the data of whoever refuses.

use std::ops::Deref;
use std::sync::{Arc, RwLock};

use axum::Router;
use sample::{Platform, World};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::town::{self, Door, Town};

const OVERLAY: &str = include_str!("../../../../../examples/sample-social/overlay.json");
const TOKEN: &str = "service-token";

/// The world, and everything in front of it.
pub(crate) struct Stage {
    pub world: World,
    /// In front of the whole platform.
    pub gate: Door,
    /// In front of a platform that never heard of whoever [`Stage::forget`] named.
    pub other: Door,
    town: Town,
    forgetful: Arc<RwLock<Router>>,
}

impl Stage {
    /// So many people, all connected to Findr, all consenting to every power that the overlay can ask for.
    pub(crate) async fn with(people: u32) -> Stage {
        let world = World::generate(sample::Seed(2018), people);
        let town = Town::new(town::Platform {
            document: ("openapi.json", sample::OPENAPI),
            overlay: ("overlay.json", OVERLAY),
            token: TOKEN.to_owned(),
            more: "",
            people: world.people().map(|person| world.id_of(person)).collect(),
        })
        .await;
        let forgetful = Arc::new(RwLock::new(platform(&world)));
        let whole = upstream(Arc::new(RwLock::new(platform(&world)))).await;
        let without = upstream(forgetful.clone()).await;
        let (gate, other) = (town.door(whole).await, town.door(without).await);
        Stage {
            world,
            gate,
            other,
            town,
            forgetful,
        }
    }

    /// The second platform holds no data about these people from here on.
    pub(crate) fn forget(&self, people: &[sample::PersonNo]) {
        *self.forgetful.write().unwrap() = platform(&self.world.without(people));
    }
}

impl Deref for Stage {
    type Target = Town;

    fn deref(&self) -> &Town {
        &self.town
    }
}

fn platform(world: &World) -> Router {
    let mut options = sample::Options::new(TOKEN);
    options.public_url = Some("https://api.sample.example".into());
    Platform::router(world.clone(), options)
}

/// A platform that can be exchanged while it runs; its address.
async fn upstream(current: Arc<RwLock<Router>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(move |request: axum::extract::Request| {
        let router = current.read().unwrap().clone();
        async move { router.oneshot(request).await }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
