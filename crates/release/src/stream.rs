//! Answers that are streams: where one record ends and the next begins, on the platform's side and on ours.

use bytes::Bytes;

/// How the records of a stream are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamForm {
    /// A record a line (`application/x-ndjson`, `application/jsonl`).
    Lines,
    /// Server-sent events (`text/event-stream`), each with a record as its data.
    Events,
}

impl StreamForm {
    /// The form of a media type, whatever its parameters; `None`: no stream.
    #[must_use]
    pub fn of(media_type: &str) -> Option<StreamForm> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
                Some(StreamForm::Lines)
            }
            "text/event-stream" => Some(StreamForm::Events),
            _ => None,
        }
    }

    /// A reduced record as it is written into the stream.
    ///
    /// What the platform wrote verbatim can have line ends between its tokens. Within a string JSON has none, so every
    /// one of them can be a space; written out they would begin a record, or a field, of the platform's own making.
    #[must_use]
    pub fn write(self, record: &[u8]) -> Bytes {
        let (before, after): (&[u8], &[u8]) = match self {
            StreamForm::Lines => (b"", b"\n"),
            StreamForm::Events => (b"data: ", b"\n\n"),
        };
        let length = before.len().saturating_add(record.len());
        let mut out = Vec::with_capacity(length.saturating_add(after.len()));
        out.extend_from_slice(before);
        out.extend(record.iter().map(|byte| match byte {
            b'\n' | b'\r' => b' ',
            byte => *byte,
        }));
        out.extend_from_slice(after);
        out.into()
    }

    /// What says that the stream is still there, and nothing else: an empty line, or a comment.
    #[must_use]
    pub fn keep_alive(self) -> Bytes {
        Bytes::from_static(match self {
            StreamForm::Lines => b"\n",
            StreamForm::Events => b":\n\n",
        })
    }
}

/// A record that is longer than is taken. Where the next begins nobody looks for: it could be never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of the platform's stream is longer than {longest} bytes")]
pub struct RecordTooLong {
    /// The longest that is taken.
    pub longest: usize,
}

/// Finds the records in the bytes of a stream. It holds no more than one record and what was handed in last.
///
/// Of server-sent events (WHATWG HTML, section 9.2.6) only the data become records: ids, names and retry times are
/// dropped, comments and empty lines are nothing.
#[derive(Debug)]
pub struct Splitter {
    form: StreamForm,
    longest: usize,
    /// What was handed in and not looked at.
    bytes: Vec<u8>,
    /// How much of it has been taken out.
    taken: usize,
    /// How much behind that was looked at and has no end of a line.
    looked: usize,
    /// The data of the event that is being read, each line with an end.
    data: Vec<u8>,
    /// The last line ended with CR, so a LF that follows belongs to it.
    after_cr: bool,
    /// No line has been read.
    first: bool,
}

impl Splitter {
    /// For a stream whose records have at most so many bytes.
    #[must_use]
    pub fn new(form: StreamForm, longest: usize) -> Splitter {
        Splitter {
            form,
            longest,
            bytes: Vec::new(),
            taken: 0,
            looked: 0,
            data: Vec::new(),
            after_cr: false,
            first: true,
        }
    }

