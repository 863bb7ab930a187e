//! What can become of an intent, and by what that is known.

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Became {
    /// Code 1: the platform has done it.
    Done,
    /// Code 2: it was not done.
    Refused,
    /// Code 3: nobody knows whether it was done. It is never tried again.
    Unknown,
}

/// By what it is known, or why it is not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Known {
    /// Code 1: the platform's answer says so.
    Answered,
    /// Code 2: something was taken away after the intent was recorded, so it was never sent.
    TakenAway,
    /// Code 3: the platform could not be reached, so it was never sent.
    NotReached,
    /// Code 4: it was sent, and no answer came that says what became of it.
    NoAnswer,
    /// Code 5: the gateway was started again and found the intent without an outcome.
    Restarted,
    /// Code 6: an operator has looked.
    Operator,
}

/// What became of an intent, and how that is known. Only combinations that can be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ending {
    became: Became,
    known: Known,
}

impl Ending {
    /// `None` where the two do not fit together: an operator's word is never that nobody knows, what was never sent is
    /// never done.
    pub fn new(became: Became, known: Known) -> Option<Self> {
        let fits = match became {
            Became::Done => matches!(known, Known::Answered | Known::Operator),
            Became::Refused => !matches!(known, Known::NoAnswer | Known::Restarted),
            Became::Unknown => matches!(known, Known::NoAnswer | Known::Restarted),
        };
        fits.then_some(Self { became, known })
    }

    /// The platform has done it, and said so.
    pub const DONE: Self = Self {
        became: Became::Done,
        known: Known::Answered,
    };
    /// The platform has refused it.
    pub const REFUSED: Self = Self {
        became: Became::Refused,
        known: Known::Answered,
    };
    /// It was never sent, because something was taken away.
    pub const TAKEN_AWAY: Self = Self {
        became: Became::Refused,
        known: Known::TakenAway,
    };
    /// It was never sent, because the platform could not be reached.
    pub const NOT_REACHED: Self = Self {
        became: Became::Refused,
        known: Known::NotReached,
    };
    /// It was sent, and nobody knows more.
    pub const NO_ANSWER: Self = Self {
        became: Became::Unknown,
        known: Known::NoAnswer,
    };
    /// The gateway has ended in between.
    pub const RESTARTED: Self = Self {
        became: Became::Unknown,
        known: Known::Restarted,
    };

    /// What became of it.
    pub fn became(self) -> Became {
        self.became
    }

    /// How that is known.
    pub fn known(self) -> Known {
        self.known
    }

    /// Two codes and two zeroes, as the entry has them.
    pub(super) fn codes(self) -> [u8; 4] {
        let became = match self.became {
            Became::Done => 1,
            Became::Refused => 2,
            Became::Unknown => 3,
        };
        let known = match self.known {
            Known::Answered => 1,
            Known::TakenAway => 2,
            Known::NotReached => 3,
            Known::NoAnswer => 4,
            Known::Restarted => 5,
            Known::Operator => 6,
        };
        [became, known, 0, 0]
    }

    pub(super) fn from_codes(codes: [u8; 4]) -> Option<Self> {
        let became = [Became::Done, Became::Refused, Became::Unknown];
        let known = [
            Known::Answered,
            Known::TakenAway,
            Known::NotReached,
            Known::NoAnswer,
            Known::Restarted,
            Known::Operator,
        ];
        let mut all = became
            .into_iter()
            .flat_map(|became| known.map(|known| Self::new(became, known)));
        all.find_map(|ending| ending.filter(|ending| ending.codes() == codes))
    }
}
