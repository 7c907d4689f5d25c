//! No statement that a request runs walks through a whole table.

mod directory;
mod explaining;
mod federation;
mod moderation;

use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::domain::account::{AccountKey, NewAccount, Role};
use crate::domain::account_key::GuessKey;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::{Event, EventKind, NoticeKind};
use crate::domain::email::Email;
use crate::domain::errand::{Errand, ErrandKind};
use crate::domain::federation::connection::Subject;
use crate::domain::federation::flight::{Flight, Kind, Stage};
use crate::domain::federation::provider::ProviderId;
use crate::domain::group::GroupName;
use crate::domain::guesses::Guesses;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::invitation::{Guests, NewInvitation};
use crate::domain::outbox::Envelope;
use crate::domain::proof::{Proof, Purpose};
use crate::domain::second_factor::Step;
use crate::domain::secret::TokenDigest;
use crate::domain::session::{Origin, Session};
use crate::domain::time::Timestamp;
use crate::domain::trusted_device::TrustedDevice;
use crate::domain::vault::Vault;

use explaining::Explaining;

use super::migrate::MIGRATIONS;
use super::{
    StoreError, Tx, accounts, api_keys, approvals, audit, backup_codes, errands, expiry, flights, groups, guesses,
    invitations, notices, outbox, proofs, second_factors, sessions, setup, tickets, trash, trusted_devices,
};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// Seals nothing.
#[derive(Debug)]
struct Unlocked;

impl Vault for Unlocked {
    fn new_key(&self, _: &str) -> Vec<u8> {
        vec![1]
    }

    fn seal(&self, _: &str, _: &[u8], _: &str, plain: &[u8]) -> Option<Vec<u8>> {
        Some(plain.to_vec())
    }

    fn open(&self, _: &str, _: &[u8], _: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(sealed.to_vec()))
    }

    fn sign(&self, _: &[u8]) -> [u8; 32] {
        [0; 32]
    }
}

fn session(account: AccountKey) -> Session {
    let digest = TokenDigest::of(b"token");
    Session {
        id: SessionId::from_row(1),
        account,
        refresh: digest,
        previous_refresh: None,
        rotated_at: NOW,
        page: digest,
        method: String::new(),
        origin: Origin::default(),
        created_at: NOW,
        last_used_at: NOW,
        expires_at: NOW,
        proved_at: NOW,
        confirmed_at: None,
    }
}

fn event(subject: UserId) -> Event {
    Event {
        at: NOW,
        kind: EventKind::SetUp,
        subject: Some(subject),
        actor: String::new(),
        address: "192.0.2.1".to_owned(),
        user_agent: String::new(),
        reference: String::new(),
        detail: String::new(),
    }
}

fn use_accounts(tx: &mut Tx<'_>, id: UserId, email: &Email) -> Result<AccountKey, StoreError> {
    let new = NewAccount {
        id,
        email: email.clone(),
        email_verified: false,
        name: String::new(),
        username: None,
        provider: String::new(),
        role: Role::Admin,
        password: None,
        created_at: NOW,
    };
    let key = accounts::insert(tx, &new)?;
    accounts::by_email(tx, email)?;
    accounts::by_id(tx, id)?;
    accounts::by_username(tx, "ada")?;
    accounts::credentials_by_email(tx, email)?;
    accounts::credentials_by_key(tx, key)?;
    accounts::credentials_by_id(tx, id)?;
    accounts::set_two_factor_required(tx, key, None)?;
    accounts::set_password(tx, key, "", NOW)?;
    accounts::clear_password(tx, key, NOW)?;
    accounts::forget_devices(tx, key)?;
    accounts::set_name(tx, key, "", NOW)?;
    accounts::set_username(tx, key, None, NOW)?;
    accounts::set_role(tx, key, &Role::Admin, NOW)?;
    accounts::give_role(tx, key, &Role::Admin, "openid", NOW)?;
    accounts::role_with_source(tx, key)?;
    accounts::set_disabled(tx, key, None)?;
    accounts::set_lang(tx, key, "fr")?;
    accounts::set_email(tx, key, email, NOW)?;
    accounts::set_email_verified(tx, key, NOW)?;
    accounts::set_waiting(tx, key, Some(NOW))?;
    accounts::set_two_factor(tx, key, Some(NOW))?;
    accounts::set_expiry(tx, key, NOW)?;
    accounts::expired(tx, NOW, 9)?;
    expiry::set_valid_until(tx, key, Some(NOW))?;
    expiry::overdue(tx, NOW, 9)?;
    expiry::ending(tx, NOW, NOW, 9)?;
    expiry::note_end_told(tx, key, NOW, NOW)?;
    accounts::accept_terms(tx, key, NOW)?;
    accounts::record_login(tx, key, NOW)?;
    accounts::page(tx, None, 9)?;
    accounts::count_waiting(tx)?;
    accounts::count_admins(tx)?;
    accounts::admins(tx)?;
    Ok(key)
}