    /// Takes in more of the stream.
    pub fn take_in(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next record that is complete, if there is one.
    ///
    /// # Errors
    /// The record that begins here is too long. Ask no further.
    pub fn next_record(&mut self) -> Result<Option<Bytes>, RecordTooLong> {
        while let Some(line) = self.line() {
            let line = line?;
            let record = match self.form {
                StreamForm::Lines => Some(line).filter(|line| !line.trim_ascii().is_empty()),
                StreamForm::Events => self.field(&line)?,
            };
            if record.is_some() {
                return Ok(record);
            }
        }
        if self.left().len() > self.longest {
            return Err(self.too_long());
        }
        Ok(None)
    }

    /// What is left when the stream has ended. The last line needs no end; an event that has none never happened.
    #[must_use]
    pub fn last_record(&mut self) -> Option<Bytes> {
        let rest = Bytes::copy_from_slice(self.left());
        self.taken = self.bytes.len();
        let is_record = self.form == StreamForm::Lines && !rest.trim_ascii().is_empty();
        is_record.then_some(rest)
    }

    fn left(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    fn too_long(&self) -> RecordTooLong {
        RecordTooLong {
            longest: self.longest,
        }
    }

    /// The next line that has an end, without it.
    fn line(&mut self) -> Option<Result<Bytes, RecordTooLong>> {
        if self.after_cr && !self.left().is_empty() {
            self.after_cr = false;
            if self.left().first() == Some(&b'\n') {
                self.taken = self.taken.saturating_add(1);
                self.looked = self.looked.saturating_sub(1);
            }
        }
        let cr_ends = self.form == StreamForm::Events;
        let is_end = |byte: &u8| *byte == b'\n' || (cr_ends && *byte == b'\r');
        let left = self.left();
        let new = left.get(self.looked..).unwrap_or_default();
        let Some(at) = new.iter().position(is_end) else {
            self.looked = left.len();
            return None;
        };
        let length = self.looked.saturating_add(at);
        let mut line = left.get(..length).unwrap_or_default();
        if self.first {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        let line = Bytes::copy_from_slice(line);
        self.after_cr = left.get(length) == Some(&b'\r');
        self.first = false;
        self.taken = self.taken.saturating_add(length).saturating_add(1);
        self.looked = 0;
        Some(if line.len() > self.longest {
            Err(self.too_long())
        } else {
            Ok(line)
        })
    }

    /// Takes in a line of an event; the event's data, if it ends here and has any.
    fn field(&mut self, line: &[u8]) -> Result<Option<Bytes>, RecordTooLong> {
        if line.is_empty() {
            let mut data = std::mem::take(&mut self.data);
            data.pop();
            return Ok((!data.is_empty()).then(|| data.into()));
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon {
            Some(at) => (line.get(..at), line.get(at.saturating_add(1)..)),
            None => (Some(line), None),
        };
        if name != Some(b"data") {
            return Ok(None);
        }
        let value = value.unwrap_or_default();
        self.data
            .extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        self.data.push(b'\n');
        if self.data.len() > self.longest {
            return Err(self.too_long());
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of a stream that comes in parts of this size, and whether it broke off at one that was too long.
    fn records(form: StreamForm, stream: &str, part: usize) -> (Vec<String>, bool) {
        let mut splitter = Splitter::new(form, 40);
        let mut found = Vec::new();
        let text = |record: Bytes| String::from_utf8(record.to_vec()).unwrap();
        for part in stream.as_bytes().chunks(part) {
            splitter.take_in(part);
            loop {
                match splitter.next_record() {
                    Ok(Some(record)) => found.push(text(record)),
                    Ok(None) => break,
                    Err(_) => return (found, true),
                }
            }
        }
        found.extend(splitter.last_record().map(text));
        (found, false)
    }

    #[test]
    fn records_are_found_however_the_stream_is_cut_into_parts() {
        use StreamForm::{Events, Lines};
        let cases: [(StreamForm, &str, &[&str]); 9] = [
            (Lines, "{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
            (Lines, "\n\n1\n \n\r\n2", &["1", "2"]),
            (Lines, "", &[]),
            (Events, "data: {\"a\":1}\n\ndata:2\n\n", &["{\"a\":1}", "2"]),
            (
                Events,
                "data: 1\r\n\r\ndata: 2\r\rdata: 3\n\r\n",
                &["1", "2", "3"],
            ),
            (Events, "data: {\ndata: }\n\n", &["{\n}"]),
            (Events, "\u{feff}data: 1\n\n", &["1"]),
            (
                Events,
                ": hello\nid: 7\nevent: post\nretry: 9\ndata: 1\n\nevent: empty\n\ndata\n\n",
                &["1"],
            ),
            (Events, "data: 1\n\ndata: never ended\n", &["1"]),
        ];
        for (form, stream, expected) in cases {
            for part in 1..=stream.len().max(1) {
                let (found, broke) = records(form, stream, part);
                assert_eq!(found, expected, "{stream:?} by {part}");
                assert!(!broke, "{stream:?} by {part}");
            }
        }
    }

    #[test]
    fn a_record_that_is_too_long_ends_it_whether_or_not_it_ends_itself() {
        let long = "x".repeat(41);
        for (form, stream) in [
            (StreamForm::Lines, format!("1\n{long}")),
            (StreamForm::Lines, format!("1\n{long}\n2\n")),
            (StreamForm::Events, format!("data: 1\n\n:{long}")),
            (
                StreamForm::Events,
                format!("data: 1\n\n{}", "data: xxxxxxxxxx\n".repeat(5)),
            ),
        ] {
            for part in [1, 7, stream.len()] {
                let (found, broke) = records(form, &stream, part);
                assert_eq!(
                    (found, broke),
                    (vec!["1".to_owned()], true),
                    "{stream:?} by {part}"
                );
            }
        }
    }

    #[test]
    fn what_the_platform_wrote_begins_no_line_of_its_own() {
        let record = b"{\"a\":\r\n[1,\n\n2],\r\"data\":3}";
        for (form, expected) in [
            (StreamForm::Lines, "{\"a\":  [1,  2], \"data\":3}\n"),
            (
                StreamForm::Events,
                "data: {\"a\":  [1,  2], \"data\":3}\n\n",
            ),
        ] {
            assert_eq!(form.write(record), expected);
        }
    }
}
