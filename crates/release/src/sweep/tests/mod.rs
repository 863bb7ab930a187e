//! The sweep by examples, and against a slow and plain finder.

mod cases;
mod properties;

use super::{Forms, plain, scan};

fn forms() -> Forms {
    let addresses = [
        "https://social.example/@{}",
        "https://social.example/users/{}",
        "https://api.social.example/v1/accounts/{id}",
        "http://localhost:3000/@{}",
        "https://{host}/ap/users/{}",
        "https://client.example/#/user/{}",
    ];
    Forms::new(&addresses.map(str::to_owned)).unwrap()
}

/// The readings of every occurrence, each as its keys, in the order in which they are told.
fn keys(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    scan(text, &forms(), &mut |found| {
        let keys = found.readings.iter();
        all.push(keys.map(|reading| reading.key.to_string()).collect());
    });
    all
}

/// The longest reading of every occurrence, each once.
fn longest(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for readings in keys(text) {
        all.extend(readings.into_iter().next().filter(|key| !all.contains(key)));
    }
    all
}

fn any_reading(text: &str, key: &str) -> bool {
    keys(text).iter().flatten().any(|reading| reading == key)
}
