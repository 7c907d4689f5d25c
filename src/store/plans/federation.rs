//! The statements about other providers.

use super::NOW;
use crate::domain::account::AccountKey;
use crate::domain::email::Email;
use crate::domain::federation::attempt::{Attempt, Offer};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::expectation::{NewExpectation, Prospect, Sign};
use crate::domain::federation::provider::ProviderId;
use crate::domain::federation::upstream::LogoutNotice;
use crate::domain::ids::SessionId;
use crate::domain::secret::TokenDigest;
use crate::store::identities::Described;
use crate::store::{StoreError, Tx, accounts, attempts, expectations, identities, pictures, upstream};

pub(super) fn use_identities(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    let subject = Subject {
        issuer: "https://id.example.org".into(),
        subject: "1".into(),
    };
    let provider = ProviderId::parse("office").expect("a name");
    let described = Described {
        provider: &provider,
        email: None,
        name: None,
    };
    identities::insert(tx, key, &subject, &described, NOW)?;
    identities::find(tx, &subject)?;
    identities::list(tx, key)?;
    identities::of_issuer(tx, "")?;
    identities::page(tx, 0, 9)?;
    identities::rekey(tx, 1, &subject, None)?;
    use_expectations(tx, key, &subject)?;
    identities::note_use(tx, 1, &described, NOW)?;
    identities::delete(tx, key, 1)?;
    identities::delete_all(tx, key)?;
    Ok(())
}

pub(super) fn use_upstream(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let subject = Subject {
        issuer: "https://id.example.org".into(),
        subject: "1".into(),
    };
    let new = upstream::NewUpstream {
        provider: ProviderId::parse("openid").map_err(|error| StoreError::Other(error.to_string()))?,
        sid: None,
        sealed: None,
        due_at: None,
    };
    let session = SessionId::new(NOW, 1);
    upstream::insert(tx, &subject, &new, NOW)?;
    upstream::is_there(tx, 1)?;
    upstream::bind(tx, 1, session)?;
    upstream::of_session(tx, session)?;
    upstream::due(tx, NOW, 9)?;
    upstream::claim(tx, 1, NOW, NOW)?;
    upstream::renew(tx, 1, b"sealed", None, NOW)?;
    upstream::note_failure(tx, 1, None)?;
    let notice = |subject: Option<&str>| LogoutNotice {
        issuer: "https://id.example.org".into(),
        subject: subject.map(str::to_owned),
        session: Some("s".into()),
        id: "j".into(),
        expires_at: NOW,
    };
    for notice in [notice(None), notice(Some("1"))] {
        upstream::meant(tx, &notice)?;
        upstream::forget_unfinished(tx, &notice)?;
    }
    upstream::purge(tx, NOW, 9).map(drop)
}

fn use_expectations(tx: &mut Tx<'_>, key: AccountKey, subject: &Subject) -> Result<(), StoreError> {
    let provider = ProviderId::parse("office").expect("a name");
    let email = Email::parse("ada@example.org").expect("an address");
    let new = NewExpectation {
        provider: provider.clone(),
        sign: Sign::Subject(subject.clone()),
        prospect: Prospect::Account(key),
        by: String::new(),
        created_at: NOW,
        expires_at: NOW,
    };
    expectations::insert(tx, &new)?;
    expectations::find(tx, &provider, subject, Some(&email), NOW)?;
    expectations::list(tx, NOW)?;
    expectations::page(tx, NOW, 9, 9)?;
    expectations::remove(tx, 1)?;
    expectations::purge(tx, NOW, 9)?;
    Ok(())
}

pub(super) fn use_attempts(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    let digest = TokenDigest::of(b"browser");
    let provider = ProviderId::parse("office").expect("a name");
    let attempt = Attempt {
        state: digest,
        browser: digest,
        provider: provider.clone(),
        target: None,
        connects: None,
        expires_at: NOW,
    };
    attempts::put(tx, &attempt)?;
    attempts::consume(tx, digest, digest, &provider, NOW)?;
    let offer = Offer {
        browser: digest,
        account: key,
        provider,
        subject: Subject {
            issuer: String::new(),
            subject: String::new(),
        },
        email: None,
        name: None,
        expires_at: NOW,
    };
    attempts::put_offer(tx, &offer)?;
    attempts::find_offer(tx, digest, key, NOW)?;
    attempts::take_offer(tx, digest, key, NOW)?;
    attempts::withdraw_offers(tx, key)?;
    attempts::purge(tx, NOW, 9)?;
    Ok(())
}

pub(super) fn use_pictures(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    let picture = pictures::Picture {
        name: "a".to_owned(),
        source: TokenDigest::of(b"a"),
        fetched_at: NOW,
        body: vec![1],
    };
    pictures::put(tx, key, &picture)?;
    pictures::put(tx, key, &picture)?;
    pictures::source(tx, key)?;
    accounts::set_avatar(tx, key, "/avatars/a.png")?;
    pictures::find(tx, "a").map(drop)
}