fn use_sessions(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    let session = session(key);
    sessions::insert(tx, &session)?;
    sessions::find(tx, session.id)?;
    sessions::identity(tx, session.id)?;
    sessions::list(tx, key)?;
    sessions::used_since(tx, NOW)?;
    sessions::count_live(tx, NOW)?;
    sessions::note_proof(tx, session.id, NOW)?;
    sessions::note_confirmation(tx, session.id, NOW)?;
    sessions::strengthen(tx, session.id, "code")?;
    sessions::rotate(tx, session.id, session.refresh, session.page, NOW)?;
    sessions::touch(tx, &[(session.id, NOW)])?;
    sessions::delete_others(tx, key, Some(session.id))?;
    sessions::delete_others(tx, key, None)?;
    sessions::delete(tx, session.id)?;
    sessions::purge_expired(tx, NOW, std::time::Duration::ZERO, 9)?;
    accounts::stats(tx, None, 9, NOW, std::time::Duration::ZERO)?;
    Ok(())
}

fn use_flights(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let flight = Flight {
        reference: "K7QW3M9P".to_owned(),
        at: NOW,
        provider: ProviderId::parse("office").expect("a name"),
        kind: Kind::Success,
        stage: Stage::Entry,
        cause: String::new(),
        verdict: String::new(),
        subject: Some(Subject {
            issuer: String::new(),
            subject: String::new(),
        }),
        claims: None,
    };
    flights::append(tx, &[flight])?;
    flights::by_reference(tx, "K7QW3M9P")?;
    flights::page(tx, i64::MAX, 9)?;
    flights::purge(tx, NOW, 9)?;
    Ok(())
}

fn use_groups(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    let family = GroupName::from_row("family".to_owned());
    groups::add(tx, key, "console", &family)?;
    groups::of(tx, key)?;
    groups::replace(tx, key, "google", std::slice::from_ref(&family))?;
    groups::remove(tx, key, "console", &family)?;
    Ok(())
}

fn use_the_rest(tx: &mut Tx<'_>, key: AccountKey, id: UserId) -> Result<(), StoreError> {
    setup::consume(tx, TokenDigest::of(b"link"), NOW)?;
    setup::is_live(tx, TokenDigest::of(b"link"), NOW)?;
    setup::completed_at(tx)?;
    setup::complete(tx, NOW)?;
    audit::append(tx, &event(id))?;
    audit::recent(tx, id, 9)?;
    audit::page(tx, id, None, 9)?;
    audit::count_since(tx, id, EventKind::SetUp, "", NOW)?;
    let filter = audit::Filter {
        person: Some(id),
        kind: Some(EventKind::SetUp),
        ..audit::Filter::default()
    };
    audit::newest(tx, &filter, 9, 9)?;
    audit::oldest(tx, &filter, 0, 9)?;
    audit::head(tx)?;
    audit::of_kinds(tx, [EventKind::SetUp; 3], 0, 9)?;
    audit::row_before(tx, NOW)?;
    audit::purge_before(tx, NOW, NOW, 9)?;
    notices::add(tx, key, NoticeKind::PasswordReset, NOW, "")?;
    notices::list(tx, key)?;
    notices::dismiss(tx, key, 1)?;
    use_trash(tx, key, id)?;
    accounts::delete(tx, key)?;
    Ok(())
}

fn use_trash(tx: &mut Tx<'_>, key: AccountKey, id: UserId) -> Result<(), StoreError> {
    let email = Email::from_row("ada@example.org".to_owned());
    trash::put(tx, key, id, "", NOW)?;
    trash::taken(tx, id)?;
    trash::find(tx, id)?;
    trash::with_email(tx, &email)?;
    trash::page(tx, None, 9)?;
    trash::restore(tx, id)?;
    trash::due(tx, NOW, 9)?;
    trash::erase(tx, id)?;
    Ok(())
}

