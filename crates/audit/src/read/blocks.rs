//! A file of text in blocks of whole lines, with the number of the first, so that several threads can parse one file.

use std::io::{self, Read};

/// About so much at once.
const BLOCK: usize = 1 << 20;
/// A line longer than this is broken: the file is not what it seems to be.
const LINE_AT_MOST: usize = 1 << 24;

/// Whole lines.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    /// The number of its first line, from 1.
    pub(crate) first_line: u64,
}

/// Cuts a text into blocks.
pub(crate) struct Blocks {
    source: Box<dyn Read + Send>,
    rest: Vec<u8>,
    line: u64,
    /// A line end between quotes does not end a row (CSV).
    quotes: bool,
    ended: bool,
}

impl Blocks {
    pub(crate) fn new(source: Box<dyn Read + Send>, quotes: bool) -> Blocks {
        Blocks {
            source,
            rest: Vec::new(),
            line: 1,
            quotes,
            ended: false,
        }
    }

    /// The line after the last that was handed out.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The next block; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read on; what had been read of it before was handed out.
    pub(crate) fn next(&mut self) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut wanted = BLOCK;
        while !self.ended {
            let more = wanted.saturating_sub(bytes.len()).max(1) as u64;
            match self.source.by_ref().take(more).read_to_end(&mut bytes) {
                Ok(0) => self.ended = true,
                Ok(_) if bytes.len() < wanted => {}
                Ok(_) => {
                    if let Some(end) = self.last_end(&bytes) {
                        self.rest = bytes.split_off(end);
                        break;
                    }
                    wanted = wanted.saturating_mul(2);
                    if wanted > LINE_AT_MOST {
                        return Err(io::Error::new(
                            io::ErrorKind::InvalidData,
                            "a line without end",
                        ));
                    }
                }
                Err(error) => {
                    // What came before the break is sound up to its last line end.
                    self.ended = true;
                    let end = self.last_end(&bytes).unwrap_or(0);
                    bytes.truncate(end);
                    if bytes.is_empty() {
                        return Err(error);
                    }
                    self.source = Box::new(Broken(Some(error)));
                    self.ended = false;
                    break;
                }
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let first_line = self.line;
        let lines = memchr::memchr_iter(b'\n', &bytes).count() as u64;
        self.line = self.line.saturating_add(lines);
        Ok(Some(Block { bytes, first_line }))
    }

    /// Behind the last line end that ends a row.
    fn last_end(&self, bytes: &[u8]) -> Option<usize> {
        if !self.quotes {
            return memchr::memrchr(b'\n', bytes)?.checked_add(1);
        }
        let (mut quoted, mut end) = (false, None);
        for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
            match bytes.get(at) {
                Some(b'"') => quoted = !quoted,
                _ if !quoted => end = at.checked_add(1),
                _ => {}
            }
        }
        end
    }
}

/// Gives an error that was met earlier.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self
            .0
            .take()
            .unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], quotes: bool) -> Vec<(u64, usize)> {
        let mut blocks = Blocks::new(Box::new(io::Cursor::new(text.to_vec())), quotes);
        let mut out = Vec::new();
        while let Ok(Some(block)) = blocks.next() {
            out.push((block.first_line, block.bytes.len()));
        }
        out
    }

    #[test]
    fn blocks_hold_whole_lines_and_know_their_number() {
        let line = format!("{}\n", "x".repeat(99));
        let text = line.repeat(25_000);
        let blocks = all(text.as_bytes(), false);
        assert!(blocks.len() > 2);
        assert_eq!(blocks.iter().map(|(_, len)| len).sum::<usize>(), text.len());
        for (first, len) in &blocks {
            assert_eq!((len % 100, (first - 1) * 100 % 100), (0, 0));
        }
        assert_eq!(blocks[1].0 as usize, blocks[0].1 / 100 + 1);
        assert_eq!(
            all(b"one\ntwo", false),
            [(1, 7)],
            "the last line may lack its end"
        );
    }

    #[test]
    fn a_line_end_between_quotes_ends_no_row() {
        let row = format!("\"{}\n{}\",1\n", "a".repeat(700), "b".repeat(700));
        let text = row.repeat(2_000);
        let blocks = all(text.as_bytes(), true);
        assert!(blocks.len() > 1);
        assert!(blocks.iter().all(|(_, len)| len % row.len() == 0));
    }
}
