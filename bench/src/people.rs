//! The made-up users of a filled database: everything about user *i* follows from *i*, so that nothing has to be listed.

use std::time::Duration;

use librechat_auth::crypto::signer::Signer;
use librechat_auth::domain::claims::{AccessClaims, RefreshClaims};
use librechat_auth::domain::ids::{SessionId, UserId};
use librechat_auth::domain::secret::{Secret, Token};
use librechat_auth::domain::time::Timestamp;

/// The secret of access tokens in every measured server.
pub const JWT_SECRET: &str = "measure-0f1e2d3c4b5a69788796a5b4c3d2e1f0-access";
/// The secret of refresh tokens in every measured server.
pub const JWT_REFRESH_SECRET: &str = "measure-00112233445566778899aabbccddeeff-refresh";
/// Everybody's password.
pub const PASSWORD: &str = "a long walk to the lighthouse";

/// The cookie of the pages of a server that is reached by https.
const PAGE_COOKIE: &str = "__Host-librechat_auth";

/// How long the sessions in a filled database last.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// A prime that divides no population measured here: it spreads sessions over users and users over the alphabet.
const STEP: usize = 7919;

/// Everybody in one filled database. Session *i* belongs to [`owner`](Self::owner)`(i)`.
pub struct People {
    /// How many users, with one session each.
    pub count: usize,
    /// When the database was filled: sessions begin here.
    pub filled_at: Timestamp,
    signer: Signer,
}

impl People {
    /// Knows how to sign for `count` users.
    #[must_use]
    pub fn new(count: usize, filled_at: Timestamp) -> Self {
        let signer = Signer::new(&Secret::new(JWT_SECRET), &Secret::new(JWT_REFRESH_SECRET));
        Self {
            count,
            filled_at,
            signer,
        }
    }

    /// Which user session `i` belongs to: not its neighbour in the file.
    #[must_use]
    pub fn owner(&self, session: usize) -> usize {
        session * STEP % self.count
    }

    /// The public id of a user.
    #[must_use]
    pub fn user_id(&self, user: usize) -> UserId {
        UserId::new(self.filled_at, (user as u64).to_be_bytes())
    }

    /// The address of a user; its order has nothing to do with the row's.
    #[must_use]
    pub fn email(&self, user: usize) -> String {
        format!("user{:07}@example.org", user * STEP % self.count)
    }

    /// The id of a session.
    #[must_use]
    pub fn session_id(&self, session: usize) -> SessionId {
        SessionId::from_row(self.filled_at.millis() << 20 | i64::try_from(session).unwrap_or(i64::MAX))
    }

    /// The absolute end of every session.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.filled_at.after(LIFETIME)
    }

    /// The refresh token that session `i` was filled with.
    #[must_use]
    pub fn first_refresh(&self, session: usize) -> String {
        self.signer.refresh(&RefreshClaims {
            id: self.user_id(self.owner(session)),
            session: self.session_id(session),
            unique: format!("first-{session:016}"),
            issued_at: self.filled_at,
            expires_at: self.expires_at(),
        })
    }

    /// What the browser of session `i` proves itself with at our own pages.
    #[must_use]
    pub fn page_token(&self, session: usize) -> Token {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(session as u64).to_be_bytes());
        Token::new(bytes)
    }

    /// The cookie with that token.
    #[must_use]
    pub fn page_cookie(&self, session: usize) -> String {
        let token = self.page_token(session);
        format!("{PAGE_COOKIE}={}.{}", self.session_id(session), token.reveal())
    }

    /// An access token for session `i`, good until the session's end.
    #[must_use]
    pub fn access(&self, session: usize) -> String {
        let owner = self.owner(session);
        self.signer.access(&AccessClaims {
            id: self.user_id(owner),
            username: String::new(),
            provider: "local".into(),
            email: self.email(owner),
            session: self.session_id(session),
            issued_at: self.filled_at,
            expires_at: self.expires_at(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn everybody_has_an_address_and_a_session_of_their_own() {
        let people = People::new(1000, Timestamp::from_seconds(1_700_000_000));
        let addresses: HashSet<_> = (0..1000).map(|user| people.email(user)).collect();
        let owners: HashSet<_> = (0..1000).map(|session| people.owner(session)).collect();
        assert_eq!((addresses.len(), owners.len()), (1000, 1000));
    }
}
