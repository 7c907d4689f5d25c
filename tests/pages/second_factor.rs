//! `/account/two-factor`: setting it up, new backup codes, switching it off.

use librechat_auth::domain::account::Role;
use librechat_auth::domain::time::Timestamp;

use crate::support::{Answer, Client, PASSWORD, Person, Site, seconds, with_mail};
use crate::two_factor::kit::{Authenticator, Enrolled, enrol, enrolled};

const HOME: &str = "/account/two-factor";

const FORMS: [&str; 6] = [
    "/account/two-factor/begin",
    "/account/two-factor/confirm",
    "/account/two-factor/codes",
    "/account/two-factor/disable",
    "/account/two-factor/distrust",
    "/account/two-factor/distrust-all",
];

fn send(person: &Person, action: &str, fields: &[(&str, &str)]) -> Answer {
    person.client.submit(HOME, action, fields)
}

/// Somebody whose address is proved, signed in.
fn member(site: &Site) -> Person {
    site.create("ada", Role::User);
    Person::log_in(site, "ada")
}

/// What the app reads from the link on the page.
fn scan(page: &Answer) -> Authenticator {
    let (_, rest) = page.text().split_once("href=\"otpauth").expect("a link");
    let link = rest.split('"').next().expect("its end");
    Authenticator::scan(&link.replace("&#38;", "&"))
}

fn codes(page: &Answer) -> Vec<String> {
    let list = page.text().split("class=\"codes\"").nth(1).expect("codes");
    let items = list.split("</ul>").next().expect("its end").split("<code>").skip(1);
    items
        .map(|item| item.split('<').next().expect("text").to_owned())
        .collect()
}

/// Sets it up on the page; the backup codes that were shown.
fn set_up(site: &Site, person: &Person) -> (Authenticator, Vec<String>) {
    let begun = send(person, "/account/two-factor/begin", &[("password", PASSWORD)]);
    assert_eq!(begun.location(), (303, "/account/two-factor/setup"));
    let page = person.client.get("/account/two-factor/setup");
    let authenticator = scan(&page);
    let now = authenticator.now(site);
    let shown = person
        .client
        .post_bare("/account/two-factor/confirm", &[("csrf", &page.csrf()), ("code", &now)]);
    assert_eq!(shown.status, 200, "{}", shown.text());
    site.clock.advance(seconds(30));
    (authenticator, codes(&shown))
}

fn log_in(site: &Site, fields: &[(&str, &str)]) -> (Client, Answer) {
    let client = site.client();
    client.submit(
        "/login",
        "/login",
        &[("email", "ada@example.org"), ("password", PASSWORD)],
    );
    let answer = client.submit("/login/2fa", "/login/2fa", fields);
    (client, answer)
}

#[test]
fn it_is_set_up_with_password_picture_and_code() {
    let site = Site::with(with_mail);
    let ada = member(&site);
    let elsewhere = Person::log_in(&site, "ada");
    assert!(ada.client.get("/").says("href=\"/account/two-factor\""));
    assert!(ada.client.get(HOME).says("Two-step sign-in is off."));
    let begun = send(&ada, "/account/two-factor/begin", &[("password", PASSWORD)]);
    assert_eq!(begun.location(), (303, "/account/two-factor/setup"));
    let page = ada.client.get("/account/two-factor/setup");
    assert!(page.says("<svg class=\"qr\"") && page.says("<span>"));
    assert_eq!(site.account("ada").unwrap().two_factor_at, None, "nothing counts yet");
    let now = scan(&page).now(&site);
    let form = [("csrf", page.csrf()), ("code", now)];
    let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let shown = ada.client.post_bare("/account/two-factor/confirm", &form);
    assert!(shown.says("Two-step sign-in is on.") && shown.says("We have also told you so by email."));
    assert_eq!(codes(&shown).len(), 10);
    assert_eq!(elsewhere.open_doors(), [false, false, false]);
    let page = ada.client.get(HOME);
    assert!(page.says("On since") && page.says("10 backup codes are left."));
    assert!(ada.client.get("/").says("On since"));
    assert_eq!(site.letters_of("two_factor_changed").len(), 1);
}

