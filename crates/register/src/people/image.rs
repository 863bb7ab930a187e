//! People in a snapshot: one after the other, in the order of numbers.
//!
//! Per person: a byte of flags (1: has an id, 2: has a secret, 4: was active), then what the flags say: the id's
//! length (u16, little-endian) and bytes; key and salt; the day (i32).

use std::io::{self, Read, Write};
use std::sync::Arc;

use decide::{Day, PersonNo};

use super::People;
use super::rows::{Row, Secret};

const ID: u8 = 1;
const SECRET: u8 = 2;
const ACTIVE: u8 = 4;

impl People {
    /// Writes the first `count` people.
    pub(crate) fn write(&self, count: u32, out: &mut impl Write) -> io::Result<()> {
        for number in 0..count {
            self.rows
                .read(PersonNo(number), |row| write_row(row, out))
                .unwrap_or_else(|| Err(io::Error::other("a person is missing")))?;
        }
        Ok(())
    }

    /// Reads `count` people.
    pub(crate) fn read(count: u32, from: &mut impl Read) -> io::Result<People> {
        let people = People::default();
        for _ in 0..count {
            people.add(read_row(from)?);
        }
        Ok(people)
    }
}

fn write_row(row: &Row, out: &mut impl Write) -> io::Result<()> {
    let flag = |there: bool, bit: u8| if there { bit } else { 0 };
    let flags = flag(row.id.is_some(), ID)
        | flag(row.secret.is_some(), SECRET)
        | flag(row.active.is_some(), ACTIVE);
    out.write_all(&[flags])?;
    if let Some(id) = &row.id {
        let length = u16::try_from(id.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(id.as_bytes())?;
    }
    if let Some(secret) = &row.secret {
        out.write_all(&secret.key)?;
        out.write_all(&secret.salt)?;
    }
    if let Some(Day(day)) = row.active {
        out.write_all(&day.to_le_bytes())?;
    }
    Ok(())
}

fn read_row(from: &mut impl Read) -> io::Result<Row> {
    let [flags] = bytes(from)?;
    if flags & !(ID | SECRET | ACTIVE) != 0 {
        return Err(io::Error::other("a person of a later version"));
    }
    let mut row = Row::default();
    if flags & ID != 0 {
        let mut id = vec![0; usize::from(u16::from_le_bytes(bytes(from)?))];
        from.read_exact(&mut id)?;
        let id = String::from_utf8(id).map_err(io::Error::other)?;
        row.id = Some(Arc::from(id));
    }
    if flags & SECRET != 0 {
        row.secret = Some(Secret {
            key: bytes(from)?,
            salt: bytes(from)?,
        });
    }
    if flags & ACTIVE != 0 {
        row.active = Some(Day(i32::from_le_bytes(bytes(from)?)));
    }
    Ok(row)
}

pub(crate) fn bytes<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
