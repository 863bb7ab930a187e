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

/// Everybody. The last one is there to be refused.
pub(crate) const PARTNERS: [Partner; 5] = [
    Partner {
        id: "findr",
        name: "Findr",
        purpose: "dpv:ServicePersonalisation",
        operations: &["listFriends", "getFeed"],
        countersigned: true,
    },
    Partner {
        id: "reelbox",
        name: "Reelbox",
        purpose: "social:ShareInThreads",
        operations: &["listThreads", "listMessages", "sendMessage"],
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
