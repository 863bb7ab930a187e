//! Texts of `--help` that are not a command's own.

/// Below the help of the program. A test compares it with [`crate::exit::Exit::TABLE`].
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
   0  done, and nothing to object to
   1  done, and the outcome is a no: findings, a refusal, a proof that does not hold
   2  the command line is wrong
   3  done, and nothing was found, but some of it could not be judged
  65  a document, list or key is wrong in itself
  66  a file cannot be read
  69  the gateway or the platform cannot be reached
  70  a fault of the program's own, or of the system beneath it
  73  something exists already; nothing is ever overwritten
  74  a file cannot be written, or a log has stopped
  78  the configuration is wrong";

#[cfg(test)]
mod tests {
    use crate::exit::Exit;

    #[test]
    fn help_names_every_exit_code_as_the_program_uses_it() {
        let mut expected = "Exit codes:".to_owned();
        for (exit, meaning) in Exit::TABLE {
            expected.push_str(&format!("\n{:>4}  {meaning}", *exit as u8));
        }
        assert_eq!(super::EXIT_CODES, expected);
    }
}
