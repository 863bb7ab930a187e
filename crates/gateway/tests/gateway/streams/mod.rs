//! Streams and answers that are waited for, over real HTTP: every record on the ledger before it is heard, a withdrawal
//! in force with the next one, nothing of whoever refuses, and no more taken from the platform than the partner takes.

mod ends;
mod platform;
mod slow;

use http_body_util::BodyExt as _;

use platform::{Heard, Stage, event, post, say};

fn record(author: &str, text: &str) -> Heard {
    Heard::Record(post(author, text))
}

#[tokio::test]
async fn every_record_is_on_the_ledger_before_it_is_heard() {
    let mut stage = Stage::new().await;
    for path in ["/events", "/lines"] {
        let before = stage.town.ledger_size();
        let (mut listener, mut source) = stage.open(path).await;
        assert_eq!(
            stage.town.ledger_size(),
            before + 1,
            "the head is a byte, too"
        );
        for n in 1..=5 {
            let text = format!("number {n}");
            match path {
                "/events" => event(&mut source, &post("cleo", &text)).await,
                _ => say(&mut source, &format!("{}\n", post("cleo", &text))).await,
            }
            assert_eq!(listener.next().await, record("cleo", &text));
            assert_eq!(stage.town.ledger_size(), before + 1 + n);
        }
        drop(source);
        assert_eq!(listener.next().await, Heard::End);
    }
}

#[tokio::test]
async fn what_the_plan_does_not_name_goes_from_records_as_from_answers() {
    let mut stage = Stage::new().await;
    let (mut listener, mut source) = stage.open("/events").await;
    let written = "event: x\nid: 99\nretry: 5\n: hello\ndata: {\"author\":\"cleo\",\ndata:  \"secret\": 1, \"text\":\"hi\"}\n\n";
    say(&mut source, written).await;
    assert_eq!(listener.next().await, record("cleo", "hi"));
}

#[tokio::test]
async fn a_withdrawal_in_the_middle_holds_for_the_next_record() {
    let mut stage = Stage::new().await;
    for path in ["/events", "/lines"] {
        let (mut listener, mut source) = stage.open(path).await;
        let mut write = async |author: &str, text: &str| {
            let line = format!("{}\n", post(author, text));
            match path {
                "/events" => event(&mut source, &post(author, text)).await,
                _ => say(&mut source, &line).await,
            }
        };
        write("bert", "before").await;
        assert_eq!(listener.hears().await, record("bert", "before"));
        stage.withdraw("bert", "pd:UID").await;
        write("bert", "after").await;
        write("cleo", "after").await;
        assert_eq!(listener.hears().await, record("cleo", "after"));
        // What is about nobody else goes alone.
        stage.withdraw("cleo", "chat:Message").await;
        write("cleo", "not this").await;
        let bare = Heard::Record(r#"{"author":"cleo"}"#.to_owned());
        assert_eq!(listener.hears().await, bare);
        stage.town.consent_again("bert").await;
        stage.town.consent_again("cleo").await;
        write("bert", "again").await;
        assert_eq!(listener.hears().await, record("bert", "again"));
    }
}

#[tokio::test]
async fn somebody_who_refuses_is_heard_as_much_of_as_somebody_who_is_not_there() {
    let mut stage = Stage::with("stream-keep-alive = \"200ms\"").await;
    stage.town.bar("bert").await;
    let head = async |path: &str| {
        let answer = stage.ask(path, &[]).await;
        let mut headers = answer.headers().clone();
        headers.remove("date");
        (answer.status(), format!("{headers:?}"))
    };
    let (refuses, absent) = (
        head("/people/bert/events").await,
        head("/people/nobody/events").await,
    );
    assert_eq!(refuses, absent);
    assert_eq!(refuses.0, 200);
    let _ = stage.source().await;
    let (mut refuses, mut source) = stage.open("/people/bert/events").await;
    let mut absent = stage.listen("/people/nobody/events").await;
    event(&mut source, r#"{"text":"hello"}"#).await;
    event(&mut source, "not even JSON").await;
    // Also when the platform has ended the one stream of the two that it has.
    drop(source);
    for _ in 0..5 {
        assert_eq!(refuses.next().await, Heard::StillThere);
        assert_eq!(absent.next().await, Heard::StillThere);
    }
    assert_eq!(
        stage
            .counted("countersign_records_total{operation=\"of-person\",outcome=\"refused\"}")
            .await,
        "1"
    );
}

#[tokio::test]
async fn a_stream_is_not_resumed_by_the_platforms_ids() {
    let stage = Stage::new().await;
    let answer = stage.ask("/events", &[("last-event-id", "7")]).await;
    assert_eq!(answer.status(), 400);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("Last-Event-ID"));
}

#[tokio::test]
async fn records_that_cannot_be_read_are_dropped_and_counted_and_the_next_is_heard() {
    let mut stage = Stage::new().await;
    let (mut listener, mut source) = stage.open("/events").await;
    let garbage = [
        "[DONE]",
        "{\"author\":\"cleo\"",
        "{\"author\":\"cleo\",\"author\":\"bert\"}",
        "\"text\"",
        "{\"author\":7,\"text\":\"whose?\"}",
    ];
    for record in garbage {
        event(&mut source, record).await;
    }
    event(&mut source, &post("cleo", "fine")).await;
    assert_eq!(listener.hears().await, record("cleo", "fine"));
    let unreadable = "countersign_records_total{operation=\"events\",outcome=\"unreadable\"}";
    assert_eq!(stage.counted(unreadable).await, "4");
}

#[tokio::test]
async fn an_answer_that_is_kept_back_is_waited_for_where_the_overlay_says_so_and_nowhere_else() {
    let limits = "upstream-time = \"300ms\"\nrequest-time = \"600ms\"";
    let stage = Stage::with(limits).await;
    let (news, slow) = tokio::join!(stage.ask("/news", &[]), stage.ask("/slow", &[]));
    assert_eq!((news.status().as_u16(), slow.status().as_u16()), (200, 504));
    let news = news.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(news, post("cleo", "at last"));
}

#[tokio::test]
async fn what_is_decided_about_an_answer_that_was_kept_back_is_decided_when_it_comes() {
    let stage = Stage::new().await;
    let withdrawn = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        stage.withdraw("cleo", "pd:UID").await;
    };
    let (news, ()) = tokio::join!(stage.ask("/news", &[]), withdrawn);
    assert_eq!(news.status(), 404);
}
