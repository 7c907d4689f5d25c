//! Refresh tokens over time: tabs and lost answers are forgiven, old copies end the session.

use librechat_auth::app::audit::Actor;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, Client, Person, Site, days, just_under, minutes, seconds};

const GRACE: Duration = seconds(30);
const ALMOST_A_DAY: Duration = minutes(23 * 60);

fn refresh(client: &Client) -> Answer {
    client.post("/api/auth/refresh", &json!({}))
}

/// The refresh token that a renewal with `token` leads to.
fn follows(site: &Site, token: &str) -> String {
    let client = site.thief(token);
    let answer = refresh(&client);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.cookie("refreshToken").unwrap().value
}

fn status(site: &Site, token: &str) -> u16 {
    refresh(&site.thief(token)).status
}

#[test]
fn a_young_token_is_kept_and_an_older_one_is_replaced() {
    let site = Site::start();
    let first = site.user("ada").refresh_token();
    site.clock.advance(just_under(GRACE));
    assert_eq!(follows(&site, &first), first);
    site.clock.advance(seconds(1));
    let second = follows(&site, &first);
    assert_ne!(second, first);
    assert_eq!(follows(&site, &second), second, "the new one is young");
}

#[test]
fn within_the_grace_period_the_previous_token_leads_to_the_very_same_successor() {
    let site = Site::start();
    let first = site.user("ada").refresh_token();
    site.clock.advance(minutes(20));
    let second = follows(&site, &first);
    site.clock.advance(just_under(GRACE));
    assert_eq!(follows(&site, &first), second);
    assert_eq!(follows(&site, &second), second);
}

#[test]
fn ten_tabs_that_refresh_at_once_stay_logged_in_with_one_token() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(minutes(20));
    let mut tokens: Vec<String> = thread::scope(|scope| {
        let tabs: Vec<_> = (0..10)
            .map(|_| {
                let tab = ada.client.copy();
                scope.spawn(move || (refresh(&tab).status, tab.cookie("refreshToken").unwrap()))
            })
            .collect();
        let answers = tabs.into_iter().map(|tab| tab.join().unwrap());
        answers
            .map(|(status, token)| (assert_eq!(status, 200), token).1)
            .collect()
    });
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    site.clock.advance(minutes(20));
    assert_eq!(status(&site, &tokens[0]), 200);
}

#[test]
fn a_lost_answer_logs_nobody_out() {
    let site = Site::start();
    let ada = site.user("ada");
    site.clock.advance(minutes(20));
    // The answer to this one never reaches the browser, which asks again with what it has.
    refresh(&ada.client.copy());
    site.clock.advance(seconds(5));
    assert_eq!(refresh(&ada.client).status, 200);
    site.clock.advance(minutes(20));
    assert_eq!(refresh(&ada.client).status, 200);
}

#[test]
fn a_replaced_token_that_comes_back_later_ends_the_session_and_every_key_to_it() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let first = ada.refresh_token();
    site.clock.advance(minutes(20));
    assert_eq!(ada.refresh().status, 200);
    site.clock.advance(GRACE);
    let answer = refresh(&site.thief(&first));
    assert_eq!(answer.status, 401);
    assert_eq!(answer.text(), "Refresh token expired or not found for this user");
    assert_eq!(answer.cookies(), []);
    assert_eq!(ada.open_doors(), [false, false, false]);
    assert_eq!(ada.api("GET", "/api/user").message(), (401, "Unauthorized".to_owned()));
}

#[test]
fn a_token_from_before_the_previous_one_ends_the_session_at_once() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let first = ada.refresh_token();
    for _ in 0..2 {
        site.clock.advance(minutes(10));
        assert_eq!(ada.refresh().status, 200);
    }
    assert_eq!(status(&site, &first), 401);
    assert_eq!(ada.open_doors(), [false, false, false]);
}

#[test]
fn other_logins_of_the_same_user_survive_a_theft() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let elsewhere = Person::log_in(&site, "ada");
    let first = ada.refresh_token();
    site.clock.advance(minutes(10));
    ada.refresh();
    site.clock.advance(GRACE);
    assert_eq!(status(&site, &first), 401);
    assert_eq!(elsewhere.open_doors(), [true, true, true]);
}

#[test]
fn a_theft_is_in_the_audit_log_and_told_at_the_next_login_until_dismissed() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let first = ada.refresh_token();
    site.clock.advance(minutes(10));
    ada.refresh();
    site.clock.advance(GRACE);
    site.thief(&first)
        .request("POST", "/api/auth/refresh")
        .header("user-agent", "Burglar/1.0")
        .send();
    let event = site.events_about(&ada.account(&site)).remove(0);
    assert_eq!(event.kind.key(), "refresh_reused");
    assert_eq!(
        (event.address.as_str(), event.detail.as_str()),
        ("127.0.0.1", "Burglar/1.0")
    );
    let again = Person::log_in(&site, "ada");
    let page = again.client.get("/");
    assert!(page.says("someone used an old copy of your sign-in token"));
    let id = notice_id(&page).unwrap();
    let answer = again.client.submit("/", "/account/notices", &[("id", &id)]);
    assert_eq!(answer.location(), (303, "/"));
    assert_eq!(notice_id(&again.client.get("/")), None);
}

