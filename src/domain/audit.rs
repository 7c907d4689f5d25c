//! What the audit log records, and what a user is told at the next login.

use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable key, the same in the database, in logs and in JSON.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// From the key in the database.
            #[must_use]
            pub fn from_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.key() == key)
            }
        }
    };
}

kinds! {
    /// What happened.
    EventKind {
        /// The first admin was made through the set-up link.
        SetUp = "set_up",
        /// An account was made.
        AccountCreated = "account_created",
        /// An account was removed.
        AccountDeleted = "account_deleted",
        /// A deleted account was restored.
        AccountRestored = "account_restored",
        /// A deleted account was removed for good.
        AccountErased = "account_erased",
        /// The end of an account's time was set, moved or taken away.
        ExpirySet = "expiry_set",
        /// The time of an account was over: its sessions were ended.
        AccountEnded = "account_ended",
        /// An account was locked.
        AccountDisabled = "account_disabled",
        /// An account was unlocked.
        AccountEnabled = "account_enabled",
        /// A display name changed.
        NameChanged = "name_changed",
        /// A role changed.
        RoleChanged = "role_changed",
        /// An account was put into a group or taken out.
        GroupsChanged = "groups_changed",
        /// A password changed, by its owner or by an admin.
        PasswordChanged = "password_changed",
        /// A forgotten password was replaced with a reset link.
        PasswordReset = "password_reset",
        /// Somebody asked for a reset link.
        ResetRequested = "reset_requested",
        /// An admin made a reset link.
        ResetLinkMade = "reset_link_made",
        /// An address was proved.
        EmailVerified = "email_verified",
        /// Somebody asked for a verification mail.
        VerificationRequested = "verification_requested",
        /// Somebody asked for another address.
        EmailChangeRequested = "email_change_requested",
        /// An address was replaced.
        EmailChanged = "email_changed",
        /// An invitation was made.
        InvitationMade = "invitation_made",
        /// An account was made with an invitation.
        InvitationUsed = "invitation_used",
        /// An invitation got a new link, sent again.
        InvitationRenewed = "invitation_renewed",
        /// An invitation was taken back.
        InvitationRevoked = "invitation_revoked",
        /// A waiting account was let in.
        AccountApproved = "account_approved",
        /// A waiting account was turned away.
        AccountRejected = "account_rejected",
        /// A second factor was set up.
        TwoFactorEnabled = "two_factor_enabled",
        /// A second factor was taken away.
        TwoFactorDisabled = "two_factor_disabled",
        /// An admin demands a second factor of the account.
        TwoFactorDemanded = "two_factor_demanded",
        /// None is demanded any more, unless the settings require one.
        TwoFactorWaived = "two_factor_waived",
        /// New backup codes were made.
        BackupCodesMade = "backup_codes_made",
        /// A backup code was used.
        BackupCodeUsed = "backup_code_used",
        /// A second factor was proved on a session that was opened without one.
        SecondFactorProved = "second_factor_proved",
        /// A second factor was wrong.
        SecondFactorRefused = "second_factor_refused",
        /// A device is not asked for a code any more.
        DeviceTrusted = "device_trusted",
        /// A trusted device is asked for a code again.
        DeviceDistrusted = "device_distrusted",
        /// A login came from a device that the account did not know.
        NewDevice = "new_device",
        /// Its owner said that something was not their doing: sessions ended, a new password is due.
        Disowned = "disowned",
        /// A one-time link was made at the console.
        RecoveryLinkMade = "recovery_link_made",
        /// A login succeeded.
        LoginSucceeded = "login_succeeded",
        /// A login was refused.
        LoginRefused = "login_refused",
        /// A session was ended by its owner or an admin.
        SessionEnded = "session_ended",
        /// Many sessions were ended together; each account has its own line beside.
        SessionsEnded = "sessions_ended",
        /// A replaced refresh token came back: the session was revoked.
        RefreshReused = "refresh_reused",
        /// Somebody registered with an address that has an account.
        RegistrationRefused = "registration_refused",
        /// A user or an address was banned.
        Banned = "banned",
        /// A ban was lifted.
        BanLifted = "ban_lifted",
        /// Scores were set to nothing.
        ScoresForgotten = "scores_forgotten",
        /// A network was put on the list of those that are never banned.
        NetworkSpared = "network_spared",
        /// A network was taken off that list.
        NetworkUnspared = "network_unspared",
        /// An identity at a provider was connected to the account.
        IdentityConnected = "identity_connected",
        /// An admin confirmed that it is them.
        AdminConfirmed = "admin_confirmed",
        /// An API key was made.
        ApiKeyMade = "api_key_made",
        /// An API key was taken back.
        ApiKeyRevoked = "api_key_revoked",
        /// An identity at a provider was disconnected from the account.
        IdentityDisconnected = "identity_disconnected",
        /// An admin expects somebody from a provider.
        IdentityExpected = "identity_expected",
        /// Nobody is expected any more.
        ExpectationWithdrawn = "expectation_withdrawn",
        /// Somebody who was expected came.
        ExpectationMet = "expectation_met",
        /// An identity became that of another subject: the provider has moved.
        IdentityMoved = "identity_moved",
        /// A provider proved an address that nobody had proved: the account became its owner's, without its old keys.
        AccountTakenOver = "account_taken_over",
        /// Somebody who was signed in did not prove that it is them.
        PasswordRefused = "password_refused",
        /// A provider's word that somebody logged out was not taken.
        LogoutNoticeRefused = "logout_notice_refused",
        /// The server was started with other settings; the remark names them.
        SettingsChanged = "settings_changed",
        /// A backup was made.
        BackupMade = "backup_made",
        /// Letters that wait or have failed were tried again at once; the remark is their number, or `all` and how many.
        LettersRetried = "letters_retried",
        /// A letter was forgotten before it was sent.
        LetterDropped = "letter_dropped",
        /// Everybody was asked to accept the terms of service again.
        TermsReset = "terms_reset",
        /// An older database took the place of the present one.
        Restored = "restored",
        /// The audit log was written out.
        AuditExported = "audit_exported",
        /// A way back in was made at the console.
        AccountRecovered = "account_recovered",
        /// A setting was changed while the server ran.
        SettingChanged = "setting_changed",
    }
}

