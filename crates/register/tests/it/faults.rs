//! Every operation on files under the register failing in turn: appending, rolling over, publishing, the snapshot with
//! people and keys in it, and opening.

use std::path::Path;
use std::sync::Arc;

use decide::{Bar, Event};
use ledger::faults::{Fault, FaultyFiles, Op, Which};
use ledger::files::{Files, RealFiles};
use register::{Change, IdempotencyKey, Options, Refused, Register};

use crate::common::{
    consent, create_with, findr, furnish, image, number, options, powers, signatures, start,
};

/// So many entries before the faults begin that a bundle of 256 becomes full among those that follow.
const BEFORE: u64 = 249;
const CHANGES: u64 = 14;
/// More people than a reserve of 1 MiB has room for, one entry each.
const CROWD: u64 = 20_000;

fn small(seed: u64, files: Arc<dyn Files>, home: &Path) -> Options {
    let mut options = options(seed);
    options.log.segment_bytes = 16 << 10;
    options.log.publish_every = std::time::Duration::from_secs(3600);
    options.log.anchor = Some(home.with_extension("anchor"));
    options.log.files = files;
    options
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

fn key_of(n: u64) -> IdempotencyKey {
    IdempotencyKey(
        [&[0xee; 8][..], &n.to_be_bytes()]
            .concat()
            .try_into()
            .unwrap(),
    )
}

/// What is done while something fails: people join, consent, withdraw and refuse.
fn change(register: &Register, n: u64) -> Change {
    let ada = number(register, "ada");
    Change::Fact(match n % 4 {
        0 => {
            return Change::Join {
                ids: vec![format!("guest-{n}")],
            };
        }
        1 => consent(&[ada], powers()[1]),
        2 => Event::ConsentWithdrawn {
            person: ada,
            partner: findr(),
            power: powers()[1],
        },
        _ => {
            let (person, bar) = (ada, Bar::Everything);
            // In turn: a bar that stands is not written down again.
            match n % 8 {
                3 => Event::BarSet { person, bar },
                _ => Event::BarLifted { person, bar },
            }
        }
    })
}

/// A register with [`BEFORE`] entries, all published, with a snapshot, and closed.
fn prepared(home: &Path) {
    let register = furnish(create_with(home, small(1, Arc::new(RealFiles), home)));
    let [platform, partner] = signatures(crate::common::AGREEMENT);
    register::take_in(
        &register,
        "findr.yaml",
        crate::common::AGREEMENT.as_bytes(),
        &[&platform, &partner],
        start(),
    )
    .unwrap();
    for n in register.position().0..BEFORE {
        let ids = vec![format!("earlier-{n}")];
        register
            .append_blocking(start(), Change::Join { ids }, key_of(1_000_000 + n))
            .unwrap();
    }
    register.snapshot().unwrap();
    register.log().publish_now().unwrap();
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// What came of the changes and of everything that was done along with them.
#[derive(Default)]
struct Used {
    acknowledged: u64,
    failed: bool,
    /// The facts as they were after each change, in a run in which nothing failed.
    images: Vec<Vec<u8>>,
}

fn use_it(register: &Register) -> Used {
    let mut used = Used {
        images: vec![image(register)],
        ..Used::default()
    };
    for n in 0..CHANGES {
        match register.append_blocking(start(), change(register, n), key_of(n)) {
            Ok(_) => used.acknowledged += 1,
            Err(Refused::Stopped(_)) => {
                used.failed = true;
                return used;
            }
            Err(other) => panic!("{other}"),
        }
        used.images.push(image(register));
        // Once with the bundle incomplete, and once with it full.
        if n == 3 || n == CHANGES - 1 {
            used.failed |= register.snapshot().is_err();
            used.failed |= register.log().publish_now().is_err();
        }
    }
    used
}

/// All that was acknowledged holds, at most the one change that was reported as failed beside it, and it verifies.
fn check_after(home: &Path, acknowledged: u64, images: &[Vec<u8>], what: &str) {
    let register = Register::open(home, small(2, Arc::new(RealFiles), home))
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let position = register.position().0;
    assert_eq!(register.log().size(), position, "{what}");
    let held = position - BEFORE;
    assert!(
        held == acknowledged || held == acknowledged + 1,
        "{what}: {acknowledged} changes were acknowledged, {held} are there"
    );
    assert!(
        image(&register) == images[held as usize],
        "{what}: the facts are not those of the changes that are there"
    );
    for n in 0..held {
        let key = register.log().read(BEFORE + n).unwrap().record.key;
        assert_eq!(key, key_of(n), "{what}: nobody submitted this");
    }
    register
        .log()
        .publish_now()
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let verifier = small(2, Arc::new(RealFiles), home)
        .log
        .signer
        .verifier()
        .clone();
    drop(register);
    let anchor = home.with_extension("anchor");
    let report = ledger::verify(&home.join("log"), &verifier, Some(&anchor), &mut |_, _| {
        Ok(())
    });
    assert_eq!(
        report
            .unwrap_or_else(|error| panic!("{what}: {error}"))
            .records,
        position,
        "{what}"
    );
}

/// Every form in which this operation can fail. A look that failed has one: whether it was done shows nowhere.
fn forms(which: &Which) -> &'static [Fault] {
    const ALL: &[Fault] = &[Fault::NotDone, Fault::DoneButFailed, Fault::Half];
    match which.op {
        Op::Write => ALL,
        Op::ReadAt | Op::Read | Op::List | Op::Open => &ALL[..1],
        _ => &ALL[..2],
    }
}

struct Image {
    dir: tempfile::TempDir,
}

impl Image {
    fn make() -> Image {
        let dir = temporary();
        prepared(&dir.path().join("register"));
        Image { dir }
    }

    /// A copy to spoil, and where in it the register is.
    fn copy(&self) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = temporary();
        copied(self.dir.path(), dir.path());
        let home = dir.path().join("register");
        (dir, home)
    }
}