fn notice_id(page: &Answer) -> Option<String> {
    let (_, notices) = page.text().split_once("class=\"notices\"")?;
    let (_, rest) = notices.split_once("name=\"id\" value=\"")?;
    rest.split('"').next().map(str::to_owned)
}

#[test]
fn a_notice_can_be_dismissed_by_its_owner_only() {
    let site = Site::start();
    let ada = site.user("ada");
    let password = librechat_auth::domain::secret::Secret::new(crate::support::PASSWORD);
    site.run(site.app.reset_password(&ada.account(&site), password, &Actor::Console))
        .unwrap();
    let ada = Person::log_in(&site, "ada");
    let id = notice_id(&ada.client.get("/")).unwrap();
    let bob = site.user("bob");
    bob.client.submit("/", "/account/notices", &[("id", &id)]);
    assert_eq!(notice_id(&ada.client.get("/")), Some(id));
}

#[test]
fn a_session_ends_when_it_was_not_used_for_long_enough() {
    let site = Site::with(|config| config.session.idle = days(1));
    let ada = site.user("ada");
    site.clock.advance(just_under(days(1)));
    assert_eq!(site.thief("x").get("/").status, 303);
    assert_eq!(ada.client.get("/").status, 200);
    site.clock.advance(seconds(1));
    assert_eq!(ada.open_doors(), [false, false, false]);
}

#[test]
fn using_a_session_keeps_it_from_going_idle() {
    let site = Site::with(|config| config.session.idle = days(1));
    let ada = site.user("ada");
    for _ in 0..3 {
        site.clock.advance(ALMOST_A_DAY);
        assert_eq!(ada.client.get("/").status, 200);
        site.run(site.app.flush_touches()).unwrap();
    }
    assert_eq!(refresh(&ada.client).status, 200);
    site.clock.advance(ALMOST_A_DAY);
    assert_eq!(refresh(&ada.client).status, 200);
}

#[test]
fn however_active_a_session_ends_at_its_absolute_limit() {
    let site = Site::with(|config| config.session.lifetime = days(7));
    let mut ada = site.user("ada");
    for _ in 0..6 {
        site.clock.advance(days(1));
        assert_eq!(ada.refresh().status, 200);
    }
    site.clock.advance(just_under(days(1)));
    assert_eq!(ada.refresh().status, 200);
    site.clock.advance(seconds(1));
    let answer = refresh(&ada.client);
    assert_eq!((answer.status, answer.text()), (403, "Invalid refresh token"));
    assert_eq!(ada.open_doors(), [false, false, false]);
}

#[test]
fn an_access_token_does_not_outlive_its_session() {
    let site = Site::with(|config| {
        config.session.lifetime = minutes(10);
        config.session.access_lifetime = minutes(60);
    });
    let ada = site.user("ada");
    site.clock.advance(minutes(10));
    assert_eq!(ada.open_doors(), [false, false, false]);
}

#[test]
fn without_grace_every_replay_is_a_theft() {
    let site = Site::with(|config| config.session.refresh_grace = Duration::ZERO);
    let first = site.user("ada").refresh_token();
    let second = follows(&site, &first);
    assert_ne!(second, first);
    assert_eq!(status(&site, &first), 401);
    assert_eq!(status(&site, &second), 401);
}

#[test]
fn sessions_survive_a_restart_with_their_rotation() {
    let site = Site::start();
    let mut ada = site.user("ada");
    let first = ada.refresh_token();
    site.clock.advance(minutes(10));
    ada.refresh();
    let second = ada.refresh_token();
    let site = site.restarted();
    ada.client = ada.client.moved_to(site.address);
    assert_eq!(ada.open_doors(), [true, true, true]);
    assert_eq!(follows(&site, &first), second, "still within grace");
    site.clock.advance(GRACE);
    assert_eq!(status(&site, &first), 401);
}

#[test]
fn the_same_tokens_mean_nothing_after_the_secret_was_changed() {
    let site = Site::start();
    let ada = site.user("ada");
    let other = Site::with(|config| {
        config.secrets.jwt = librechat_auth::domain::secret::Secret::new("another access secret, also long enough");
        config.secrets.jwt_refresh = librechat_auth::domain::secret::Secret::new("another refresh secret, long enough");
    });
    let moved = ada.client.moved_to(other.address);
    assert_eq!(refresh(&moved).status, 403);
    assert_eq!(moved.request("GET", "/api/user").bearer(&ada.token).send().status, 401);
    assert_eq!(moved.get("/").status, 303);
}
