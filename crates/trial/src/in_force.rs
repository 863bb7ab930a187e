//! Whether what people were told is so, asked of the register's files while no gateway runs.

use std::fs;
use std::path::Path;

use decide::{Asker, Behalf, Datum, Now, Power, Question, Reason, Subject, Who, decide};
use register::Register;

use crate::broken::{At as _, Result};
use crate::cast::{PARTNERS, readers};
use crate::people::{Standing, Wavering};
use crate::place::{Log, connection_id, open};
use crate::scene::Scene;
use crate::surroundings::now;

/// How many acknowledged states were looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LookedUp {
    /// Withdrawals and bars that have to be in force.
    pub(crate) out: u64,
    /// Consents that have to be there.
    pub(crate) there: u64,
}

/// Opens a copy of the register as the last gateway left it and asks the rule about everybody who wavers. The register
/// itself is not touched: mending its torn end is the next gateway's affair.
pub(crate) fn look_up(scene: &Scene) -> Result<LookedUp> {
    let copy = tempfile::tempdir().at("a copy of the register")?;
    copy_dir(&scene.place.path(Log::Register.name()), copy.path())?;
    let register = open(&scene.place, copy.path())?;
    let mut looked = LookedUp::default();
    for wavering in &scene.people.wavering {
        for (partner, _) in readers() {
            match wavering.standing(partner) {
                Standing::Unknown => continue,
                Standing::Out => looked.out += 1,
                Standing::In => looked.there += 1,
            }
            judge(scene, &register, wavering, partner)?;
        }
    }
    Ok(looked)
}

/// Every power that reaches the person must be refused for their sake when they are out, and not when they are in.
fn judge(scene: &Scene, register: &Register, wavering: &Wavering, partner: usize) -> Result<()> {
    let standing = wavering.standing(partner);
    let powers = &scene.place.party(partner)?.powers;
    let reads = powers
        .iter()
        .filter(|power| power.reach != decide::Reach::Own);
    for power in reads {
        let refused = refused_for_their_sake(register, wavering, partner, power)?;
        if refused != (standing == Standing::Out) {
            let partner = PARTNERS.get(partner).map_or("", |partner| partner.id);
            let (id, category, reach) = (&wavering.id, &power.category, &power.reach);
            scene.found(format!(
                "after a kill, {id} was {standing:?} for {partner}, acknowledged, and the register says otherwise about {category} by {reach}"
            ));
        }
    }
    Ok(())
}

fn refused_for_their_sake(
    register: &Register,
    wavering: &Wavering,
    partner: usize,
    power: &Power,
) -> Result<bool> {
    let of = PARTNERS.get(partner).at("a partner")?;
    let asker = Asker {
        partner: of.id.parse().at(of.id)?,
        behalf: Behalf::Connection(connection_id(of, 0)?),
        purpose: power.purpose.clone(),
        verb: power.verb,
        draws: Vec::new(),
    };
    let person = register.people().number(&wavering.id);
    let subjects = [Subject {
        who: person.map_or(Who::Unresolved, Who::Known),
        reach: 0,
    }];
    let data = [Datum {
        category: 0,
        subjects: 0..1,
        made: Some(now()),
    }];
    let question = Question {
        asker: &asker,
        categories: std::slice::from_ref(&power.category),
        reaches: std::slice::from_ref(&power.reach),
        subjects: &subjects,
        data: &data,
    };
    let decision = decide(register.facts(), &question, Now::At(now()));
    let theirs = decision.reasons_of_person(0, 0);
    Ok(theirs
        .iter()
        .any(|reason| matches!(reason, Reason::NoConsent | Reason::Barred(_))))
}

/// Copies a directory with everything below it.
pub(crate) fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).at(to.display())?;
    for entry in fs::read_dir(from).at(from.display())? {
        let entry = entry.at(from.display())?;
        let target = to.join(entry.file_name());
        if entry.file_type().at(from.display())?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).at(target.display())?;
        }
    }
    Ok(())
}
