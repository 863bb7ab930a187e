//! Looking through what would leave for identifiers: the side of the sweep that reads.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::mentions::{Alias, Atom, Mention};
use super::reader::Reader;
use crate::plan::Scalar;
use crate::sweep::{Found, keys_of, scan};

impl<'b> Reader<'b, '_> {
    /// A datum that would leave, in the record `holder`.
    pub(super) fn sweep_leaf(&mut self, scalar: &Scalar, raw: &'b str, holder: u32, datum: u32) {
        // A value that is the id of a person of this very record leaves with that person's consent or not at all.
        if scalar
            .taps
            .iter()
            .any(|tap| tap.up == 0 && tap.form.is_none())
        {
            return;
        }
        match raw.as_bytes().first() {
            Some(b'"') => {
                if let Some(forms) = &scalar.names {
                    self.alias(forms, raw, datum);
                }
                self.sweep(raw, holder, datum);
            }
            Some(b'[' | b'{') => self.sweep_open(scalar, raw, holder, datum),
            _ => {}
        }
        if scalar.open
            && let Some(text) = self.bare(raw)
        {
            self.atom(&text, holder, datum);
        }
    }

    /// An identifier of the record's person, in all its forms.
    fn alias(&mut self, forms: &[String], raw: &'b str, datum: u32) {
        let Some(text) = self.text_of(raw) else {
            return;
        };
        let identifiers = &self.plan.identifiers;
        let mut keys = keys_of(&text, identifiers);
        for form in forms {
            keys.extend(keys_of(&form.replace("{}", &text), identifiers));
        }
        self.seen.aliases.push(Alias { datum, keys });
    }

    /// One string as it is written.
    pub(super) fn sweep(&mut self, raw: &'b str, record: u32, datum: u32) {
        if !self.sweeps {
            return;
        }
        match self.text_of(raw) {
            Some(text) => self.look(&text, record, datum),
            None => self.cannot_look(record, datum),
        }
    }

    /// What cannot be looked through cannot leave: nobody has agreed to be named by it.
    fn cannot_look(&mut self, record: u32, datum: u32) {
        self.seen.mentions.push(Mention {
            record,
            datum,
            people: Vec::new(),
            keys: Vec::new(),
        });
    }

    fn look(&mut self, text: &str, record: u32, datum: u32) {
        let resolve = self.resolve;
        let mentions = &mut self.seen.mentions;
        scan(text, &self.plan.identifiers, &mut |found: Found<'_>| {
            let mut people = Vec::new();
            let mut keys = Vec::new();
            for reading in found.readings {
                let person = resolve(&reading.exact).or_else(|| resolve(&reading.key));
                people.extend(person.filter(|person| !people.contains(person)));
                keys.push(reading.key.into_owned());
            }
            mentions.push(Mention {
                record,
                datum,
                people,
                keys,
            });
        });
    }

    /// A list of scalars, or anything at all.
    fn sweep_open(&mut self, scalar: &Scalar, raw: &'b str, record: u32, datum: u32) {
        let mut texts = Vec::new();
        let mut json = serde_json::Deserializer::from_str(raw);
        if Texts(&mut texts).deserialize(&mut json).is_err() {
            self.cannot_look(record, datum);
        }
        for text in texts {
            self.look(&text, record, datum);
            if scalar.open {
                self.atom(&text, record, datum);
            }
        }
    }

    fn bare(&self, raw: &'b str) -> Option<Cow<'b, str>> {
        match raw.as_bytes().first() {
            Some(b'"') => self.text_of(raw),
            Some(b'0'..=b'9' | b'-') => Some(Cow::Borrowed(raw)),
            _ => None,
        }
    }

    fn atom(&mut self, text: &str, record: u32, datum: u32) {
        self.seen.atoms.push(Atom {
            record,
            datum,
            text: text.into(),
        });
    }
}

/// Collects every string, key and number of a value, also of members that stand in it twice.
struct Texts<'t, 'b>(&'t mut Vec<Cow<'b, str>>);

impl<'b> DeserializeSeed<'b> for Texts<'_, 'b> {
    type Value = ();

    fn deserialize<D: Deserializer<'b>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'b> Visitor<'b> for Texts<'_, 'b> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.0.push(Cow::Owned(number.to_string()));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.0.push(Cow::Owned(number.to_string()));
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'b str) -> Result<(), E> {
        self.0.push(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.push(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Texts(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'b>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(Texts(self.0))?.is_some() {
            map.next_value_seed(Texts(self.0))?;
        }
        Ok(())
    }
}