#[test]
fn what_is_shown_works() {
    let site = Site::start();
    let ada = site.user("ada");
    let (authenticator, codes) = set_up(&site, &ada);
    assert_eq!(
        log_in(&site, &[("code", &authenticator.now(&site))]).1.location(),
        (303, "/")
    );
    assert_eq!(log_in(&site, &[("backup", &codes[4])]).1.location(), (303, "/"));
    assert_eq!(log_in(&site, &[("backup", &codes[4])]).1.status, 400);
    assert!(ada.client.get(HOME).says("9 backup codes are left."));
}

#[test]
fn it_begins_with_the_password() {
    let site = Site::start();
    let ada = site.user("ada");
    for wrong in ["", "a wrong guess"] {
        let page = send(&ada, "/account/two-factor/begin", &[("password", wrong)]);
        assert_eq!(page.status, 400);
        assert!(page.says("id=\"begin-password-error\"") && page.says("This is not your current password."));
    }
    let back = ada.client.get("/account/two-factor/setup");
    assert_eq!(back.location(), (303, "/account/two-factor"), "nothing was begun");
}

#[test]
fn a_wrong_first_code_leaves_everything_as_it_was() {
    let site = Site::start();
    let ada = site.user("ada");
    send(&ada, "/account/two-factor/begin", &[("password", PASSWORD)]);
    let page = ada.client.get("/account/two-factor/setup");
    let authenticator = scan(&page);
    let wrong = authenticator.wrong(&site);
    let again = ada.client.submit(
        "/account/two-factor/setup",
        "/account/two-factor/confirm",
        &[("code", &wrong)],
    );
    assert_eq!(again.status, 400);
    assert!(again.says("This code is wrong. Check that you scanned the picture"));
    assert!(scan(&again).now(&site) == authenticator.now(&site), "the same picture");
    assert_eq!(site.account("ada").unwrap().two_factor_at, None);
}

#[test]
fn a_secret_that_another_session_has_begun_with_is_not_shown() {
    let site = Site::start();
    let ada = site.user("ada");
    let thief = Person::log_in(&site, "ada");
    send(&thief, "/account/two-factor/begin", &[("password", PASSWORD)]);
    assert_eq!(
        ada.client.get("/account/two-factor/setup").location(),
        (303, "/account/two-factor")
    );
}

#[test]
fn moving_to_another_phone_takes_a_code_and_ends_the_old_one() {
    let site = Site::start();
    let ada = site.user("ada");
    let (old, old_codes) = set_up(&site, &ada);
    let page = send(&ada, "/account/two-factor/begin", &[("password", PASSWORD)]);
    assert!(page.status == 400 && page.says("id=\"begin-code-error\"") && page.says("Please enter a code."));
    let fields = [("password", PASSWORD), ("code", &old.wrong(&site))];
    assert_eq!(send(&ada, "/account/two-factor/begin", &fields).status, 400);
    let fields = [("password", PASSWORD), ("code", &old.now(&site))];
    assert_eq!(
        send(&ada, "/account/two-factor/begin", &fields).location(),
        (303, "/account/two-factor/setup")
    );
    site.clock.advance(seconds(30));
    assert_eq!(
        log_in(&site, &[("code", &old.now(&site))]).1.status,
        303,
        "the old one counts until then"
    );
    let page = ada.client.get("/account/two-factor/setup");
    let new = scan(&page);
    let code = new.now(&site);
    let shown = ada.client.submit(
        "/account/two-factor/setup",
        "/account/two-factor/confirm",
        &[("code", &code)],
    );
    let new_codes = codes(&shown);
    site.clock.advance(seconds(30));
    assert_eq!(log_in(&site, &[("code", &old.now(&site))]).1.status, 400);
    assert_eq!(log_in(&site, &[("backup", &old_codes[0])]).1.status, 400);
    assert_eq!(log_in(&site, &[("backup", &new_codes[0])]).1.status, 303);
    assert_eq!(log_in(&site, &[("code", &new.now(&site))]).1.status, 303);
}