fn use_guesses(tx: &mut Tx<'_>, email: &Email) -> Result<(), StoreError> {
    let key = GuessKey::account(email);
    guesses::put(tx, key, Guesses::at(None, NOW, std::time::Duration::MAX))?;
    guesses::find(tx, key)?;
    guesses::start_no_later(tx, NOW)?;
    guesses::purge(tx, NOW, 9)?;
    Ok(())
}

fn use_proofs(tx: &mut Tx<'_>, key: AccountKey, email: &Email) -> Result<(), StoreError> {
    let proof = Proof {
        digest: TokenDigest::of(b"proof"),
        purpose: Purpose::ResetPassword,
        account: key,
        address: email.clone(),
        detail: String::new(),
        created_at: NOW,
        expires_at: NOW,
    };
    proofs::put(tx, &proof)?;
    proofs::find(tx, proof.digest, proof.purpose, NOW)?;
    proofs::consume(tx, proof.digest, proof.purpose, NOW)?;
    proofs::was_used(tx, key, proof.purpose, "", NOW)?;
    proofs::forget(tx, key, proof.purpose)?;
    proofs::revoke(tx, key, proof.purpose)?;
    proofs::revoke_all(tx, key)?;
    proofs::purge(tx, NOW, 9)?;
    Ok(())
}

fn use_outbox(tx: &mut Tx<'_>, email: &Email) -> Result<(), StoreError> {
    let envelope = Envelope {
        name: "a".to_owned(),
        kind: "test",
        address: email.clone(),
        sealed: vec![1],
        created_at: NOW,
        give_up_at: NOW,
    };
    outbox::add(tx, &envelope)?;
    outbox::is_due(tx, NOW)?;
    outbox::backlog(tx)?;
    let claim = outbox::claim(tx, NOW, NOW)?.expect("it is due");
    outbox::postpone(tx, &claim, NOW, "")?;
    outbox::postpone_others(tx, NOW, NOW, "")?;
    outbox::fail(tx, &claim, NOW, "")?;
    outbox::sent(tx, &claim, NOW)?;
    outbox::retry(tx, Some(claim.id), NOW, NOW)?;
    outbox::find(tx, claim.id, NOW)?;
    outbox::page(tx, NOW, true, 9, 9)?;
    outbox::page(tx, NOW, false, 9, 9)?;
    outbox::discard(tx, claim.id, NOW)?;
    outbox::wipe(tx, NOW, 9)?;
    outbox::purge(tx, NOW, 9)?;
    Ok(())
}

fn use_approvals(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    approvals::page(tx, None, 9)?;
    approvals::untold(tx, false, 9)?;
    approvals::untold(tx, true, 9)?;
    approvals::note_told(tx, key, NOW)?;
    approvals::let_in(tx, key)?;
    approvals::turn_away(tx, key)?;
    Ok(())
}

fn use_invitations(tx: &mut Tx<'_>, guest: UserId) -> Result<(), StoreError> {
    let new = NewInvitation {
        digest: TokenDigest::of(b"invitation"),
        guests: Guests::Anybody { domains: Vec::new() },
        role: Role::User,
        groups: Vec::new(),
        uses: None,
        note: String::new(),
        by: String::new(),
        created_at: NOW,
        expires_at: NOW,
    };
    let id = invitations::insert(tx, &new)?;
    invitations::by_digest(tx, new.digest)?;
    invitations::find(tx, id)?;
    invitations::take_seat(tx, id, guest, NOW.before(std::time::Duration::from_secs(1)))?;
    invitations::renew(tx, id, new.digest, None, NOW)?;
    invitations::revoke(tx, id, NOW)?;
    invitations::page(tx, None, 9)?;
    invitations::guests(tx, id, 9)?;
    invitations::purge_before(tx, NOW, 9)?;
    Ok(())
}

fn use_errands(tx: &mut Tx<'_>, email: &Email) -> Result<(), StoreError> {
    let errand = Errand {
        kind: ErrandKind::ResetPassword,
        email: email.clone(),
        origin: Origin::default(),
        at: NOW,
    };
    errands::add(tx, &errand)?;
    errands::oldest(tx, 9)?;
    errands::take(tx, 1)?;
    errands::purge_before(tx, NOW, 9)?;
    Ok(())
}

