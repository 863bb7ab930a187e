//! Loading: document and overlay to plans.

use crate::api::Api;
use crate::compile::compile;
use crate::document::read;
use crate::error::{LoadError, LoadErrors};
use crate::extension::KEY;
use crate::overlay::Overlay;
use crate::swagger::converted;

pub(crate) fn load(
    document: &[u8],
    document_name: &str,
    overlay: &[u8],
    overlay_name: &str,
) -> Result<Api, LoadErrors> {
    let document = read(document, document_name).and_then(|it| converted(it, document_name));
    let (mut merged, overlay) = match (document, read(overlay, overlay_name)) {
        (Ok(document), Ok(overlay)) => (document, overlay),
        (document, overlay) => {
            return Err(LoadErrors(
                [document.err(), overlay.err()]
                    .into_iter()
                    .flatten()
                    .collect(),
            ));
        }
    };
    let plain = merged.clone();
    let overlay = Overlay::read(&overlay, overlay_name).map_err(LoadErrors)?;
    overlay.apply(&mut merged).map_err(LoadErrors)?;
    compile(&merged, document_name).map_err(|errors| {
        let placed = errors.into_iter().map(|error| {
            let note = note_of(&error.at);
            match note.and_then(|note| overlay.origin(&plain, note)) {
                Some(action) => LoadError {
                    file: overlay_name.to_owned(),
                    at: format!("actions[{action}], which sets {}", error.at),
                    ..error
                },
                None => error,
            }
        });
        LoadErrors(placed.collect())
    })
}

/// The pointer of the note within which a pointer lies.
fn note_of(at: &str) -> Option<&str> {
    let end = at
        .find(&format!("/{KEY}"))?
        .checked_add(KEY.len())?
        .checked_add(1)?;
    at.get(..end)
}
