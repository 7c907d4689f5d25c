//! Temporary access: until its end everything is as always, and from then on nothing opens.

use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::time::Timestamp;

use crate::forward_auth::kit::{APP, ask, guarding};
use crate::support::{PASSWORD, Person, Site, credentials, days, just_under, minutes, with_mail};

fn end(site: &Site, person: &str, until: Option<Timestamp>) {
    let account = site.account(person).expect("there");
    site.run(site.app.set_valid_until(&account, until, &Actor::Console))
        .expect("set");
}

#[test]
fn at_the_very_moment_sessions_end_and_the_login_says_why() {
    let site = guarding();
    let ada = site.user("ada");
    end(&site, "ada", Some(site.app.now().after(minutes(10))));
    site.clock.advance(just_under(minutes(10)));
    assert_eq!(ada.open_doors(), [true; 3]);
    assert_eq!(ask(&ada.client.copy(), "nginx", APP).status, 200);
    site.clock.advance(minutes(10).saturating_sub(just_under(minutes(10))));
    assert_eq!(ada.open_doors(), [false; 3]);
    assert_eq!(ask(&ada.client.copy(), "nginx", APP).status, 401);
    let answer = site.client().post("/api/auth/login", &credentials("ada"));
    assert_eq!(answer.message(), (403, "Your access has ended.".to_owned()));
    let client = site.client();
    let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert!(
        client
            .submit("/login", "/login", &fields)
            .says("Your access to this site has ended")
    );
}

#[test]
fn a_wrong_password_tells_nothing_about_the_end() {
    let site = Site::start();
    site.create("ada", Role::User);
    end(&site, "ada", Some(site.app.now().after(minutes(1))));
    site.clock.advance(minutes(1));
    let mut guess = credentials("ada");
    guess["password"] = "wrong horse".into();
    let answer = site.client().post("/api/auth/login", &guess);
    let mut nobody = credentials("nobody");
    nobody["password"] = "wrong horse".into();
    assert_eq!(
        answer.message(),
        site.client().post("/api/auth/login", &nobody).message()
    );
}

#[test]
fn sessions_of_before_do_not_come_back_with_a_new_end() {
    let site = Site::start();
    let ada = site.user("ada");
    end(&site, "ada", Some(site.app.now().after(minutes(1))));
    site.clock.advance(minutes(2));
    end(&site, "ada", None);
    assert_eq!(ada.open_doors(), [false; 3]);
    let ada = Person::log_in(&site, "ada");
    assert_eq!(ada.open_doors(), [true; 3]);
}

#[test]
fn what_is_over_is_swept_up_once() {
    let site = Site::start();
    let ada = site.user("ada");
    let account = ada.account(&site);
    end(&site, "ada", Some(site.app.now().after(minutes(1))));
    assert_eq!(site.run(site.app.end_overdue()).expect("swept"), 0);
    site.clock.advance(minutes(1));
    assert_eq!(site.run(site.app.end_overdue()).expect("swept"), 1);
    assert_eq!(site.run(site.app.end_overdue()).expect("swept"), 0);
    assert_eq!(site.run(site.app.sessions_of(account.key)).expect("read").len(), 0);
}

#[test]
fn the_letter_about_the_end_comes_once_in_time_and_again_for_another_end() {
    let site = Site::with(with_mail);
    site.create("ada", Role::User);
    end(&site, "ada", Some(site.app.now().after(days(10))));
    let warn = || site.run(site.app.warn_of_ends()).expect("looked");
    // The server looks by itself, too: whoever comes first writes the letter.
    let told = || site.letters_of("access_ends");
    assert_eq!(warn(), 0, "a week before is early enough");
    site.clock.advance(days(3));
    assert!(warn() + warn() <= 1);
    let letters = told();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].text.contains("Until:"), "{letters:?}");
    end(&site, "ada", Some(site.app.now().after(days(5))));
    assert!(warn() <= 1);
    assert_eq!(told().len(), 2);
    site.clock.advance(days(5));
    end(&site, "ada", None);
    assert_eq!(warn(), 0);
}

#[test]
fn nobody_is_warned_where_no_mail_can_be_sent_or_nobody_wants_it() {
    let silent = Site::start();
    silent.create("ada", Role::User);
    end(&silent, "ada", Some(silent.app.now().after(days(1))));
    assert_eq!(silent.run(silent.app.warn_of_ends()).expect("looked"), 0);
    let quiet = Site::with(|config| {
        with_mail(config);
        config.accounts.expiry_warning = std::time::Duration::ZERO;
    });
    quiet.create("ada", Role::User);
    end(&quiet, "ada", Some(quiet.app.now().after(days(1))));
    assert_eq!(quiet.run(quiet.app.warn_of_ends()).expect("looked"), 0);
}
