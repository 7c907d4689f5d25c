//! People whom an admin expects from a provider, and identities that follow a provider that has moved.

use std::collections::BTreeMap;

use librechat_auth::app::audit::Actor;
use librechat_auth::app::federated_login::manage::Expected;
use librechat_auth::app::federated_login::rekey::{Move, Plan, Rekey, Snag};
use librechat_auth::domain::account::{Account, Role};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::federation::connection::Subject;
use librechat_auth::domain::federation::expectation::{Expectation, Sign};
use librechat_auth::domain::federation::provider::ProviderId;
use serde_json::json;

use super::idp::Idp;
use super::kit::{assert_turned_away, count, details, enable, log_in, logged_in_as, person, provider, site_with};
use crate::support::{Person, Site, days};

/// Where strangers cannot sign up.
fn closed(idp: &Idp) -> Site {
    site_with(idp, |openid| openid.doors.sign_up = false)
}

fn openid() -> ProviderId {
    ProviderId::parse("openid").expect("a name")
}

fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.org")).expect("an address")
}

fn expect(site: &Site, who: Result<Account, Email>, sign: Sign) -> Expectation {
    let expected = Expected {
        provider: openid(),
        who,
        sign,
        lifetime: days(30),
    };
    site.run(site.app.expect_identity(expected, &Actor::Console))
        .expect("expected")
}

fn subject(idp: &Idp, name: &str) -> Subject {
    Subject {
        issuer: idp.issuer.clone(),
        subject: format!("sub-{name}"),
    }
}

