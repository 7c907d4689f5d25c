//! What counts as a violation. The keys are LibreChat's; settings, API, command line and metrics iterate [`Violation::ALL`].

use crate::domain::ids::UserId;
use crate::domain::moderation::points::Points;
use crate::domain::time::Timestamp;

macro_rules! violations {
    ($($(#[$doc:meta])* $variant:ident = $key:literal, $score:literal, $setting:literal;)+) => {
        /// A kind of violation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Violation { $($(#[$doc])* $variant,)+ }

        impl Violation {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// LibreChat's name for it, the same in the database, in logs and in JSON.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// What one costs unless the setting says otherwise.
            #[must_use]
            pub const fn default_score(self) -> Points {
                match self { $(Self::$variant => Points::whole($score),)+ }
            }

            /// The environment variable that sets the score.
            #[must_use]
            pub const fn variable(self) -> &'static str {
                match self { $(Self::$variant => $setting,)+ }
            }
        }
    };
}

violations! {
    /// Too many logins.
    Logins = "logins", 1, "LOGIN_VIOLATION_SCORE";
    /// Too many registrations.
    Registrations = "registrations", 1, "REGISTRATION_VIOLATION_SCORE";
    /// Too many requests for a reset link.
    ResetPassword = "reset_password_limit", 1, "RESET_PASSWORD_VIOLATION_SCORE";
    /// Too many requests for a verification mail.
    VerifyEmail = "verify_email_limit", 1, "VERIFY_EMAIL_VIOLATION_SCORE";
    /// Too many second-factor codes.
    TwoFactor = "two_factor_limit", 1, "TWO_FACTOR_TEMP_VIOLATION_SCORE";
    /// Too many generations at the same time.
    Concurrent = "concurrent", 1, "CONCURRENT_VIOLATION_SCORE";
    /// Too many messages.
    Message = "message_limit", 1, "MESSAGE_VIOLATION_SCORE";
    /// A program where a browser is expected.
    NonBrowser = "non_browser", 20, "NON_BROWSER_VIOLATION_SCORE";
    /// A model that is not offered.
    IllegalModel = "illegal_model_request", 1, "ILLEGAL_MODEL_REQ_SCORE";
    /// Somebody else's conversation.
    ConversationAccess = "convo_access", 0, "CONVO_ACCESS_VIOLATION_SCORE";
    /// Too many tool calls.
    ToolCall = "tool_call_limit", 1, "TOOL_CALL_VIOLATION_SCORE";
    /// Too much speech out of text.
    TextToSpeech = "tts_limit", 1, "TTS_VIOLATION_SCORE";
    /// Too much text out of speech.
    SpeechToText = "stt_limit", 1, "STT_VIOLATION_SCORE";
    /// Too many forks of conversations.
    Fork = "fork_limit", 1, "FORK_VIOLATION_SCORE";
    /// Too many imports.
    Import = "import_limit", 1, "IMPORT_VIOLATION_SCORE";
    /// Too many uploads.
    FileUpload = "file_upload_limit", 1, "FILE_UPLOAD_VIOLATION_SCORE";
}

impl Violation {
    /// From LibreChat's name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.key() == key)
    }
}

/// A violation as recorded: kept with the points it cost, so that policies can be tried on it later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Row number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Violation,
    /// What it cost then.
    pub points: Points,
    /// Who, if that is known.
    pub user: Option<UserId>,
    /// From where; empty if nobody said.
    pub address: String,
    /// Who reported it: `server`, or `api`.
    pub source: String,
    /// A short remark, never a secret.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_variables_are_unique_and_read_back() {
        for kind in Violation::ALL {
            assert_eq!(Violation::from_key(kind.key()), Some(*kind));
            let same = |other: &&Violation| other.key() == kind.key() || other.variable() == kind.variable();
            assert_eq!(Violation::ALL.iter().filter(same).count(), 1, "{kind:?}");
        }
    }
}
