//! What a case writes down beside the register's documents: rows, moments, sources, invented people.

use decide::{Bar, Category, Day, PartnerId, PromiseId, Purpose, Reach, Verb};
use serde::{Deserialize, Serialize};

/// A source's id within its case.
pub type SourceId = String;

/// `case.yaml`: what the case is about.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Head {
    /// Its name, as the command line has it.
    pub case: String,
    /// A heading.
    pub title: String,
    /// What it is about.
    pub about: String,
    /// Where that was published.
    pub sources: Vec<SourceId>,
    /// The day on which it became public.
    pub reported: Day,
    /// From when to when pictures are drawn.
    pub axis: Span,
    /// What the partners were said to be.
    pub claimed_role: RoleClaim,
    /// The invented people.
    pub people: Vec<Person>,
    /// Where each public statement was published.
    pub statements: Vec<StatementSources>,
    /// Figures that are told of the whole.
    pub figures: Vec<Figure>,
}

/// From one day to another.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first day.
    pub from: Day,
    /// The first day no longer in it.
    pub until: Day,
}

/// What partners were said to be, by whom.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RoleClaim {
    /// The role.
    pub role: decide::ClaimedRole,
    /// The claim, in own words.
    pub words: String,
    /// Where it was published.
    pub sources: Vec<SourceId>,
}

/// Where a public statement was published, beside the address in its own document.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StatementSources {
    /// Which.
    pub promise: PromiseId,
    /// Where.
    pub sources: Vec<SourceId>,
}

/// Somebody invented.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Person {
    /// The name that rows use.
    pub who: String,
    /// The name that people read.
    pub name: String,
    /// Who they are in the case.
    pub words: String,
    /// They have agreed to everything that a row grants, to show what that changes.
    #[serde(default)]
    pub has_agreed: bool,
    /// Their standing refusals.
    #[serde(default)]
    pub bars: Vec<Bar>,
}

/// A figure of the whole, with where it comes from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The figure as it is told.
    pub figure: String,
    /// Of what.
    pub words: String,
    /// Where it was published.
    pub sources: Vec<SourceId>,
}

/// Where something was published.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its id.
    pub source: SourceId,
    /// Who published what, when.
    pub title: String,
    /// Where it can be read.
    pub address: String,
    /// Whether the address is whole; one that is not is shown as it is known, not completed by guessing.
    pub complete: bool,
}

/// A moment as the record has it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Moment {
    /// The day that is asked about; `None` when no day can be said. Of a span, the end that favours the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// What is on record, in own words.
    pub on_record: String,
    /// Where it was published.
    pub sources: Vec<SourceId>,
    /// For a claimed end: the agreement ended with it, not only a feature.
    #[serde(default)]
    pub ends_agreement: bool,
}

/// What kind of deal it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deal {
    /// Features rebuilt inside a partner's product.
    Integration,
    /// Features rebuilt on a maker's devices.
    Device,
    /// Sites that knew people on arrival.
    InstantPersonalisation,
    /// Sending messages from inside a partner's product.
    Messaging,
    /// More time after an interface was closed.
    Extension,
    /// A list of apps that kept what others lost.
    Whitelist,
    /// An app like any other.
    PlatformApp,
    /// Contact lists from the partner to the platform.
    ContactImport,
}

/// Whether the person who logged in had agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// Yes, to the feature.
    Given,
    /// They were in unless they objected: no consent.
    OptOut,
    /// No.
    NotGiven,
    /// Not on record; taken as given, in the platform's favour.
    Unknown,
}

/// Whether the people whose data it was had agreed: another question than [`Actor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subjects {
    /// They had not been asked.
    NotAsked,
    /// Given once, and over.
    Expired,
    /// Not on record: a missing fact is a refusal.
    Unknown,
}

/// How the people whose data it was had set their account, at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// All sharing switched off.
    SharingOff,
    /// Shown to friends.
    Friends,
    /// Public, says one side; not, says the other.
    Disputed,
}

/// Whether the partner knew of the power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Knew {
    /// It acknowledges the arrangement.
    Aware,
    /// It says that it did not.
    Denied,
    /// Not on record.
    Unknown,
}

/// Whether the power was used. Granted is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Used {
    /// Somebody who knows says so.
    Used,
    /// The partner denies it.
    Denied,
    /// Not on record.
    Unknown,
}