#[test]
fn after_any_operation_failed_once_every_acknowledged_change_holds_and_nothing_else() {
    let image = Image::make();
    let (_dir, home) = image.copy();
    let files = Arc::new(FaultyFiles::default());
    let register = Register::open(&home, small(2, files.clone(), &home)).unwrap();
    let opening = files.operations();
    let sound = use_it(&register);
    assert_eq!((sound.acknowledged, sound.failed), (CHANGES, false));
    drop(register);
    let all = files.operations();
    // How much is free is asked, and not knowing is no reason not to try.
    let counts = |which: &&Which| which.op != Op::Free && !opening.contains(which);
    let operations: Vec<&Which> = all.iter().filter(counts).collect();
    let parts = [
        "wal/",
        "snapshot",
        "anchor",
        "checkpoint",
        "entries",
        "tags/",
    ];
    for part in parts {
        let there = |which: &&&Which| which.file.contains(part);
        assert!(operations.iter().any(|which| there(&which)), "{part}");
    }
    let (mut tried, mut overtaken) = (0, 0);
    for which in &operations {
        for &fault in forms(which) {
            tried += 1;
            let what = format!("{which:?} {fault:?}");
            let (_dir, home) = image.copy();
            let files = Arc::new(FaultyFiles::default());
            let register = Register::open(&home, small(2, files.clone(), &home)).unwrap();
            files.fail_at((*which).clone(), fault);
            let used = use_it(&register);
            let waits = which.file == "wal/spare" && !used.failed;
            assert!(used.failed || waits, "{what}: the fault went unnoticed");
            overtaken += usize::from(waits);
            drop(register);
            check_after(&home, used.acknowledged, &sound.images, &what);
        }
    }
    println!(
        "under the register: {} operations on files, {tried} faults, {overtaken} of them overtaken",
        operations.len()
    );
    assert!(tried > 300 && overtaken < 20, "{tried}, {overtaken}");
}

#[test]
fn an_opening_in_which_any_operation_failed_is_refused_or_whole_and_the_next_one_holds_everything()
{
    let image = Image::make();
    let (_dir, home) = image.copy();
    let files = Arc::new(FaultyFiles::default());
    let register = Register::open(&home, small(2, files.clone(), &home)).unwrap();
    let images = vec![self::image(&register)];
    drop(register);
    let operations = files.operations();
    let (mut tried, mut folded) = (0, 0);
    for which in &operations {
        for &fault in forms(which) {
            tried += 1;
            let what = format!("{which:?} {fault:?}");
            let (_dir, home) = image.copy();
            let files = Arc::new(FaultyFiles::default());
            files.fail_at(which.clone(), fault);
            let opened = Register::open(&home, small(2, files.clone(), &home));
            // A snapshot that cannot be compared with its log is passed over, and all of the log is folded instead.
            if let Ok(register) = &opened {
                let whole = self::image(register) == images[0];
                assert!(whole, "{what}: opened over a failed operation");
                folded += usize::from(!files.is_pending());
            }
            drop(opened);
            check_after(&home, 0, &images, &what);
        }
    }
    println!(
        "opening a register: {} operations on files, {tried} faults, {folded} of them made up for by the log",
        operations.len()
    );
    assert!(tried > 20, "{tried}");
}

