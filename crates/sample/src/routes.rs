//! One handler for each operation of the platform's document.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use serde::Deserialize;
use serde_json::json;

use crate::answers::{Failure, answer, created, listed};
use crate::contacts::Contact;
use crate::platform::{Call, Platform};
use crate::streams::{export_feed, stream_messages};
use crate::world::PersonNo;

/// All routes of the platform's document.
pub(crate) fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/people", get(search_people))
        .route("/v1/people/{person}", get(get_person))
        .route("/v1/people/{person}/friends", get(list_friends))
        .route(
            "/v1/people/{person}/friends/contacts",
            get(list_friend_contacts),
        )
        .route(
            "/v1/people/{person}/contact-book",
            get(list_contact_book).post(import_contacts),
        )
        .route("/v1/people/{person}/feed", get(get_feed))
        .route("/v1/people/{person}/feed/lines", get(export_feed))
        .route("/v1/people/{person}/messages", get(stream_messages))
        .route("/v1/people/{person}/threads", get(list_threads))
        .route("/v1/posts/{post}", get(get_post).delete(delete_post))
        .route("/v1/threads/{thread}/participants", get(list_participants))
        .route(
            "/v1/threads/{thread}/messages",
            get(list_messages).post(send_message),
        )
        .route(
            "/v1/threads/{thread}/messages/{message}",
            delete(delete_message),
        )
        .fallback(nothing_here)
}

async fn get_person(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let person = call.person(&id)?;
    Ok(answer(call.render().person(person)))
}

async fn list_friends(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let of = call.person(&id)?;
    call.people(&id, &call.world().friends(of), |p| {
        call.render().friend(of, *p)
    })
}

async fn list_friend_contacts(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let of = call.person(&id)?;
    call.people(&id, &call.world().friends(of), |p| {
        call.render().friend_contact(*p)
    })
}

async fn list_contact_book(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let owner = call.person(&id)?;
    let mut book = call.world().contact_book(owner);
    book.extend(call.platform.edits.contacts(owner));
    Ok(listed(call.asked()?.cut(
        &book,
        |_| id.clone(),
        |entry| call.render().contact_entry(entry),
    )))
}

async fn get_feed(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let mut feed = call.world().feed(call.person(&id)?);
    feed.retain(|post| call.platform.edits.has_post(post));
    let edge = |post: Option<&crate::Post>| {
        post.map_or_else(|| id.clone(), |p| call.world().id_of(p.author))
    };
    Ok(listed(
        call.asked()?
            .cut(&feed, edge, |post| call.render().post(post)),
    ))
}

async fn list_threads(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let viewer = call.person(&id)?;
    let edits = &call.platform.edits;
    let mut threads = call.world().threads(viewer);
    threads.sort_by_cached_key(|thread| {
        let updated = edits
            .last(call.world(), thread)
            .map_or(0, |message| message.sent);
        (std::cmp::Reverse(updated), thread.id.clone())
    });
    Ok(listed(call.asked()?.cut(
        &threads,
        |_| id.clone(),
        |thread| call.render().thread(viewer, thread),
    )))
}

async fn list_messages(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let thread = call.thread(&id)?;
    let messages = call.platform.edits.messages(call.world(), &thread);
    let first = thread
        .participants
        .first()
        .map_or_else(String::new, |p| call.world().id_of(*p));
    let edge = |at: Option<&crate::Message>| {
        at.map_or_else(|| first.clone(), |m| call.world().id_of(m.from))
    };
    Ok(listed(call.asked()?.cut(&messages, edge, |message| {
        call.render().message(&thread, message)
    })))
}

async fn search_people(call: Call) -> Result<Response, Failure> {
    /// Beyond so many people a search does not count its hits: the total is null.
    const COUNTED: u32 = 1_000_000;
    let asked = call.asked()?;
    let filter = ["name", "city"].map(|name| asked.parameters.get(name).map(String::as_str));
    let world = call.world();
    let one_more = asked.limit.saturating_add(1);
    let (mut hits, total) = match filter {
        [None, None] => (
            world.directory(asked.skip as u64, one_more),
            Some(u64::from(world.population())),
        ),
        [name, city] => {
            let hits = world
                .search(name, city)
                .skip(asked.skip)
                .take(one_more)
                .collect();
            let counted = world.population() <= COUNTED;
            (
                hits,
                counted.then(|| world.search(name, city).count() as u64),
            )
        }
    };
    let more = hits.len() > asked.limit;
    hits.truncate(asked.limit);
    let edge = |at: Option<&PersonNo>| at.map_or_else(|| "u_".to_owned(), |p| world.id_of(*p));
    Ok(listed(asked.page(&hits, more, total, edge, |p| {
        call.render().directory_entry(*p)
    })))
}