/// How firm a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Published, and not contradicted.
    Source,
    /// Published accounts contradict each other; both are kept.
    Conflict,
    /// One side alone says so.
    OneSide,
}

/// The two consents of a row.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Consents {
    /// Of the person who logged in.
    pub actor: Actor,
    /// In words.
    pub actor_words: String,
    /// Of the people whose data it was.
    pub subjects: Subjects,
    /// In words.
    pub subjects_words: String,
    /// How these had set their account.
    pub setting: Setting,
}

/// An answer with what was said.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Said<T> {
    /// The answer.
    pub answer: T,
    /// What was said, in own words.
    pub words: String,
}

/// A version of a row's agreement, and who is taken to have signed it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VersionRecord {
    /// Which; its document lies under `agreements/`.
    pub version: u32,
    /// The platform switched it on.
    pub signed_by_platform: bool,
    /// The partner is taken to have signed it.
    pub signed_by_partner: bool,
    /// Why it is taken so.
    pub because: String,
}

/// An invented person's consent that the row speaks of.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GivenRecord {
    /// Who.
    pub who: String,
    /// When.
    pub given: Day,
    /// The day on whose beginning it was over.
    pub until: Day,
}

/// A question put to the rule on every date that matters.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AskRecord {
    /// The question in words.
    pub ask: String,
    /// What is done.
    pub verb: Verb,
    /// With what kind of data.
    pub category: Category,
    /// What for.
    pub purpose: Purpose,
    /// Through whose account; left out: Ada's.
    #[serde(default = "ada")]
    pub through: String,
    /// That person has not used the partner for so many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_days: Option<u32>,
    /// Whose data it is, and how each is reached.
    pub about: Vec<AboutRecord>,
}

fn ada() -> String {
    "ada".to_owned()
}

/// Somebody in a question.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AboutRecord {
    /// Who.
    pub who: String,
    /// How they are reached.
    pub reach: Reach,
}

/// A document that belongs to a row and must not be readable.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedRecord {
    /// Its name under `refused/`.
    pub document: String,
    /// What it shows.
    pub words: String,
}

/// One row of the record: one power of one partner, or of several whose deals are on record together.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RowRecord {
    /// Its id; ids that are not there were left out on purpose.
    pub row: String,
    /// The partner.
    pub partner: PartnerId,
    /// The partner's name.
    pub name: String,
    /// Who they are, where the row speaks of several.
    #[serde(default)]
    pub members: Vec<String>,
    /// What kind of deal it was.
    pub deal: Deal,
    /// A heading.
    pub title: String,
    /// What happened, in own words.
    pub record: String,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Where the beginning is not on record: when it is known to have been there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_by: Option<Moment>,
    /// When it is said to have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_end: Option<Moment>,
    /// When it was last seen to be on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_end: Option<Moment>,
    /// The public statements that it is held against in the record; which of them cover it is for the rule to say.
    pub statements: Vec<PromiseId>,
    /// Who had agreed.
    pub consent: Consents,
    /// Whether the partner knew.
    pub partner_knew: Said<Knew>,
    /// Whether it was used.
    pub used: Said<Used>,
    /// From when the agreement is taken to have been there, where that is before the row begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement_since: Option<Day>,
    /// Consents that the row speaks of.
    #[serde(default)]
    pub consents: Vec<GivenRecord>,
    /// The day on which the feature was last in use. Left out: not on record, and then the clock of disuse is kept from
    /// running, in the platform's favour. That is no claim that the power was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_use_until: Option<Day>,
    /// Where it was published what the platform got.
    pub in_return_sources: Vec<SourceId>,
    /// Where the row was published.
    pub sources: Vec<SourceId>,
    /// How firm it is.
    pub confidence: Confidence,
    /// In words.
    pub confidence_words: String,
    /// The versions of its agreement.
    pub versions: Vec<VersionRecord>,
    /// What the rule is asked.
    pub asks: Vec<AskRecord>,
    /// A document that must not be readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedRecord>,
}

impl RowRecord {
    /// The first moment at which the row is asked about: its beginning, or when it is known to have been there.
    #[must_use]
    pub fn beginning(&self) -> Option<&Moment> {
        self.from.as_ref().or(self.known_by.as_ref())
    }
}