#[test]
fn somebody_expected_by_a_proved_address_gets_an_account_once_although_sign_up_is_closed() {
    let idp = Idp::start();
    let site = closed(&idp);
    expect(&site, Err(email("ada")), Sign::Address(email("ada")));
    // Not for an address that is not proved.
    let claimed = json!({ "sub": "sub-eve", "email": "ada@example.org" });
    assert_turned_away(&log_in(&site.client(), &idp, &claimed), "sign_up_off");
    let client = site.client();
    assert_eq!(log_in(&client, &idp, &person("ada")).location(), (302, "/"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    let account = site.account("ada").expect("made");
    assert!(account.email_verified && !account.is_waiting());
    assert!(
        details(&site, &account)
            .iter()
            .any(|line| line.starts_with("expectation_met openid: expectation:"))
    );
    // Used up: another subject with the same proof is a stranger again.
    let again = json!({ "sub": "sub-other", "email": "ada@example.org", "email_verified": true });
    assert_turned_away(&log_in(&site.client(), &idp, &again), "account_exists");
    assert_eq!(count(&site, "SELECT count(*) FROM expectations"), 0);
}

#[test]
fn somebody_expected_by_subject_is_connected_to_the_account_whatever_their_address() {
    let idp = Idp::start();
    let site = closed(&idp);
    let ada = site.user("ada");
    expect(&site, Ok(ada.account(&site)), Sign::Subject(subject(&idp, "private")));
    assert_turned_away(&log_in(&site.client(), &idp, &person("other")), "sign_up_off");
    let client = site.client();
    log_in(&client, &idp, &person("private"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    assert_eq!(
        ada.open_doors(),
        [true; 3],
        "a proved account keeps its password and sessions"
    );
    assert_eq!(site.user_count(), 1);
}

#[test]
fn whoever_squatted_the_expected_address_has_nothing_left() {
    let idp = Idp::start();
    let site = closed(&idp);
    expect(&site, Err(email("ada")), Sign::Subject(subject(&idp, "ada")));
    site.create_unverified("ada");
    site.sql("UPDATE users SET email_verified_at = 1");
    let squatter = Person::log_in(&site, "ada");
    site.sql("UPDATE users SET email_verified_at = NULL");
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    assert_eq!(squatter.open_doors(), [false; 3]);
}

#[test]
fn nobody_is_expected_past_a_lock_a_closed_door_a_withdrawal_or_the_end() {
    let idp = Idp::start();
    let site = closed(&idp);
    let account = site.create("ada", Role::User);
    let expected = expect(&site, Ok(account.clone()), Sign::Subject(subject(&idp, "ada")));
    site.run(site.app.set_disabled(&account, true, &Actor::Console))
        .expect("locked");
    assert_turned_away(&log_in(&site.client(), &idp, &person("ada")), "locked");
    assert_eq!(
        count(&site, "SELECT count(*) FROM expectations"),
        1,
        "it is not used up"
    );
    site.run(site.app.set_disabled(&account, false, &Actor::Console))
        .expect("unlocked");
    site.run(site.app.withdraw_expectation(expected.id, &Actor::Console))
        .expect("withdrawn");
    assert!(
        site.run(site.app.withdraw_expectation(expected.id, &Actor::Console))
            .is_err()
    );
    assert_turned_away(&log_in(&site.client(), &idp, &person("ada")), "account_exists");
    expect(&site, Ok(account), Sign::Subject(subject(&idp, "ada")));
    site.clock.advance(days(30));
    idp.state().now += 30 * 86_400;
    assert!(site.run(site.app.expectations()).expect("a list").is_empty());
    assert_turned_away(&log_in(&site.client(), &idp, &person("ada")), "account_exists");

    let shut = site_with(&idp, |openid| openid.doors.domains = vec!["example.com".into()]);
    idp.state().now -= 30 * 86_400;
    expect(&shut, Err(email("ada")), Sign::Address(email("ada")));
    assert_turned_away(&log_in(&shut.client(), &idp, &person("ada")), "domain");
    assert_eq!(shut.user_count(), 0);
}

/// A site whose provider was another one, with people who came from there.
fn moved(idp: &Idp, names: &[&str]) -> Site {
    let openid = provider("openid", &idp.issuer);
    let site = Site::with(|config| enable(config, vec![openid]));
    for name in names {
        log_in(&site.client(), idp, &person(name));
    }
    site.sql("UPDATE identities SET issuer = 'https://old.example', subject = 'old-' || subject, provider = 'old'");
    site
}

fn rekey(site: &Site, idp: &Idp, how: Rekey, dry: bool) -> Plan {
    let wanted = Move {
        from: "https://old.example".to_owned(),
        to: idp.issuer.clone(),
        provider: Some(openid()),
        how,
    };
    site.run(site.app.rekey_identities(wanted, dry, &Actor::Console))
        .expect("a plan")
}

fn map(pairs: &[(&str, &str)]) -> Rekey {
    let pairs = pairs.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned()));
    Rekey::Map(pairs.collect::<BTreeMap<_, _>>())
}

#[test]
fn identities_follow_a_provider_by_a_list_and_a_dry_run_changes_nothing() {
    let idp = Idp::start();
    let site = moved(&idp, &["ada", "bea"]);
    let how = map(&[("old-sub-ada", "sub-ada"), ("nobody", "x")]);
    let plan = rekey(&site, &idp, how.clone(), true);
    let outcomes: Vec<_> = plan.steps.iter().map(|step| step.outcome.clone()).collect();
    assert_eq!(outcomes, [Ok(Some("sub-ada".to_owned())), Err(Snag::NotInTheMap)]);
    assert_eq!((plan.unknown, plan.is_done), (vec!["nobody".to_owned()], false));
    assert_eq!(
        count(
            &site,
            "SELECT count(*) FROM identities WHERE issuer = 'https://old.example'"
        ),
        2
    );
    assert!(rekey(&site, &idp, how, false).is_done);
    assert_eq!(
        count(
            &site,
            "SELECT count(*) FROM identities WHERE issuer = 'https://old.example'"
        ),
        1
    );
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    assert!(details(&site, &site.account("ada").expect("there")).contains(&"identity_moved openid: rekey".to_owned()));
}

#[test]
fn one_conflict_stops_all() {
    let idp = Idp::start();
    let site = moved(&idp, &["ada", "bea"]);
    log_in(&site.client(), &idp, &person("cyd"));
    for (how, snags) in [
        (
            map(&[("old-sub-ada", "sub-cyd"), ("old-sub-bea", "sub-bea")]),
            vec![Snag::Taken],
        ),
        (
            map(&[("old-sub-ada", "x"), ("old-sub-bea", "x")]),
            vec![Snag::Twice, Snag::Twice],
        ),
    ] {
        let plan = rekey(&site, &idp, how, false);
        let found: Vec<_> = plan
            .steps
            .iter()
            .filter_map(|step| step.outcome.clone().err())
            .collect();
        assert_eq!((found, plan.is_done), (snags, false));
    }
    assert_eq!(
        count(
            &site,
            "SELECT count(*) FROM identities WHERE issuer = 'https://old.example'"
        ),
        2
    );
    assert!(rekey(&site, &idp, Rekey::Same, false).is_done);
}

#[test]
fn identities_move_at_the_next_login_with_a_proved_address_where_that_is_wanted() {
    let idp = Idp::start();
    let site = moved(&idp, &["ada", "bea"]);
    site.sql("UPDATE users SET email_verified_at = NULL WHERE email = 'bea@example.org'");
    let plan = rekey(&site, &idp, Rekey::ByAddress(openid(), days(30)), false);
    let outcomes: Vec<_> = plan.steps.iter().map(|step| step.outcome.clone()).collect();
    assert_eq!(outcomes, [Ok(None), Err(Snag::AddressUnproved)]);
    let unproved = json!({ "sub": "sub-eve", "email": "ada@example.org", "email_verified": false });
    assert_turned_away(&log_in(&site.client(), &idp, &unproved), "account_exists");
    let client = site.client();
    log_in(&client, &idp, &person("ada"));
    assert_eq!(logged_in_as(&client).as_deref(), Some("ada@example.org"));
    assert_eq!(
        count(&site, "SELECT count(*) FROM identities WHERE subject LIKE '%sub-ada'"),
        1,
        "it moved"
    );
    assert_eq!(count(&site, "SELECT count(*) FROM expectations"), 0);
}
