//! Which passwords are accepted, after NIST SP 800-63B, revision 4: long enough,
//! not easily guessed, and nothing about kinds of characters.

use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::Score;

use crate::domain::account::Username;
use crate::domain::secret::Secret;

/// The longest password, in characters.
pub const PASSWORD_MAX: usize = 128;
/// Shorter words than this may be part of a password, whatever they are.
const WORD_MIN: usize = 4;
/// What is weaker than this falls to 10^8 guesses.
const SCORE_MIN: Score = Score::Three;

/// The rules of a deployment.
#[derive(Clone, Debug)]
pub struct PasswordRules {
    /// The fewest characters.
    pub length_min: usize,
    /// What the service is called: no part of a password.
    pub app_name: String,
}

/// Why a password is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Too few characters.
    #[error("must have at least {least} characters; several words make a good one")]
    TooShort {
        /// How many it needs.
        least: usize,
    },
    /// Too many characters.
    #[error("must not have more than {PASSWORD_MAX} characters")]
    TooLong,
    /// It says who it belongs to.
    #[error("must not contain the user name")]
    HoldsUsername,
    /// It says what it is for.
    #[error("must not contain the name of this service")]
    HoldsAppName,
    /// It stands in a list of passwords, or is made of what stands there.
    #[error(
        "is among the passwords that are tried first, or too much like one; take several unrelated words"
    )]
    Guessable,
    /// It is the one that there was.
    #[error("must be another one than before")]
    Unchanged,
}

impl PasswordRules {
    /// Whether a password may be set for that account.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn check(&self, password: &Secret<String>, username: &Username) -> Result<(), BadPassword> {
        let text = Secret::new(password.expose().nfkc().collect::<String>());
        let text = text.expose();
        let length = text.chars().count();
        if length < self.length_min {
            return Err(BadPassword::TooShort {
                least: self.length_min,
            });
        }
        if length > PASSWORD_MAX {
            return Err(BadPassword::TooLong);
        }
        let lower = Secret::new(text.to_lowercase());
        let holds = |word: &str| {
            word.chars().count() >= WORD_MIN && lower.expose().contains(&word.to_lowercase())
        };
        if holds(username.as_str()) {
            return Err(BadPassword::HoldsUsername);
        }
        if holds(&self.app_name) {
            return Err(BadPassword::HoldsAppName);
        }
        let known = [username.as_str(), self.app_name.as_str(), "gatelodge"];
        if zxcvbn::zxcvbn(text, &known).score() < SCORE_MIN {
            return Err(BadPassword::Guessable);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), BadPassword> {
        let rules = PasswordRules {
            length_min: 12,
            app_name: "Gatelodge".to_owned(),
        };
        let alice = Username::parse("alice").unwrap();
        rules.check(&Secret::new(password.to_owned()), &alice)
    }

    #[test]
    fn length_counts_and_kinds_of_characters_do_not() {
        let long = "correct horse battery staple ".repeat(5);
        for good in [
            "velvet moth orbit",
            "tungsten quibble ferns",
            "Straße über Köln 7",
            "正しい馬電池ホチキス大丈夫",
            long[..128].trim_end(),
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(
            check("moth orbit"),
            Err(BadPassword::TooShort { least: 12 })
        );
        assert_eq!(check(&"velvet moth ".repeat(11)), Err(BadPassword::TooLong));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for bad in [
            "password1234",
            "qwertyuiop12",
            "aaaaaaaaaaaa",
            "123456789012",
            "Passw0rd2024",
        ] {
            assert_eq!(check(bad), Err(BadPassword::Guessable), "{bad}");
        }
        assert_eq!(
            check("my Alice moth orbit"),
            Err(BadPassword::HoldsUsername)
        );
        assert_eq!(
            check("velvet GATELODGE moth"),
            Err(BadPassword::HoldsAppName)
        );
    }
}
