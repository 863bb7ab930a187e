//! A commented template to begin from.

use decide::{AgreementId, PartnerId};

/// Prints an agreement's first version for this partner, with a comment to every key, ready to be edited. It is sound
/// as it stands, so a steward can check it after every change.
#[must_use]
pub fn draft(agreement: &AgreementId, partner: &PartnerId) -> String {
    TEMPLATE
        .replace("AGREEMENT", agreement.as_str())
        .replace("PARTNER", partner.as_str())
}

const TEMPLATE: &str = r#"# An agreement between the platform and a partner. Review it in version control like code.
# What officers sign is the SHA-256 of this file's exact bytes: after a signature, any change makes another document.
# Check it:  countersign agreement check FILE
agreement: AGREEMENT              # never changes; all versions share it
version: 1                        # counts up; the former version governs until both sides have signed this one
partner: PARTNER                  # the id under which the partner is enrolled

# third-party, service-provider or joint-controller. On record, and without effect:
# no role lowers what people must consent to.
claimed-role: third-party

in-return: >-
  What the platform gets for it, in plain words: money, users, reach, a feature.

term:                             # moments with their zone; the end is the first moment no longer in it
  from: 2027-01-01T00:00:00Z
  until: 2028-01-01T00:00:00Z

officers:                         # who may sign; their keys are enrolled in the register
  platform:
    - officer: platform-officer
      name: Full Name
      title: Head of Partnerships
  partner:
    - officer: partner-officer
      name: Full Name
      title: Head of Data

approvals:                        # who approved it inside the platform before it was offered
  - by: privacy review
    on: 2026-12-01
    note: What was looked at, and what was decided.

notices: []                       # SHA-256 of each notice text under which people are asked

powers:
  # One power per verb, category, reach and purpose. Everybody in an answer needs to have consented to it themselves.
  - verb: read                    # read, write, delete or import; write and delete do not imply read
    category: pd:Name             # DPV's personal data (pd:…), or the platform's own prefix
    reach: own                    # own, friend, friend-of-friend, participant, contact, directory
    purpose: dpv:ServicePersonalisation
    window-days: 365              # only data made within so many days; leave out for any age
    frequency:                    # per connection; leave out for no limit in the agreement
      times: 24
      per: day                    # hour, day, week or month (30 days)
    retention-days: 30            # how long the partner may keep it
    legal-basis: consent          # another only where the platform's policy names this very power and basis
    feature: The feature that this power is for
    needed: true                  # false: the feature works without it, so it must be refusable on its own
    in-words: The partner sees the name on your profile.
"#;