#[derive(Deserialize)]
struct NewMessage {
    from: String,
    text: String,
}

async fn send_message(
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    let thread = call.thread(&id)?;
    let new: NewMessage =
        serde_json::from_slice(&body).map_err(|e| Failure::BadMessage(e.to_string()))?;
    if new.text.is_empty() || new.text.chars().count() > 4_000 {
        return Err(Failure::BadMessage(
            "text must have 1 to 4000 characters".to_owned(),
        ));
    }
    let from = call
        .world()
        .person_with_id(&new.from)
        .filter(|p| thread.participants.contains(p));
    let from = from.ok_or(Failure::NotAParticipant {
        person: new.from,
        thread: id,
    })?;
    let message = call
        .platform
        .edits
        .send(call.world(), &thread, from, new.text);
    Ok(created(call.render().message(&thread, &message)))
}

async fn delete_message(
    call: Call,
    Path((id, message)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let thread = call.thread(&id)?;
    let index = call.world().message_index(&thread, &message);
    let deleted =
        index.is_some_and(|index| call.platform.edits.delete(call.world(), &thread, index));
    if deleted {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Failure::no("message", &message))
    }
}

async fn list_participants(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let thread = call.thread(&id)?;
    let people = thread.participants.iter();
    let people: Vec<_> = people.map(|person| call.render().mini(*person)).collect();
    Ok(answer(json!({ "data": people })))
}

fn post(call: &Call, id: &str) -> Result<crate::Post, Failure> {
    let post = call.world().post_with_id(id);
    let post = post.filter(|post| call.platform.edits.has_post(post));
    post.ok_or_else(|| Failure::no("post", id))
}

async fn get_post(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    Ok(answer(call.render().post(&post(&call, &id)?)))
}

async fn delete_post(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let post = post(&call, &id)?;
    if call.platform.edits.delete_post(&post) {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Failure::no("post", &id))
    }
}

#[derive(Deserialize)]
struct NewContacts {
    contacts: Vec<NewContact>,
}

#[derive(Deserialize)]
struct NewContact {
    name: String,
    phone: String,
}

/// Takes lines into a contact book, and tells which of them are about friends: more than somebody should learn who only
/// brings numbers.
async fn import_contacts(
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    let owner = call.person(&id)?;
    let new: NewContacts =
        serde_json::from_slice(&body).map_err(|e| Failure::BadContacts(e.to_string()))?;
    if new.contacts.len() > 100 {
        return Err(Failure::BadContacts("at most 100 lines at once".to_owned()));
    }
    let world = call.world();
    let by_phone: Vec<(Option<String>, PersonNo)> = world
        .friends(owner)
        .into_iter()
        .map(|friend| (world.person_ever(friend).phone, friend))
        .collect();
    let about = |new: NewContact| {
        let known = by_phone
            .iter()
            .find(|(phone, _)| *phone == Some(new.phone.clone()));
        match known {
            Some((_, friend)) => Contact::Member(*friend),
            None => Contact::Outsider {
                name: new.name,
                phone: new.phone,
            },
        }
    };
    let lines: Vec<Contact> = new.contacts.into_iter().map(about).collect();
    let members = lines.iter().filter_map(|line| match line {
        Contact::Member(friend) => Some(world.id_of(*friend)),
        Contact::Outsider { .. } => None,
    });
    let told = json!({ "imported": lines.len(), "already_members": members.collect::<Vec<_>>() });
    call.platform.edits.import(owner, lines, |place, about| {
        world.imported(owner, place, about)
    });
    Ok(answer(told))
}

async fn nothing_here(call: Call) -> Failure {
    Failure::no("page", call.uri.path())
}
