//! The API as a caller sees it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop; clippy's own leave covers only test functions"
)]

mod support;

use std::collections::BTreeSet;

use sample::{Options, PersonNo, READS, Seed, World};
use serde_json::{Value, json};
use support::{Api, TOKEN, lists_of};

fn world() -> World {
    World::generate(Seed(11), 300)
}

fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().map(|r| r["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn without_the_service_token_nothing_is_answered() {
    let api = Api::of(&world());
    for path in [
        "/v1/people",
        "/v1/people/u_x",
        "/v1/threads/t_x/messages",
        "/",
    ] {
        for token in ["", "another", &TOKEN[1..]] {
            let answer = api.call("GET", path, token, "").await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.json()["error"]["code"], "unauthorized");
        }
    }
}

#[tokio::test]
async fn what_is_not_found_is_named() {
    let api = Api::of(&world());
    for (path, message) in [
        ("/v1/people/u_nobody", "There is no person u_nobody."),
        (
            "/v1/people/u_nobody/friends",
            "There is no person u_nobody.",
        ),
        ("/v1/threads/t_none/messages", "There is no thread t_none."),
        ("/v2", "There is no page /v2."),
    ] {
        let answer = api.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["message"]),
            (404, &json!(message))
        );
    }
}

#[tokio::test]
async fn pages_of_every_length_concatenate_to_the_whole_list() {
    let world = world();
    let api = Api::of(&world);
    for person in [PersonNo(0), PersonNo(1), PersonNo(2)] {
        for (operation, list) in lists_of(&world.id_of(person)) {
            let whole = api.list(&format!("{list}?limit=100")).await;
            let expected: BTreeSet<String> = world
                .records(operation, person)
                .into_iter()
                .map(|r| r.id)
                .collect();
            assert_eq!(
                expected,
                ids(&whole).into_iter().map(str::to_owned).collect(),
                "{list}"
            );
            for limit in [1, 7, 25, whole.len().clamp(1, 100)] {
                let pages = api.pages(&format!("{list}?limit={limit}")).await;
                let (last, others) = pages.split_last().unwrap();
                for page in others {
                    assert_eq!(page.json()["data"].as_array().unwrap().len(), limit);
                }
                assert!(!last.json()["data"].as_array().unwrap().is_empty() || whole.is_empty());
                for page in &pages {
                    assert_eq!(page.json()["summary"]["total_count"], whole.len());
                    assert_eq!(page.headers["x-total-count"], whole.len().to_string());
                }
                assert_eq!(
                    api.list(&format!("{list}?limit={limit}")).await,
                    whole,
                    "{list} by {limit}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_directory_lists_everybody_once_by_id() {
    let world = world();
    let api = Api::of(&world);
    let everybody: Vec<String> = world.people().map(|p| world.id_of(p)).collect();
    assert_eq!(ids(&api.list("/v1/people?limit=7").await), everybody);
}

#[tokio::test]
async fn the_directory_is_searched_by_name_and_city() {
    let world = world();
    let api = Api::of(&world);
    let ada = world
        .people()
        .filter_map(|p| world.person(p))
        .find(|p| p.first_name == "Ada")
        .unwrap();
    let surname = ada.last_name.to_uppercase();
    for query in [
        surname.clone(),
        format!("ada%20{surname}"),
        format!(
            "{surname}&city={}",
            ada.city.to_uppercase().replace(' ', "+")
        ),
    ] {
        assert_eq!(
            ids(&api.list(&format!("/v1/people?name={query}")).await),
            [&ada.id],
            "{query}"
        );
    }
    assert!(
        api.list(&format!("/v1/people?name=bert%20{surname}"))
            .await
            .is_empty()
    );
    let adas = api.list("/v1/people?name=ada&limit=1").await;
    let expected = world
        .people()
        .filter(|p| world.person(*p).unwrap().first_name == "Ada");
    assert_eq!(adas.len(), expected.count());
    let there = api.list("/v1/people?city=Gr%C3%BCnfelden&limit=2").await;
    assert!(there.len() > 2 && there.iter().all(|p| p["city"] == "Grünfelden"));
}

#[tokio::test]
async fn unknown_parameters_are_ignored_and_foreign_cursors_are_not() {
    let world = world();
    let api = Api::of(&world);
    let friends = format!("/v1/people/{}/friends", world.id_of(PersonNo(1)));
    let plain = api.get(&friends).await;
    assert_eq!(
        api.get(&format!("{friends}?fields=all&limit=some"))
            .await
            .body,
        plain.body
    );
    assert_eq!(plain.json()["data"].as_array().unwrap().len(), 25);
    let wrong = api.get(&format!("{friends}?cursor=bm90aGluZw")).await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.json()["error"]["code"]),
        (400, &json!("bad_cursor"))
    );
}

#[tokio::test]
async fn limits_are_cut_to_the_maximum_that_is_configured() {
    let world = World::generate(Seed(11), 20_000);
    let person = world.person_with_degree(190).unwrap();
    let friends = format!("/v1/people/{}/friends?limit=5000", world.id_of(person));
    let page = Api::of(&world).get(&friends).await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 100);

    let options = Options {
        max_limit: 5_000,
        ..Options::new(TOKEN)
    };
    let api = Api::with(&world, options);
    let whole = api.get(&friends).await;
    assert_eq!(whole.json()["data"].as_array().unwrap().len(), 190);
    assert_eq!(whole.json()["paging"]["next"], Value::Null);
    assert!(
        (50_000..80_000).contains(&whole.body.len()),
        "190 friends: {} bytes",
        whole.body.len()
    );
    let profile = api
        .get(&format!("/v1/people/{}", world.id_of(person)))
        .await;
    assert!(
        (900..1_700).contains(&profile.body.len()),
        "a profile: {} bytes",
        profile.body.len()
    );
}

#[tokio::test]
async fn the_same_request_gets_the_same_bytes_and_the_same_etag() {
    let world = world();
    let (one, other) = (Api::of(&world), Api::of(&World::generate(Seed(11), 300)));
    for (_, list) in lists_of(&world.id_of(PersonNo(1))) {
        let (a, b) = (one.get(&list).await, other.get(&list).await);
        assert_eq!((a.body, &a.headers["etag"]), (b.body, &b.headers["etag"]));
    }
}

#[tokio::test]
async fn links_start_with_the_public_address_where_one_is_configured() {
    let world = world();
    let public_url = Some("https://api.sample.example/".to_owned());
    let api = Api::with(
        &world,
        Options {
            public_url,
            ..Options::new(TOKEN)
        },
    );
    let page = api.get("/v1/people?limit=1").await;
    let next = page.json()["paging"]["next"].as_str().unwrap().to_owned();
    assert!(
        next.starts_with("https://api.sample.example/v1/people?limit=1&cursor="),
        "{next}"
    );
    assert_eq!(page.headers["link"], format!("<{next}>; rel=\"next\""));
}

#[tokio::test]
async fn the_census_counts_what_the_answers_hold() {
    let world = world();
    let api = Api::of(&world);
    let person = world
        .people()
        .max_by_key(|p| world.threads(*p).len())
        .unwrap();
    let id = world.id_of(person);
    let census = world.census(person);
    assert_eq!(
        census.iter().map(|c| c.operation).collect::<Vec<_>>(),
        READS
    );
    for (operation, list) in lists_of(&id) {
        let count = census.iter().find(|c| c.operation == operation).unwrap();
        let answers = api.list(&list).await;
        let text = Value::from(answers.clone()).to_string();
        let named = world
            .people()
            .filter(|p| *p != person && text.contains(&world.id_of(*p)))
            .count();
        assert_eq!(
            (count.items, count.people),
            (answers.len() as u64, named as u64),
            "{operation}"
        );
    }
    let mut messages = 0;
    for thread in world.threads(person) {
        messages += api
            .list(&format!("/v1/threads/{}/messages", thread.id))
            .await
            .len();
    }
    let count = |operation| {
        census
            .iter()
            .find(|c| c.operation == operation)
            .unwrap()
            .items
    };
    assert_eq!(
        (
            count("listMessages"),
            count("searchPeople"),
            count("getPerson")
        ),
        (messages as u64, 300, 1)
    );
}

#[tokio::test]
async fn a_served_platform_answers_and_stops_when_told() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(sample::serve(
        listener,
        world(),
        Options::new(TOKEN),
        async {
            let _ = stopped.await;
        },
    ));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /v1/people?limit=1 HTTP/1.1\r\nhost: {address}\r\nauthorization: bearer {TOKEN}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains(&format!(
            "\"next\":\"http://{address}/v1/people?limit=1&cursor="
        )),
        "{answer}"
    );
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}

#[test]
fn the_token_is_not_printed() {
    assert!(!format!("{:?}", Options::new(TOKEN)).contains(TOKEN));
}