#[test]
fn new_backup_codes_take_a_code_and_replace_the_old_ones() {
    let site = Site::with(with_mail);
    let Enrolled {
        person: ada,
        authenticator,
        codes: old,
    } = enrol(&site, member(&site));
    let path = "/account/two-factor/codes";
    let page = send(&ada, path, &[("code", &authenticator.wrong(&site))]);
    assert!(page.status == 400 && page.says("id=\"regenerate-code-error\""));
    let shown = send(&ada, path, &[("code", &authenticator.now(&site))]);
    assert!(shown.says("These replace all earlier ones."), "{}", shown.text());
    let new = codes(&shown);
    assert!(new.len() == 10 && new.iter().all(|code| !old.contains(code)));
    assert_eq!(log_in(&site, &[("backup", &old[0])]).1.status, 400);
    assert_eq!(log_in(&site, &[("backup", &new[0])]).1.status, 303);
    assert_eq!(site.letters_of("backup_codes_made").len(), 1);
}

#[test]
fn switching_it_off_takes_password_and_code() {
    let site = Site::with(with_mail);
    let ada = member(&site);
    let (authenticator, _) = set_up(&site, &ada);
    let elsewhere = {
        let (client, answer) = log_in(&site, &[("code", &authenticator.now(&site))]);
        assert_eq!(answer.status, 303);
        client
    };
    site.clock.advance(seconds(30));
    let path = "/account/two-factor/disable";
    let right = authenticator.now(&site);
    for (password, code, field) in [
        ("a wrong guess", right.as_str(), "password"),
        (PASSWORD, "", "code"),
        (PASSWORD, authenticator.wrong(&site).as_str(), "code"),
    ] {
        let page = send(&ada, path, &[("password", password), ("code", code)]);
        assert_eq!(page.status, 400);
        assert!(page.says(&format!("id=\"disable-{field}-error\"")), "{field}");
    }
    let done = send(&ada, path, &[("password", PASSWORD), ("code", &right)]);
    assert_eq!(done.location(), (303, "/account/two-factor?done=disabled"));
    let page = ada.client.get(done.location().1);
    assert!(page.says("Two-step sign-in is off. All your other sessions were ended. We have also told you"));
    assert_eq!(elsewhere.get("/").status, 303);
    let letters = site.letters_of("two_factor_changed");
    assert_eq!(letters.len(), 2, "on and off");
    assert!(letters[1].text.contains("/not-me?token="));
}

#[test]
fn where_it_is_required_it_stays() {
    let site = Site::start();
    let Enrolled {
        person, authenticator, ..
    } = enrolled(&site, "ada");
    let site = site.restarted_with(|config| config.two_factor.enforce = true);
    let client = person.client.moved_to(site.address);
    let page = client.get(HOME);
    assert!(page.says("This server requires it, so it cannot be switched off."));
    assert!(!page.says("/account/two-factor/disable"));
    let fields = [("password", PASSWORD), ("code", &authenticator.now(&site))];
    assert_eq!(client.submit(HOME, "/account/two-factor/disable", &fields).status, 403);
    assert!(client.get(HOME).says("On since"));
}

#[test]
fn an_admin_hears_which_clock_is_off_and_others_do_not() {
    let site = Site::start();
    let admin = enrol(&site, site.admin());
    let ada = enrolled(&site, "ada");
    for (who, told) in [(&admin, true), (&ada, false)] {
        let later = Timestamp::from_seconds(site.app.now().seconds() + 240);
        let fields = [("code", &who.authenticator.at(later)[..])];
        let page = send(&who.person, "/account/two-factor/codes", &fields);
        assert_eq!(page.status, 400);
        assert_eq!(
            page.says("the clock of your phone is about 4 minutes ahead of this server’s"),
            told
        );
        let (_, stranger) = log_in(&site, &fields);
        assert!(!stranger.says("clock"));
    }
}

