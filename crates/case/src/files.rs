//! The cases' documents, embedded: the installed program needs no file beside it.

use crate::read::Case;
use crate::wrong::Wrong;

/// The names of the cases there are.
pub const NAMES: &[&str] = &["facebook-2018"];

macro_rules! embedded {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../cases/facebook-2018/", $path)))),*]
    };
}

/// The documents of `cases/facebook-2018`, by their paths in it. A test compares the list with the directory.
pub(crate) const FACEBOOK_2018: &[(&str, &str)] = embedded! {
    "agreements/r01-v1.yaml"
    "agreements/r02-v1.yaml"
    "agreements/r02-v2.yaml"
    "agreements/r03-v1.yaml"
    "agreements/r03-v2.yaml"
    "agreements/r04-v1.yaml"
    "agreements/r04-v2.yaml"
    "agreements/r05-v1.yaml"
    "agreements/r05-v2.yaml"
    "agreements/r06-v1.yaml"
    "agreements/r07-v1.yaml"
    "agreements/r08-v1.yaml"
    "agreements/r09-v1.yaml"
    "agreements/r10-v1.yaml"
    "agreements/r11-v1.yaml"
    "agreements/r12-v1.yaml"
    "agreements/r13-v1.yaml"
    "agreements/r14-v1.yaml"
    "agreements/r15-v1.yaml"
    "agreements/r16-v1.yaml"
    "agreements/r17-v1.yaml"
    "agreements/r19-v1.yaml"
    "agreements/r20-v1.yaml"
    "case.yaml"
    "notice.txt"
    "policy.yaml"
    "promises/p1.yaml"
    "promises/p2.yaml"
    "promises/p4.yaml"
    "promises/p5.yaml"
    "promises/p6.yaml"
    "promises/p7.yaml"
    "promises/p8.yaml"
    "promises/p9.yaml"
    "refused/r10-conceal.yaml"
    "rows/r01.yaml"
    "rows/r02.yaml"
    "rows/r03.yaml"
    "rows/r04.yaml"
    "rows/r05.yaml"
    "rows/r06.yaml"
    "rows/r07.yaml"
    "rows/r08.yaml"
    "rows/r09.yaml"
    "rows/r10.yaml"
    "rows/r11.yaml"
    "rows/r12.yaml"
    "rows/r13.yaml"
    "rows/r14.yaml"
    "rows/r15.yaml"
    "rows/r16.yaml"
    "rows/r17.yaml"
    "rows/r19.yaml"
    "rows/r20.yaml"
    "sources.yaml"
};

/// A case by its name.
///
/// # Errors
/// There is none by this name, or its documents are wrong (which a test of this crate would have shown).
pub fn open(name: &str) -> Result<Case, Wrong> {
    match name {
        "facebook-2018" => Case::read(FACEBOOK_2018),
        _ => Err(Wrong::NoSuchCase {
            name: name.to_owned(),
            known: NAMES.join(", "),
        }),
    }
}
