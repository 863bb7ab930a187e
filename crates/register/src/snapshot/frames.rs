//! Sealed frames: a stream in pieces of 1 MiB, each authenticated, in order, and with an end that cannot be cut off.
//!
//! A frame: length (u32, big-endian) of the sealed bytes, then the bytes. The associated data is the file's head and
//! one byte: 1 in the last frame, else 0. The nonce counts.

use std::io::{self, Read, Write};

use crate::seal::Sealer;

const FRAME: usize = 1 << 20;
const MORE: u8 = 0;
const LAST: u8 = 1;
const TAG: usize = 16;

pub(super) struct FrameWriter<W> {
    out: W,
    sealer: Sealer,
    head: Vec<u8>,
    buffer: Vec<u8>,
    frames: u64,
}

impl<W: Write> FrameWriter<W> {
    pub(super) fn new(out: W, sealer: Sealer, head: Vec<u8>) -> Self {
        Self {
            out,
            sealer,
            head,
            buffer: Vec::with_capacity(FRAME + TAG),
            frames: 0,
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.put(LAST)?;
        self.out.flush()
    }

    fn put(&mut self, flag: u8) -> io::Result<()> {
        let plain = std::mem::replace(&mut self.buffer, Vec::with_capacity(FRAME + TAG));
        let aad = [&self.head[..], &[flag]].concat();
        let sealed = self
            .sealer
            .seal(self.frames, &aad, plain)
            .map_err(io::Error::other)?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.frames += 1;
        Ok(())
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == FRAME {
            self.put(MORE)?;
        }
        let room = bytes.len().min(FRAME - self.buffer.len());
        let (now, _) = bytes.split_at(room);
        self.buffer.extend_from_slice(now);
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) struct FrameReader<R> {
    from: R,
    sealer: Sealer,
    head: Vec<u8>,
    buffer: io::Cursor<Vec<u8>>,
    frames: u64,
    last: bool,
}

impl<R: Read> FrameReader<R> {
    pub(super) fn new(from: R, sealer: Sealer, head: Vec<u8>) -> Self {
        Self {
            from,
            sealer,
            head,
            buffer: io::Cursor::default(),
            frames: 0,
            last: false,
        }
    }

    /// Checks that everything was read and that this was the true end.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let mut rest = [0];
        if self.read(&mut rest)? == 0 && self.last && self.from.read(&mut rest)? == 0 {
            Ok(())
        } else {
            Err(io::Error::other("more than expected at the end"))
        }
    }

    fn next_frame(&mut self) -> io::Result<()> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > FRAME + TAG {
            return Err(io::Error::other("a frame is longer than any is written"));
        }
        let mut sealed = vec![0; length];
        self.from.read_exact(&mut sealed)?;
        for flag in [MORE, LAST] {
            let aad = [&self.head[..], &[flag]].concat();
            if let Ok(plain) = self.sealer.open(self.frames, &aad, sealed.clone()) {
                self.buffer = io::Cursor::new(plain);
                self.last = flag == LAST;
                self.frames += 1;
                return Ok(());
            }
        }
        Err(io::Error::other(crate::seal::Unsealed))
    }
}

impl<R: Read> Read for FrameReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.buffer.read(bytes)?;
            if read > 0 || bytes.is_empty() || self.last {
                return Ok(read);
            }
            self.next_frame()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::RegisterKey;

    fn sealer() -> Sealer {
        RegisterKey::from_random([1; 32])
            .sealer("frames", &[2; 32])
            .unwrap()
    }

    fn written(plain: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut out = FrameWriter::new(&mut file, sealer(), b"head".to_vec());
        out.write_all(plain).unwrap();
        out.finish().unwrap();
        file
    }

    fn read(file: &[u8], length: usize) -> io::Result<Vec<u8>> {
        let mut from = FrameReader::new(file, sealer(), b"head".to_vec());
        let mut plain = vec![0; length];
        from.read_exact(&mut plain)?;
        from.end()?;
        Ok(plain)
    }

    #[test]
    fn what_was_written_reads_back_at_every_length_around_a_frame() {
        for length in [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME] {
            let plain: Vec<u8> = (0..length).map(|n| n as u8).collect();
            assert_eq!(read(&written(&plain), length).unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn a_stream_cut_off_at_a_frame_is_noticed() {
        let file = written(&vec![7; FRAME + 5]);
        assert!(read(&file, FRAME + 5).is_ok());
        let first = 4 + FRAME + TAG;
        assert!(read(&file[..first], FRAME).is_err());
        assert!(read(&file[..file.len() - 1], FRAME + 5).is_err());
        assert!(read(&[&file[..], b"x"].concat(), FRAME + 5).is_err());
    }

    #[test]
    fn frames_in_another_order_are_noticed() {
        let file = written(&vec![7; 2 * FRAME + 5]);
        let (first, rest) = file.split_at(4 + FRAME + TAG);
        let (second, third) = rest.split_at(4 + FRAME + TAG);
        assert!(read(&[second, first, third].concat(), 2 * FRAME + 5).is_err());
    }
}