fn use_second_factors(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    let (digest, step) = (TokenDigest::of(b"ticket"), Step::from_row(1));
    second_factors::put_pending(tx, key, b"sealed", digest)?;
    second_factors::find(tx, key)?;
    second_factors::confirm_pending(tx, key, b"sealed", step, digest)?;
    second_factors::pass_on(tx, key, digest, digest)?;
    second_factors::finalize(tx, key, digest)?;
    second_factors::activate(tx, key, b"sealed", step)?;
    second_factors::accept(tx, key, b"sealed", step, step)?;
    second_factors::remove(tx, key)?;
    let code = backup_codes::StoredCode {
        digest,
        salt: [0; 16],
        used_at: None,
    };
    backup_codes::put(tx, key, std::slice::from_ref(&code), NOW)?;
    backup_codes::list(tx, key)?;
    backup_codes::consume(tx, key, digest, NOW)?;
    backup_codes::remove(tx, key)?;
    backup_codes::put_pending(tx, key, &[code])?;
    backup_codes::activate(tx, key, NOW)?;
    tickets::spend(tx, digest, NOW)?;
    tickets::is_spent(tx, digest)?;
    tickets::purge(tx, NOW, 9).map(drop)
}

fn use_trusted_devices(tx: &mut Tx<'_>, key: AccountKey) -> Result<(), StoreError> {
    let digest = TokenDigest::of(b"device");
    let device = TrustedDevice {
        id: 0,
        origin: Origin::default(),
        created_at: NOW,
        last_used_at: NOW,
        expires_at: NOW,
    };
    trusted_devices::insert(tx, key, digest, &device)?;
    trusted_devices::is_trusted(tx, key, digest, NOW)?;
    trusted_devices::note_use(tx, key, digest, NOW)?;
    trusted_devices::list(tx, key, NOW)?;
    trusted_devices::revoke(tx, key, 1)?;
    trusted_devices::revoke_all(tx, key)?;
    trusted_devices::purge(tx, NOW, 9).map(drop)
}

fn use_api_keys(tx: &mut Tx<'_>, account: AccountKey) -> Result<(), StoreError> {
    let digest = TokenDigest::of(b"key");
    let key = ApiKey {
        id: 0,
        name: String::new(),
        scopes: Vec::new(),
        hosts: Vec::new(),
        created_at: NOW,
        expires_at: Some(NOW),
        last_used_at: None,
    };
    api_keys::insert(tx, account, digest, &key)?;
    api_keys::find(tx, digest)?;
    api_keys::list(tx, account)?;
    api_keys::touch(tx, 1, NOW)?;
    api_keys::revoke(tx, account, 1)?;
    api_keys::revoke_all(tx, account)?;
    api_keys::purge(tx, NOW, 9).map(drop)
}

#[test]
fn statements_of_requests_find_their_rows_by_index() {
    let connection = Connection::open_in_memory().expect("a database");
    for migration in MIGRATIONS {
        connection.execute_batch(migration.sql).expect("a schema");
    }
    let mut sql = Explaining::new(&connection);
    let mut tx = Tx::new(&mut sql, Some(&Unlocked));
    let id = UserId::new(NOW, [0; 8]);
    let email = Email::parse("ada@example.org").expect("an address");
    let key = use_accounts(&mut tx, id, &email).expect("accounts");
    directory::use_directory(&mut tx).expect("the directory");
    directory::use_session_list(&mut tx).expect("the list of sessions");
    use_sessions(&mut tx, key).expect("sessions");
    use_guesses(&mut tx, &email).expect("guesses");
    use_proofs(&mut tx, key, &email).expect("proofs");
    federation::use_identities(&mut tx, key).expect("identities");
    federation::use_pictures(&mut tx, key).expect("pictures");
    federation::use_upstream(&mut tx).expect("upstream");
    federation::use_attempts(&mut tx, key).expect("attempts");
    use_outbox(&mut tx, &email).expect("the outbox");
    use_invitations(&mut tx, id).expect("invitations");
    use_errands(&mut tx, &email).expect("errands");
    moderation::use_violations(&mut tx, id).expect("violations");
    moderation::use_bans(&mut tx).expect("bans");
    moderation::use_refusals(&mut tx).expect("refusals");
    use_approvals(&mut tx, key).expect("approvals");
    use_groups(&mut tx, key).expect("groups");
    use_flights(&mut tx).expect("flights");
    use_second_factors(&mut tx, key).expect("second factors");
    use_trusted_devices(&mut tx, key).expect("trusted devices");
    use_api_keys(&mut tx, key).expect("API keys");
    use_the_rest(&mut tx, key, id).expect("the rest");
    assert_eq!(sql.found(), [""; 0]);
}