/// What docs/operate.md says that a reserve of 16 MiB takes in.
fn told_to_operators() -> u64 {
    let guide = include_str!("../../../../docs/operate.md");
    let (_, told) = guide
        .split_once("<!-- reserve -->16 MiB take about ")
        .unwrap();
    let (told, _) = told.split_once(" takings-away").unwrap();
    told.replace(',', "").parse().unwrap()
}

#[test]
fn on_a_full_disk_people_can_still_withdraw_refuse_and_leave_and_nothing_is_granted() {
    let dir = temporary();
    let home = dir.path().join("register");
    let files = Arc::new(FaultyFiles::default());
    let mut options = small(1, files.clone(), &home);
    options.log.segment_bytes = 1 << 20;
    options.log.reserve = 1;
    options.log.publish_every = std::time::Duration::from_millis(5);
    let register = furnish(create_with(&home, options));
    let [platform, partner] = signatures(crate::common::AGREEMENT);
    let document = crate::common::AGREEMENT.as_bytes();
    let both = [platform.as_str(), partner.as_str()];
    register::take_in(&register, "findr.yaml", document, &both, start()).unwrap();
    let [ada, bert] = ["ada", "bert"].map(|id| number(&register, id));
    for begins in (0..CROWD).step_by(5_000) {
        let ids = (begins..begins + 5_000).map(|n| format!("guest-{n}"));
        let change = Change::Join { ids: ids.collect() };
        let key = key_of(1_000_000 + begins);
        register.append_blocking(start(), change, key).unwrap();
    }
    let mut n = 0;
    let mut take = |event: Event| {
        n += 1;
        register.append_blocking(start(), Change::Fact(event), key_of(n))
    };
    take(consent(&[ada, bert], powers()[1])).unwrap();
    while register.log().reserve() < 2 << 20 {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    files.fill_disk();
    // That there is no room is found by trying to publish: there has to be something that is not published yet.
    take(Event::BarSet {
        person: bert,
        bar: Bar::Everything,
    })
    .unwrap();
    while register.log().shortage().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let withdraw = || Event::ConsentWithdrawn {
        person: ada,
        partner: findr(),
        power: powers()[1],
    };
    assert!(matches!(
        take(consent(&[ada], powers()[2])),
        Err(Refused::NoSpace(_))
    ));
    let ready = register.log().reserve();
    let mut withdrawals = 0_u64;
    take(withdraw()).unwrap();
    take(Event::BarSet {
        person: ada,
        bar: Bar::Everything,
    })
    .unwrap();
    take(Event::PersonLeft { person: bert }).unwrap();
    let before = register.log().reserve();
    // What holds already takes none of it, however often it is said.
    for _ in 0..10_000 {
        take(withdraw()).unwrap();
    }
    assert_eq!(register.log().reserve(), before);
    let refusing = (0..CROWD).map(|n| Event::BarSet {
        person: number(&register, &format!("guest-{n}")),
        bar: Bar::Everything,
    });
    let mut last = None;
    for event in refusing {
        match take(event) {
            Ok(_) => withdrawals += 1,
            Err(error) => {
                last = Some(error);
                break;
            }
        }
    }
    assert!(matches!(last, Some(Refused::NoSpace(_))), "{last:?}");
    let each = before.checked_div(withdrawals).unwrap();
    let in_16_mib = (16_u64 << 20) / each;
    println!(
        "a reserve of 1 MiB and what was left of its segment ({ready} bytes) took {withdrawals} more takings-away of {each} bytes; one of 16 MiB takes {in_16_mib}"
    );
    assert!(withdrawals > 1000, "{withdrawals}");
    let told = told_to_operators();
    assert!(
        told.abs_diff(in_16_mib) * 20 < in_16_mib,
        "docs/operate.md says {told}; 16 MiB take {in_16_mib}"
    );
    files.empty_disk();
    while register.log().shortage().is_some() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    take(consent(&[ada], powers()[2])).unwrap();
    let facts = image(&register);
    drop(register);
    let again = Register::open(&home, small(2, Arc::new(RealFiles), &home)).unwrap();
    assert!(image(&again) == facts && again.people().number("bert").is_none());
}
