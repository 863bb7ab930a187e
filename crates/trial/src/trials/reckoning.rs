//! The end of every trial: the gateway is stopped, and what partners, people and platform know is compared with what it
//! left.

use super::{Findings, wide};
use crate::broken::Result;
use crate::held::{self, Compared, Settled};
use crate::in_force::{LookedUp, look_up};
use crate::place::{Log, open};
use crate::process::Gateway;
use crate::scene::{Counts, Scene};
use crate::stage::Stage;
use crate::work::{Harvest, Told};

/// Stops the gateway, lets the program's own command verify both logs, looks up whether everything acknowledged is in
/// force, and compares everything received with everything on the ledger. Blocks.
pub(super) fn reckon(
    stage: &Stage,
    gateway: Gateway,
    harvest: &Harvest,
    findings: &mut Findings,
) -> Result<LookedUp> {
    let Stage { scene, platform } = stage;
    let status = gateway.stop()?;
    if !status.success() {
        findings.wrong(format!("told to stop, the gateway ended with {status}"));
    }
    for log in [Log::Ledger, Log::Register] {
        let key = scene.place.verifier(log)?.to_string();
        if let Err(error) = scene
            .place
            .run(&["verify", "--ledger", log.dir(), "--key", &key])
        {
            findings.wrong(error.to_string());
        }
    }
    let looked = look_up(scene)?;
    let register = open(&scene.place, &scene.place.path(Log::Register.name()))?;
    let held = held::read(&scene.place, &register)?;
    let compared = held::compare(&harvest.receipts, &held, &mut |what| scene.found(what));
    let settled = held::settle(&harvest.sent, &platform.deeds(), &held, &mut |what| {
        scene.found(what)
    });
    let looked_at = held::nobody_out(&held, &scene.people, &mut |what| scene.found(what));
    findings.add("times somebody who wavers was in a decision", looked_at);
    findings.add("entries on the ledger", held.entries);
    tell_of_reads(scene, harvest, compared, findings);
    tell_of_writes(harvest, settled, findings);
    tell_of_people(scene, findings);
    Ok(looked)
}

fn tell_of_reads(scene: &Scene, harvest: &Harvest, compared: Compared, findings: &mut Findings) {
    let counts = &scene.counts;
    findings.add("answers and records received", wide(harvest.receipts.len()));
    findings.add("streams opened", Counts::get(&counts.streams));
    findings.add("of them records of streams", Counts::get(&counts.records));
    findings.add("answers cut off", Counts::get(&counts.cut));
    findings.add("requests without any answer", Counts::get(&counts.lost));
    findings.add("found on the ledger", compared.matched);
    findings.add("not on the ledger", compared.unmatched);
    findings.add(
        "disclosures recorded beyond those received",
        compared.beyond,
    );
}

fn tell_of_writes(harvest: &Harvest, settled: Settled, findings: &mut Findings) {
    let told_done = harvest
        .sent
        .iter()
        .filter(|sent| sent.told == Told::Done)
        .count();
    findings.add("writes asked for", wide(harvest.sent.len()));
    findings.add("writes that partners were told are done", wide(told_done));
    findings.add("intents done", settled.done);
    findings.add("intents refused", settled.refused);
    findings.add("intents unknown", settled.unknown);
    findings.add(
        "intents unknown that the platform did",
        settled.unknown_but_done,
    );
}

fn tell_of_people(scene: &Scene, findings: &mut Findings) {
    let counts = &scene.counts;
    findings.add("withdrawals acknowledged", Counts::get(&counts.taken));
    findings.add("consents acknowledged", Counts::get(&counts.given));
    findings.add(
        "changes by people without an answer",
        Counts::get(&counts.unacknowledged),
    );
    findings.add("wavering people in answers", Counts::get(&counts.there));
    findings.add(
        "wavering people rightly kept out",
        Counts::get(&counts.kept_out),
    );
}