#[test]
fn the_codes_can_be_kept_as_a_file() {
    let site = Site::with(|config| config.site.title = "Maple\r\nStreet".to_owned());
    let ada = site.user("ada");
    let (_, codes) = set_up(&site, &ada);
    let joined = codes.join(" ");
    let file = send(&ada, "/two-factor/codes.txt", &[("codes", &joined)]);
    assert_eq!(file.status, 200);
    for (header, value) in [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"backup-codes.txt\""),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(file.header(header), Some(value));
    }
    assert!(
        file.text().starts_with("Backup codes for MapleStreet\r\nhttp://"),
        "{}",
        file.text()
    );
    assert!(codes.iter().all(|code| file.says(&format!("\r\n{code}\r\n"))));
}

#[test]
fn the_file_says_nothing_that_is_no_code() {
    let site = Site::start();
    let client = site.client();
    let eleven = ["0123abcd"; 11].join(" ");
    for codes in ["", "<script>", "0123abcd <b>", "0123abcd\r\nfoo", eleven.as_str()] {
        let answer = client.submit("/login", "/two-factor/codes.txt", &[("codes", codes)]);
        assert_eq!(answer.status, 400, "{codes}");
        assert!(answer.header("content-disposition").is_none());
    }
    let bare = client.post_bare("/two-factor/codes.txt", &[("csrf", "AAAA"), ("codes", "0123abcd")]);
    assert_eq!(bare.status, 403);
}

#[test]
fn deleting_the_account_takes_a_code_too() {
    let site = Site::start();
    let Enrolled {
        person, authenticator, ..
    } = enrolled(&site, "ada");
    let page = person.client.submit("/", "/account/delete", &[("password", PASSWORD)]);
    assert!(page.status == 400 && page.says("id=\"delete-code-error\""));
    let wrong = [("password", PASSWORD), ("code", &authenticator.wrong(&site))];
    assert_eq!(person.client.submit("/", "/account/delete", &wrong).status, 400);
    assert!(site.account("ada").is_some());
    let right = [("password", PASSWORD), ("code", &authenticator.now(&site))];
    assert_eq!(
        person.client.submit("/", "/account/delete", &right).location(),
        (303, "/login?notice=account_deleted")
    );
}

#[test]
fn wrong_codes_of_somebody_signed_in_are_limited() {
    let site = Site::with(|config| config.limits.two_factor_settings.max = Some(4));
    // Setting it up is three of them.
    let ada = enrolled(&site, "ada");
    let try_code = |code: &str| send(&ada.person, "/account/two-factor/codes", &[("code", code)]);
    assert_eq!(try_code(&ada.authenticator.wrong(&site)).status, 400);
    let page = try_code(&ada.authenticator.now(&site));
    assert_eq!(page.status, 429);
    assert!(page.says("Too many wrong codes.") && page.header("retry-after").is_some());
}

#[test]
fn no_form_works_without_its_hidden_field_or_for_a_stranger() {
    let site = Site::start();
    let ada = enrolled(&site, "ada").person;
    ada.client.get(HOME);
    for path in FORMS {
        assert_eq!(ada.client.post_bare(path, &[("csrf", "AAAA")]).status, 403, "{path}");
        assert_eq!(
            site.client().submit("/login", path, &[]).location(),
            (303, "/login"),
            "{path}"
        );
    }
    for path in [HOME, "/account/two-factor/setup"] {
        assert_eq!(site.client().get(path).location(), (303, "/login"), "{path}");
    }
    assert!(ada.client.get(HOME).says("On since"));
}

#[test]
fn sessions_and_activity_say_how_somebody_came_in() {
    let site = Site::start();
    let ada = site.user("ada");
    let (authenticator, codes) = set_up(&site, &ada);
    let (client, _) = log_in(&site, &[("code", &authenticator.now(&site))]);
    assert!(client.get("/").says("Password + code"));
    let (client, _) = log_in(&site, &[("backup", &codes[0])]);
    let page = client.get("/account/activity");
    for words in [
        "Password + backup code",
        "Backup code used",
        "Two-step sign-in switched on",
    ] {
        assert!(page.says(words), "{words}");
    }
    site.create("bob", Role::User);
}