kinds! {
    /// What a user is told after the next login.
    NoticeKind {
        /// A session was ended because an old refresh token was used again.
        RefreshReused = "refresh_reused",
        /// An admin set a new password.
        PasswordReset = "password_reset",
    }
}

impl EventKind {
    /// Whether the remark of such events tells something about people, and is sealed like their addresses. Machine-readable
    /// words, providers and numbers of rows are not: they can be searched for.
    #[must_use]
    pub const fn tells_of_people(self) -> bool {
        matches!(
            self,
            Self::RefreshReused | Self::ApiKeyMade | Self::ApiKeyRevoked | Self::NameChanged | Self::EmailChanged
        )
    }
}

/// What stands where something was sealed whose key is destroyed.
pub const ERASED: &str = "(erased)";

/// What stands where something was sealed with the keys of another server.
pub const UNREADABLE: &str = "(unreadable)";

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Whose account it is about, if one is known.
    pub subject: Option<UserId>,
    /// Who did it: a user id, `console` for the command line, or empty for the subject itself.
    pub actor: String,
    /// The client's address, or empty on the console.
    pub address: String,
    /// The device's `User-Agent`, if it matters; cut as in [`crate::domain::session::Origin`].
    pub user_agent: String,
    /// The number of the refusal, the ban or the login at a provider that it speaks of, or empty.
    pub reference: String,
    /// A short machine-readable remark such as `unknown_account`; never a secret.
    pub detail: String,
}

impl Event {
    /// The same, with the number that somebody was given.
    #[must_use]
    pub fn numbered(self, reference: &str) -> Self {
        Self {
            reference: reference.to_owned(),
            ..self
        }
    }

    /// The same, with this remark.
    #[must_use]
    pub fn remarked(self, detail: String) -> Self {
        Self { detail, ..self }
    }

    /// The same, about this account.
    #[must_use]
    pub fn about(self, subject: UserId) -> Self {
        Self {
            subject: Some(subject),
            ..self
        }
    }
}

/// Something a user should know, kept until they dismiss it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Row number, for dismissing.
    pub id: i64,
    /// What it is about.
    pub kind: NoticeKind,
    /// When it happened.
    pub at: Timestamp,
    /// Device or address concerned.
    pub detail: String,
}
