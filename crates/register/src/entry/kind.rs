//! What kind of change an entry holds: one byte that everybody can read.

use decide::Event;

use crate::change::Change;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// The kind; codes are final.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            #[cfg(test)]
            pub(crate) const ALL: &[Kind] = &[$(Kind::$name),*];

            pub(crate) fn code(self) -> u8 {
                match self { $(Kind::$name => $code,)* }
            }

            pub(crate) fn of_code(code: u8) -> Option<Kind> {
                match code { $($code => Some(Kind::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    PeopleJoined = 1,
    PersonLeft = 2,
    PeopleActive = 3,
    PartnerEnrolled = 4,
    PartnerKeys = 5,
    OfficerEnrolled = 6,
    OfficerKeyRotated = 7,
    OfficerRevoked = 8,
    AgreementOffered = 9,
    AgreementSigned = 10,
    AgreementSuspended = 11,
    AgreementResumed = 12,
    AgreementEnded = 13,
    PowerHandedBack = 14,
    PowerUsed = 15,
    NoticePublished = 16,
    ConsentGiven = 17,
    ConsentWithdrawn = 18,
    BarSet = 19,
    BarLifted = 20,
    PromiseMade = 21,
    PromiseWeakened = 22,
    Connected = 23,
    Disconnected = 24,
    PolicySet = 25,
    AgreementDrafted = 40,
    DraftReviewed = 41,
    PromiseProposed = 42,
    ProposalAnswered = 43,
}

impl Kind {
    pub(crate) fn of(change: &Change) -> Kind {
        match change {
            Change::Fact(event) => Kind::of_event(event),
            Change::Join { .. } => Kind::PeopleJoined,
            Change::EnrolPartner { .. } => Kind::PartnerEnrolled,
            Change::PartnerKeys { .. } => Kind::PartnerKeys,
            Change::EnrolOfficer { .. } => Kind::OfficerEnrolled,
            Change::RotateOfficerKey { .. } => Kind::OfficerKeyRotated,
            Change::RevokeOfficer { .. } => Kind::OfficerRevoked,
            Change::OfferAgreement { .. } => Kind::AgreementOffered,
            Change::SignAgreement { .. } => Kind::AgreementSigned,
            Change::MakePromise { .. } => Kind::PromiseMade,
            Change::SetPolicy { .. } => Kind::PolicySet,
            Change::PublishNotice { .. } => Kind::NoticePublished,
            Change::RenewConsent { .. } => Kind::ConsentGiven,
            Change::DraftAgreement { .. } => Kind::AgreementDrafted,
            Change::ReviewDraft { .. } => Kind::DraftReviewed,
            Change::ProposePromise { .. } => Kind::PromiseProposed,
            Change::AnswerProposal { .. } => Kind::ProposalAnswered,
        }
    }

    /// Whether a change of this kind can only take something away from partners. Such changes are taken in also when
    /// the disk has room for no others, out of the reserve that is kept for them.
    pub(crate) fn takes_away(self) -> bool {
        match self {
            Kind::PersonLeft
            | Kind::OfficerRevoked
            | Kind::AgreementSuspended
            | Kind::AgreementEnded
            | Kind::PowerHandedBack
            | Kind::ConsentWithdrawn
            | Kind::BarSet
            | Kind::PromiseMade
            | Kind::Disconnected => true,
            Kind::PeopleJoined
            | Kind::PeopleActive
            | Kind::PartnerEnrolled
            | Kind::PartnerKeys
            | Kind::OfficerEnrolled
            | Kind::OfficerKeyRotated
            | Kind::AgreementOffered
            | Kind::AgreementSigned
            | Kind::AgreementResumed
            | Kind::PowerUsed
            | Kind::NoticePublished
            | Kind::ConsentGiven
            | Kind::BarLifted
            | Kind::PromiseWeakened
            | Kind::Connected
            | Kind::PolicySet
            | Kind::AgreementDrafted
            | Kind::DraftReviewed
            | Kind::PromiseProposed
            | Kind::ProposalAnswered => false,
        }
    }

    /// Whether a change of this kind is nobody's business outside the platform: what is being prepared, and what strangers
    /// have written before anybody read it. Its content lies in the details alone.
    pub(crate) fn is_internal(self) -> bool {
        matches!(
            self,
            Kind::AgreementDrafted | Kind::DraftReviewed | Kind::PromiseProposed
        )
    }

    fn of_event(event: &Event) -> Kind {
        match event {
            Event::PolicySet { .. } => Kind::PolicySet,
            Event::PeopleJoined { .. } => Kind::PeopleJoined,
            Event::PersonLeft { .. } => Kind::PersonLeft,
            Event::PeopleActive { .. } => Kind::PeopleActive,
            Event::PartnerEnrolled { .. } => Kind::PartnerEnrolled,
            Event::AgreementOffered { .. } => Kind::AgreementOffered,
            Event::AgreementSigned { .. } => Kind::AgreementSigned,
            Event::AgreementSuspended { .. } => Kind::AgreementSuspended,
            Event::AgreementResumed { .. } => Kind::AgreementResumed,
            Event::AgreementEnded { .. } => Kind::AgreementEnded,
            Event::PowerHandedBack { .. } => Kind::PowerHandedBack,
            Event::PowerUsed { .. } => Kind::PowerUsed,
            Event::NoticePublished { .. } => Kind::NoticePublished,
            Event::ConsentGiven { .. } => Kind::ConsentGiven,
            Event::ConsentWithdrawn { .. } => Kind::ConsentWithdrawn,
            Event::BarSet { .. } => Kind::BarSet,
            Event::BarLifted { .. } => Kind::BarLifted,
            Event::PromiseMade { .. } => Kind::PromiseMade,
            Event::PromiseWeakened { .. } => Kind::PromiseWeakened,
            Event::Connected { .. } => Kind::Connected,
            Event::Disconnected { .. } => Kind::Disconnected,
        }
    }

    /// Whether the book learns something from the entry that the fact alone does not say.
    pub(crate) fn is_by_change(self) -> bool {
        match self {
            Kind::PartnerEnrolled
            | Kind::PartnerKeys
            | Kind::OfficerEnrolled
            | Kind::OfficerKeyRotated
            | Kind::OfficerRevoked
            | Kind::AgreementOffered
            | Kind::AgreementSigned
            | Kind::NoticePublished
            | Kind::PromiseMade
            | Kind::PolicySet
            | Kind::AgreementDrafted
            | Kind::DraftReviewed
            | Kind::PromiseProposed
            | Kind::ProposalAnswered => true,
            Kind::PeopleJoined
            | Kind::PersonLeft
            | Kind::PeopleActive
            | Kind::AgreementSuspended
            | Kind::AgreementResumed
            | Kind::AgreementEnded
            | Kind::PowerHandedBack
            | Kind::PowerUsed
            | Kind::ConsentGiven
            | Kind::ConsentWithdrawn
            | Kind::BarSet
            | Kind::BarLifted
            | Kind::PromiseWeakened
            | Kind::Connected
            | Kind::Disconnected => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_code_reads_back_as_its_kind_and_no_other_code_is_one() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_code(kind.code()), Some(*kind));
        }
        let known = (0..=255).filter(|code| Kind::of_code(*code).is_some());
        assert_eq!(known.count(), Kind::ALL.len());
    }
}
