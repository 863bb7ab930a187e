//! Invented names and sentences.
//!
//! Whatever identifies a person is built so that no two people share it and so that it is part of
//! no other text in the world: a test can search an answer for it.

const CONSONANTS: [char; 17] = [
    'b', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'z',
];
const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];
/// How many syllables of a consonant and a vowel there are.
const SYLLABLES: u64 = 17 * 5;
/// How many words of five syllables: more than there are `u32` numbers.
pub(crate) const SURNAMES: u64 = SYLLABLES.pow(5);
/// How many words of four syllables.
pub(crate) const STREETS: u64 = SYLLABLES.pow(4);

pub(crate) const FIRST_NAMES: [&str; 48] = [
    "Ada", "Bert", "Cleo", "Dora", "Emil", "Freya", "Gus", "Hanna", "Ivo", "Jona", "Karin", "Lars",
    "Mina", "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tilda", "Udo", "Vera", "Wim",
    "Xenia", "Yara", "Zeno", "Anton", "Bella", "Carla", "Derya", "Edda", "Fabio", "Greta", "Hugo",
    "Ines", "Jules", "Kian", "Lena", "Marek", "Nora", "Oskar", "Petra", "Rafa", "Selma", "Timo",
    "Ulla", "Vito", "Wanda",
];

pub(crate) const CITIES: [&str; 32] = [
    "Altbrück",
    "Bernau Falls",
    "Corvale",
    "Dunmere",
    "Eastwick Bay",
    "Farrowgate",
    "Glenhollow",
    "Hartmouth",
    "Inselstadt",
    "Jasper Point",
    "Kestrelton",
    "Lindenau",
    "Marlow Cross",
    "Nordhaven",
    "Oakshade",
    "Pinebrook",
    "Quarrydale",
    "Ravensmoor",
    "Silverlake",
    "Thornbury Heath",
    "Ulmenhof",
    "Vallombra",
    "Westermark",
    "Yewtree",
    "Zellerau",
    "Ashcombe",
    "Brightwater",
    "Clearford",
    "Driftwood",
    "Elmsworth",
    "Foxley",
    "Grünfelden",
];

const OPENINGS: [&str; 16] = [
    "Finally",
    "This morning",
    "Honestly,",
    "After work",
    "On the train home",
    "Against all odds",
    "Last night",
    "For the first time in years",
    "Before breakfast",
    "Between two showers",
    "To everybody's surprise",
    "As usual",
    "In the new garden",
    "Down by the river",
    "With a sore throat",
    "Without a plan",
];
const DEEDS: [&str; 16] = [
    "we baked the rye bread again",
    "I fixed the old bicycle",
    "the choir sang in tune",
    "we missed the last ferry",
    "the cat came back",
    "I finished that long novel",
    "the tomatoes ripened",
    "we painted the kitchen yellow",
    "somebody returned my umbrella",
    "the team won by a goal",
    "I learned to juggle",
    "the soup burned",
    "we walked up to the lookout",
    "the piano got tuned",
    "I slept for eleven hours",
    "we danced until four",
];
const CLOSINGS: [&str; 16] = [
    "and it was worth it.",
    "which nobody believes.",
    "– pictures follow.",
    "so come over on Sunday.",
    "and now my back hurts.",
    "thanks for the help!",
    "never again.",
    "who else?",
    "but do not tell the neighbours.",
    "and the coffee was still hot.",
    "as promised.",
    "– what a day.",
    "and I would do it again.",
    "for once.",
    "with \"real\" butter.",
    "at last 🎉",
];

/// The entry of a table that `choice` falls on; every choice falls on one.
pub(crate) fn pick<const N: usize>(table: &[&'static str; N], choice: u64) -> &'static str {
    let at = usize::try_from(choice % (N as u64)).unwrap_or(0);
    table.get(at).copied().unwrap_or_default()
}

/// Everyday sentences without a name in them; `choice` decides which.
pub(crate) fn sentences(choice: u64, how_many: u64) -> String {
    let mut text = String::new();
    for i in 0..how_many.max(1) {
        let choice = choice.rotate_left(u32::try_from(i * 13 % 64).unwrap_or(0));
        if i > 0 {
            text.push(' ');
        }
        text.push_str(pick(&OPENINGS, choice));
        text.push(' ');
        text.push_str(pick(&DEEDS, choice >> 4));
        text.push(' ');
        text.push_str(pick(&CLOSINGS, choice >> 8));
    }
    text
}

/// A word of so many syllables, capital first; different numbers below 85^syllables give different
/// words.
pub(crate) fn word(mut number: u64, syllables: usize) -> String {
    let mut word = String::with_capacity(2 * syllables);
    for place in 0..syllables {
        let syllable = usize::try_from(number % SYLLABLES).unwrap_or(0);
        number /= SYLLABLES;
        let consonant = CONSONANTS.get(syllable % 17).copied().unwrap_or('b');
        word.push(if place == 0 {
            consonant.to_ascii_uppercase()
        } else {
            consonant
        });
        word.push(VOWELS.get(syllable / 17).copied().unwrap_or('a'));
    }
    word
}

/// The number of a word that [`word`] made, whatever its case.
pub(crate) fn number_of_word(word: &str, syllables: usize) -> Option<u64> {
    let letters: Vec<char> = word.chars().map(|c| c.to_ascii_lowercase()).collect();
    if letters.len() != 2 * syllables {
        return None;
    }
    let mut number = 0;
    for pair in letters.rchunks(2) {
        let [consonant, vowel] = pair else {
            return None;
        };
        let consonant = CONSONANTS.iter().position(|c| c == consonant)?;
        let vowel = VOWELS.iter().position(|c| c == vowel)?;
        number = number * SYLLABLES + u64::try_from(consonant + 17 * vowel).ok()?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_back_to_its_number_in_any_case() {
        for n in [0, 1, 84, 85, 1_000_000, SURNAMES - 1] {
            let word = word(n, 5);
            assert_eq!(word.len(), 10);
            assert_eq!(number_of_word(&word.to_uppercase(), 5), Some(n), "{word}");
        }
        assert_eq!(number_of_word("Ada", 5), None);
        assert_eq!(number_of_word("Straßenbau", 5), None);
    }
}
