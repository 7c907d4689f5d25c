//! Keys that open other programs and none of our own doors. A key names a session and is signed for one scope: it ends with
//! the session, and whoever steals it in one scope opens nothing in another.
//!
//! ```text
//!   app.other.net ── nobody is signed in; the browser keeps a secret ──► auth.example.org/enter?rd=…&way=(its digest)
//!                                                                             │ signed in, after a login if need be
//!   app.other.net/.librechat-auth/callback?code=… ◄── a code for this host, this session, this way, once
//!        │ the browser shows the secret
//!        └──► the key, a cookie of this host alone ──► the page that was wanted
//! ```

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::{App, Failure};
use crate::domain::access::Asked;
use crate::domain::door::{CODE_LIFE, Errand, Scope};
use crate::domain::elsewhere::Elsewhere;
use crate::domain::ids::SessionId;
use crate::domain::secret::{Secret, Token, TokenDigest};
use crate::domain::session::{Identity, Session};
use crate::domain::time::Timestamp;
use crate::store::tickets;

const KEY: &str = "door v1";
const CODE: &str = "hand-over v1";

/// What a code brought.
#[derive(Debug)]
pub struct Arrival {
    /// The page that was wanted, if the code is one of ours and for the host it came to.
    pub target: Option<Elsewhere>,
    /// The key, and until when it is good; `None` if the code opens nothing.
    pub key: Option<(Secret, Timestamp)>,
}

/// `<session>.<code>`, taken apart; nothing of it is proved.
struct Claim {
    session: SessionId,
    mac: Vec<u8>,
}

impl Claim {
    fn parse(text: &str) -> Option<Self> {
        let (session, mac) = text.split_once('.')?;
        Some(Self {
            session: session.parse().ok()?,
            mac: URL_SAFE_NO_PAD.decode(mac).ok()?,
        })
    }
}

impl App {
    /// The key to the programs of a scope for whoever has this session.
    #[must_use]
    pub fn door_key(&self, session: &Session, scope: &Scope) -> Secret {
        let id = session.id.to_string();
        let mac = self.signer.mac(KEY, &bound(&id, session, &scope.spelt()));
        Secret::new(format!("{id}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// The key to the shared domain, if there is one.
    pub(super) fn domain_key(&self, session: &Session) -> Option<Secret> {
        let domain = self.config.cookies.domain.clone()?;
        Some(self.door_key(session, &Scope::Domain(domain)))
    }

    /// The session behind a key, if the key is good for this scope and the session counts.
    ///
    /// # Errors
    /// As [`App::identify_page`].
    pub async fn identify_door(&self, key: &str, scope: &Scope) -> Result<Option<Arc<Identity>>, Failure> {
        let Some(claim) = Claim::parse(key) else {
            return Ok(None);
        };
        let (id, scope) = (claim.session.to_string(), scope.spelt());
        let is_good = |identity: &Arc<Identity>| {
            let parts = bound(&id, &identity.session, &scope);
            self.signer.check_mac(KEY, &parts, &claim.mac)
        };
        Ok(self.live_identity(claim.session).await?.filter(is_good))
    }

    /// What a browser keeps that sets out for the login: what it has already, so that its tabs do not disturb each other.
    #[must_use]
    pub fn new_way(&self, held: Option<&str>) -> (Secret, String) {
        let way = held.and_then(Token::parse).unwrap_or_else(|| self.new_token());
        (Secret::new(way.reveal()), digest(&way))
    }

    /// A code that passes a login on to the host of `target`, for the browser that set out on `way`.
    #[must_use]
    pub fn hand_over(&self, session: &Session, target: &Elsewhere, way: &str) -> Secret {
        let errand = Errand {
            session: session.id,
            expires_at: self.now().after(CODE_LIFE),
            way: way.replace('\n', ""),
            target: target.clone(),
        };
        // Two codes are never alike, so that none counts as used because another was.
        let written = format!("{}\n{}", URL_SAFE_NO_PAD.encode(self.random::<16>()), errand.written());
        let mac = self.signer.mac(CODE, &[written.as_bytes()]);
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Secret::new(format!("{}.{}", encode(written.as_bytes()), encode(&mac)))
    }

    /// Uses a code up that came to a guarded host with what the browser kept.
    ///
    /// # Errors
    /// As [`App::identify_page`].
    pub async fn redeem(&self, code: &str, asked: &Asked, held: &[&str]) -> Result<Arrival, Failure> {
        let Some(errand) = self.read_code(code).filter(|errand| errand.is_for(asked)) else {
            return Ok(Arrival {
                target: None,
                key: None,
            });
        };
        let mut arrival = Arrival {
            target: Some(errand.target.clone()),
            key: None,
        };
        if errand.expires_at <= self.now() {
            return Ok(arrival);
        }
        let (spent, end) = (TokenDigest::of(code.as_bytes()), errand.expires_at);
        let is_first = self.store.write(move |tx| tickets::spend(tx, spent, end)).await?;
        let set_out_here = held
            .iter()
            .filter_map(|held| Token::parse(held))
            .any(|way| digest(&way) == errand.way);
        if !is_first || !set_out_here {
            tracing::info!(host = %asked.host, is_first, set_out_here, "a login was not passed on to another host");
            return Ok(arrival);
        }
        if let Some(identity) = self.live_identity(errand.session).await? {
            let scope = Scope::of(&asked.host, self.config.cookies.domain.as_deref());
            let key = self.door_key(&identity.session, &scope);
            arrival.key = Some((key, identity.session.expires_at));
        }
        Ok(arrival)
    }

    fn read_code(&self, code: &str) -> Option<Errand> {
        let (written, mac) = code.split_once('.')?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let (written, mac) = (decoded(written)?, decoded(mac)?);
        if !self.signer.check_mac(CODE, &[&written], &mac) {
            return None;
        }
        let text = String::from_utf8(written).ok()?;
        Errand::read(text.split_once('\n')?.1)
    }
}

/// What a key is signed over.
fn bound<'b>(id: &'b str, session: &'b Session, scope: &'b str) -> [&'b [u8]; 3] {
    [id.as_bytes(), session.page.bytes(), scope.as_bytes()]
}

fn digest(way: &Token) -> String {
    URL_SAFE_NO_PAD.encode(way.digest().bytes())
}
