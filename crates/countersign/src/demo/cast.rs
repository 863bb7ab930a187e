//! The five partners, what each asks for, and what is invented about how many people agreed.

/// A partner with its agreement and its requests.
#[derive(Debug)]
pub(super) struct Partner {
    /// Its id.
    pub(super) id: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) what: &'static str,
    /// The purpose that its tokens are for.
    pub(super) purpose: &'static str,
    /// The agreement, YAML.
    pub(super) agreement: &'static str,
    /// The notice under which people are asked.
    pub(super) notice: &'static str,
    /// The partner's officer.
    pub(super) officer: &'static str,
    /// For how many days the agreement has been in force.
    pub(super) signed_days_ago: u32,
    /// Whether the partner's own officer has signed.
    pub(super) countersigned: bool,
    /// How many of a hundred people have agreed to each of its powers. Invented.
    pub(super) agreed_of_100: u64,
    /// What it asks for.
    pub(super) asks: &'static [Ask],
}

/// A request, and what it is about.
#[derive(Debug)]
pub(super) struct Ask {
    /// In plain words.
    pub(super) what: &'static str,
    /// The `operationId` of the platform's document.
    pub(super) operation: &'static str,
    /// Where.
    pub(super) path: Path,
    /// The members that were asked for: a record of which none of them arrived does not count.
    pub(super) members: &'static [&'static str],
    /// The category of these members.
    pub(super) category: &'static str,
    /// How the people in it are reached, beside the one who connected.
    pub(super) reach: &'static str,
}

/// Where a request goes.
#[derive(Debug)]
pub(super) enum Path {
    /// One list of the person who connected.
    Mine(&'static str),
    /// A list for each thread that the partner can see.
    OfEachThread,
}

const THREADS: Ask = Ask {
    what: "private threads",
    operation: "listThreads",
    path: Path::Mine("/v1/people/me/threads"),
    members: &["participants"],
    category: "social:Thread",
    reach: "participant",
};

const MESSAGES: Ask = Ask {
    what: "messages in them",
    operation: "listMessages",
    path: Path::OfEachThread,
    members: &["text"],
    category: "pd:SocialMediaCommunication",
    reach: "participant",
};

const FRIENDS_CONTACTS: Ask = Ask {
    what: "friends' contact details",
    operation: "listFriendContacts",
    path: Path::Mine("/v1/people/me/friends/contacts"),
    members: &["email", "phone", "address", "birthday"],
    category: "pd:EmailAddress",
    reach: "friend",
};

/// All five, in the order of the table.
pub(super) const PARTNERS: [Partner; 5] = [
    Partner {
        id: "findr",
        name: "Findr",
        what: "search engine",
        purpose: "dpv:ServicePersonalisation",
        agreement: include_str!("../../../../examples/demo/agreements/findr.yaml"),
        notice: include_str!("../../../../examples/demo/notices/findr.txt"),
        officer: "frida",
        signed_days_ago: 80,
        countersigned: true,
        agreed_of_100: 45,
        asks: &[
            Ask {
                what: "names of friends",
                operation: "listFriends",
                path: Path::Mine("/v1/people/me/friends"),
                members: &["name"],
                category: "pd:Name",
                reach: "friend",
            },
            FRIENDS_CONTACTS,
        ],
    },
    Partner {
        id: "reelbox",
        name: "Reelbox",
        what: "film streaming",
        purpose: "social:ShareInThreads",
        agreement: include_str!("../../../../examples/demo/agreements/reelbox.yaml"),
        notice: include_str!("../../../../examples/demo/notices/reelbox.txt"),
        officer: "rosa",
        signed_days_ago: 80,
        countersigned: true,
        agreed_of_100: 60,
        asks: &[THREADS, MESSAGES],
    },
    Partner {
        id: "tunely",
        name: "Tunely",
        what: "music streaming",
        purpose: "social:ShareInThreads",
        agreement: include_str!("../../../../examples/demo/agreements/tunely.yaml"),
        notice: include_str!("../../../../examples/demo/notices/tunely.txt"),
        officer: "tomas",
        signed_days_ago: 80,
        countersigned: true,
        agreed_of_100: 30,
        asks: &[THREADS, MESSAGES],
    },
    Partner {
        id: "shopfront",
        name: "Shopfront",
        what: "shop",
        purpose: "dpv:ServicePersonalisation",
        agreement: include_str!("../../../../examples/demo/agreements/shopfront.yaml"),
        notice: include_str!("../../../../examples/demo/notices/shopfront.txt"),
        officer: "sven",
        signed_days_ago: 80,
        countersigned: false,
        agreed_of_100: 20,
        asks: &[FRIENDS_CONTACTS],
    },
    Partner {
        id: "portalis",
        name: "Portalis",
        what: "portal",
        purpose: "dpv:ServicePersonalisation",
        agreement: include_str!("../../../../examples/demo/agreements/portalis.yaml"),
        notice: include_str!("../../../../examples/demo/notices/portalis.txt"),
        officer: "paula",
        signed_days_ago: 700,
        countersigned: true,
        agreed_of_100: 35,
        asks: &[Ask {
            what: "friends' posts",
            operation: "getFeed",
            path: Path::Mine("/v1/people/me/feed"),
            members: &["text"],
            category: "social:Post",
            reach: "friend",
        }],
    },
];

/// The platform's officer.
pub(super) const PLATFORM_OFFICER: &str = "greta";

/// The platform's policy.
pub(super) const POLICY: &str = include_str!("../../../../examples/demo/policy.yaml");

/// What the platform said in public.
pub(super) const PROMISES: [&str; 2] = [
    include_str!("../../../../examples/demo/promises/contact-details-stay.yaml"),
    include_str!("../../../../examples/demo/promises/complete-control.yaml"),
];

/// The overlay for the sample platform's document.
pub(super) const OVERLAY: &str = include_str!("../../../../examples/sample-social/overlay.json");
