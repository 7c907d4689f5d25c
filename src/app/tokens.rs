//! The keys to a session: access token, refresh token and page cookie, made together and read apart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::app::second_factor::trust::Trust;
use crate::domain::account::Account;
use crate::domain::claims::{AccessClaims, RefreshClaims};
use crate::domain::ids::SessionId;
use crate::domain::secret::{Secret, Token, TokenDigest};
use crate::domain::session::{Origin, Session};
use crate::domain::time::Timestamp;

/// Somebody has just logged in or renewed a session: everything a door needs to say so.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// Access token, for the answer's body.
    pub access: Secret,
    /// Refresh token, for LibreChat's cookie.
    pub refresh: Secret,
    /// The pages' cookie; `None` when an existing session was renewed and keeps its own.
    pub page: Option<Secret>,
    /// The key to other programs of the shared domain; `None` if none is shared.
    pub door: Option<Secret>,
    /// What the browser keeps so that the account knows it; `None` when an existing session was renewed.
    pub device: Option<Secret>,
    /// What makes the device trusted, if that was wanted.
    pub trust: Option<Trust>,
    /// The session's absolute end, and so the cookies'.
    pub expires_at: Timestamp,
}

/// The pages' cookie: which session, and the proof.
pub(super) struct PageKey {
    pub(super) session: SessionId,
    pub(super) token: Token,
}

impl PageKey {
    /// Reads `<session id>.<token>`; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, token) = text.split_once('.')?;
        Some(Self {
            session: id.parse().ok()?,
            token: Token::parse(token)?,
        })
    }

    fn reveal(&self) -> Secret {
        Secret::new(format!("{}.{}", self.session, self.token.reveal()))
    }
}

impl App {
    /// A new session for `account`, and its keys. Nothing is stored yet.
    pub(super) fn new_session(&self, account: &Account, method: &str, origin: Origin) -> (Session, SignedIn) {
        let now = self.now();
        let id = SessionId::new(now, u32::from_le_bytes(self.random()));
        let expires_at = now.after(self.config.session.lifetime);
        let page = PageKey {
            session: id,
            token: self.new_token(),
        };
        let unique = URL_SAFE_NO_PAD.encode(self.random::<16>());
        let refresh = self.signer.refresh(&RefreshClaims {
            id: account.id,
            session: id,
            unique,
            issued_at: now,
            expires_at,
        });
        let session = Session {
            id,
            account: account.key,
            refresh: TokenDigest::of(refresh.as_bytes()),
            previous_refresh: None,
            rotated_at: now,
            page: page.token.digest(),
            method: method.to_owned(),
            origin,
            created_at: now,
            last_used_at: now,
            expires_at,
            proved_at: now,
            confirmed_at: None,
        };
        self.here.note(id, now);
        let signed_in = SignedIn {
            access: self.access_token(account, id, now),
            account: account.clone(),
            refresh: Secret::new(refresh),
            page: Some(page.reveal()),
            door: self.domain_key(&session),
            device: None,
            trust: None,
            expires_at,
        };
        (session, signed_in)
    }

    pub(super) fn access_token(&self, account: &Account, session: SessionId, now: Timestamp) -> Secret {
        Secret::new(self.signer.access(&AccessClaims {
            id: account.id,
            username: account.username.clone().unwrap_or_default(),
            provider: account.provider.clone(),
            email: account.email.to_string(),
            session,
            issued_at: now,
            expires_at: now.after(self.config.session.access_lifetime),
        }))
    }

    /// The one refresh token that follows `presented`, given when the rotation happened: the same text for every caller.
    pub(super) fn successor(&self, presented: TokenDigest, claims: &RefreshClaims, at: Timestamp) -> Secret {
        Secret::new(self.signer.refresh(&RefreshClaims {
            unique: self.signer.successor(presented),
            issued_at: at,
            ..claims.clone()
        }))
    }
}
