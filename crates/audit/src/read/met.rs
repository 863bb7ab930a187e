//! What the words of a row come to, remembered: millions of rows say the same few things.

use rustc_hash::FxHashMap;

use super::cells::Cell;

/// Values by the words that they were read from.
#[derive(Debug)]
pub(crate) struct Met<T> {
    met: FxHashMap<Box<[u8]>, T>,
    words: Vec<u8>,
}

impl<T> Default for Met<T> {
    fn default() -> Met<T> {
        Met {
            met: FxHashMap::default(),
            words: Vec::new(),
        }
    }
}

impl<T: Clone> Met<T> {
    /// What these cells come to. `read` is asked where they were not met before; what is wrong is not remembered.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) fn of(
        &mut self,
        cells: &[Option<Cell<'_>>],
        read: impl FnOnce() -> Result<T, String>,
    ) -> Result<T, String> {
        self.words.clear();
        for cell in cells {
            match cell {
                None => self.words.push(0),
                Some(Cell::Text(text)) => {
                    self.words.push(1);
                    self.push(text);
                }
                Some(Cell::List(list)) => {
                    self.words.push(2);
                    self.words.extend(list.len().to_le_bytes());
                    list.iter().for_each(|text| self.push(text));
                }
                // Columns of words are never read as these.
                Some(Cell::Id(_) | Cell::Moment(_)) => return read(),
            }
        }
        if let Some(known) = self.met.get(self.words.as_slice()) {
            return Ok(known.clone());
        }
        let new = read()?;
        self.met.insert(self.words.as_slice().into(), new.clone());
        Ok(new)
    }

    /// With its length, so that no two rows are written alike.
    fn push(&mut self, text: &str) {
        self.words.extend(text.len().to_le_bytes());
        self.words.extend(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_words_are_read_once_each_and_never_taken_for_each_other() {
        let text = |text: &'static str| Some(Cell::Text(text.into()));
        let rows = [
            [text("ab"), text("c")],
            [text("a"), text("bc")],
            [text("ab"), None],
            [None, text("ab")],
            [Some(Cell::List(vec!["a".into(), "b".into()])), None],
            [Some(Cell::List(vec!["ab".into()])), None],
        ];
        let mut met = Met::default();
        let mut asked = 0;
        for round in 0..2 {
            for (number, row) in rows.iter().enumerate() {
                let got = met.of(row, || {
                    asked += 1;
                    Ok(number)
                });
                assert_eq!(got, Ok(number), "{round}: {row:?}");
            }
        }
        assert_eq!(asked, rows.len());
    }
}
