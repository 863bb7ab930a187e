//! The partners of a trial, and what they ask for.

use sample::{PersonNo, World};

/// A partner, its agreement in short, and what it reads.
#[derive(Debug)]
pub(crate) struct Partner {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The purpose of its agreement and its tokens.
    pub(crate) purpose: &'static str,
    /// The operations whose powers its agreement grants.
    pub(crate) operations: &'static [&'static str],
    /// Whether its own officer has signed: without that it is known and may nothing.
    pub(crate) countersigned: bool,
}

/// The operations that write, delete and import; those of them that a partner's agreement names it carries out.
pub(crate) const WRITES: [&str; 3] = ["sendMessage", "importContacts", "deletePost"];

/// The operations that answer record by record, and where: one ends by itself, the other goes on.
const STREAMS: [(&str, &str); 2] = [
    ("exportFeed", "/v1/people/me/feed/lines"),
    ("streamMessages", "/v1/people/me/messages"),
];

impl Partner {
    /// The streams of its agreement, each with its path.
    pub(crate) fn streams(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let all = STREAMS.iter().copied();
        all.filter(|(operation, _)| self.operations.contains(operation))
    }

    /// The operations of its agreement that are no reads.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &'static str> {
        let all = self.operations.iter().copied();
        all.filter(|operation| WRITES.contains(operation))
    }
}

/// Everybody. The last one is there to be refused.
pub(crate) const PARTNERS: [Partner; 5] = [
    Partner {
        id: "findr",
        name: "Findr",
        purpose: "dpv:ServicePersonalisation",
        operations: &["listFriends", "getFeed", "exportFeed"],
        countersigned: true,
    },
    Partner {
        id: "reelbox",
        name: "Reelbox",
        purpose: "social:ShareInThreads",
        operations: &[
            "listThreads",
            "listMessages",
            "sendMessage",
            "streamMessages",
        ],
        countersigned: true,
    },
    Partner {
        id: "tunely",
        name: "Tunely",
        purpose: "dpv:ServicePersonalisation",
        operations: &["listFriends", "listFriendContacts"],
        countersigned: true,
    },
    Partner {
        id: "portalis",
        name: "Portalis",
        purpose: "dpv:ServicePersonalisation",
        operations: &["getFeed", "listContactBook", "importContacts", "deletePost"],
        countersigned: true,
    },
    Partner {
        id: "shopfront",
        name: "Shopfront",
        purpose: "dpv:ServicePersonalisation",
        operations: &["listFriendContacts"],
        countersigned: false,
    },
];

/// Those that may read something.
pub(crate) fn readers() -> impl Iterator<Item = (usize, &'static Partner)> {
    PARTNERS
        .iter()
        .enumerate()
        .filter(|(_, partner)| partner.countersigned)
}

/// One request that a partner makes again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// The `operationId` of the platform's document.
    pub(crate) operation: &'static str,
    /// Path and query.
    pub(crate) path: String,
}

/// What a partner asks on behalf of `me`: each operation of its agreement, and each of the first few threads.
pub(crate) fn asks(partner: &Partner, world: &World, me: PersonNo) -> Vec<Ask> {
    let mut asks = Vec::new();
    for operation in partner.operations {
        let mine = |list: &str| format!("/v1/people/me/{list}?limit=100");
        match *operation {
            "listMessages" => {
                for thread in world.threads(me).into_iter().take(3) {
                    let path = format!("/v1/threads/{}/messages?limit=50", thread.id);
                    asks.push(Ask { operation, path });
                }
            }
            "listFriends" => asks.push(Ask {
                operation,
                path: mine("friends"),
            }),
            "listFriendContacts" => asks.push(Ask {
                operation,
                path: mine("friends/contacts"),
            }),
            "listContactBook" => asks.push(Ask {
                operation,
                path: mine("contact-book"),
            }),
            "getFeed" => asks.push(Ask {
                operation,
                path: mine("feed"),
            }),
            "listThreads" => asks.push(Ask {
                operation,
                path: mine("threads"),
            }),
            _ => {}
        }
    }
    asks
}
