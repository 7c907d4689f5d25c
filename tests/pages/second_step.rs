//! `/login/2fa`: the code, after the password.

use std::time::Duration;

use librechat_auth::config::Config;
use librechat_auth::domain::account::Role;
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, Person, Site, days, just_under, minutes, seconds, with_mail};
use crate::two_factor::kit::{Enrolled, enrol, enrolled, first_step};

fn trusting(config: &mut Config) {
    config.two_factor.trust_device = days(30);
}

/// Sends the login form.
fn password(client: &Client, name: &str) -> Answer {
    let email = format!("{name}@example.org");
    client.submit("/login", "/login", &[("email", &email), ("password", PASSWORD)])
}

/// Sends the form with the code.
fn code(client: &Client, fields: &[(&str, &str)]) -> Answer {
    client.submit("/login/2fa", "/login/2fa", fields)
}

fn is_in(client: &Client) -> bool {
    client.get("/").status == 200
}

#[test]
fn the_password_leads_to_the_code_and_opens_nothing() {
    let site = Site::start();
    enrolled(&site, "ada");
    let client = site.client();
    let answer = password(&client, "ada");
    assert_eq!(answer.location(), (303, "/login/2fa"), "no ticket in the address");
    let ticket = answer.cookie("librechat_auth_step").expect("a ticket");
    for attribute in ["HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"] {
        assert!(ticket.has(attribute), "{attribute}: {ticket:?}");
    }
    assert_eq!(answer.cookies().len(), 1, "and nothing else");
    let page = client.get("/login/2fa");
    assert_eq!(page.status, 200);
    assert!(page.says("inputmode=\"numeric\" autocomplete=\"one-time-code\""));
    assert!(!page.says(&ticket.value), "the page does not know the ticket");
    assert!(!is_in(&client));
}

#[test]
fn the_code_signs_in_and_goes_where_one_was_going() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let fields = [
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("redirect_to", "/c/new?a=1"),
    ];
    let next = client.submit("/login", "/login", &fields);
    assert_eq!(next.location(), (303, "/login/2fa?redirect_to=%2Fc%2Fnew%3Fa%3D1"));
    let page = client.get(next.location().1);
    assert_eq!(page.value_of("redirect_to").as_deref(), Some("/c/new?a=1"));
    assert!(page.says("/login/2fa?with=backup&#38;redirect_to=%2Fc%2Fnew%3Fa%3D1"));
    let now = ada.authenticator.now(&site);
    let answer = code(&client, &[("code", &now), ("redirect_to", "/c/new?a=1")]);
    assert_eq!(answer.location(), (303, "/c/new?a=1"));
    assert!(answer.cookie("librechat_auth_step").unwrap().removes());
    assert!(answer.cookie("refreshToken").is_some() && is_in(&client));
}

#[test]
fn nobody_is_sent_elsewhere() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    let now = ada.authenticator.now(&site);
    let answer = code(&client, &[("code", &now), ("redirect_to", "//evil.example")]);
    assert_eq!(answer.location(), (303, "/"));
}

#[test]
fn a_wrong_code_is_explained_and_another_one_can_be_tried() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    for wrong in [ada.authenticator.wrong(&site).as_str(), "12", "abcdef"] {
        let page = code(&client, &[("code", wrong)]);
        assert_eq!(page.status, 400, "{wrong}");
        assert!(page.says("This code is wrong or was used already. Wait until your app shows the next one"));
        assert!(page.says("aria-invalid=\"true\""), "{wrong}");
        assert!(!page.says(&format!("value=\"{wrong}\"")), "{wrong}");
    }
    let page = code(&client, &[("code", " ")]);
    assert!(page.status == 400 && page.says("Please enter a code."));
    assert!(!is_in(&client));
    let now = ada.authenticator.now(&site);
    let spaced = format!("{} {}", &now[..3], &now[3..]);
    assert_eq!(code(&client, &[("code", &spaced)]).location(), (303, "/"));
}

#[test]
fn a_code_that_was_used_is_wrong() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let now = ada.authenticator.now(&site);
    let (first, second) = (site.client(), site.client());
    password(&first, "ada");
    password(&second, "ada");
    assert_eq!(code(&first, &[("code", &now)]).status, 303);
    let page = code(&second, &[("code", &now)]);
    assert!(page.status == 400 && page.says("was used already"));
    assert!(!is_in(&second));
}

#[test]
fn a_backup_code_is_asked_for_on_request_and_works_once() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    let page = client.get("/login/2fa?with=backup");
    assert!(page.says("name=\"backup\"") && !page.says("name=\"code\""));
    let typed = ada.codes[0].to_uppercase();
    assert_eq!(code(&client, &[("backup", &typed)]).location(), (303, "/"));
    let again = site.client();
    password(&again, "ada");
    let page = code(&again, &[("backup", &ada.codes[0])]);
    assert!(page.status == 400 && page.says("This backup code is wrong or was used already."));
    assert!(page.says("name=\"backup\""), "still that form");
}

#[test]
fn without_a_ticket_the_login_starts_again() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let lost = client.get("/login/2fa?redirect_to=%2Fc");
    assert_eq!(lost.location(), (303, "/login?notice=step_expired&redirect_to=%2Fc"));
    assert!(
        client
            .get("/login?notice=step_expired")
            .says("That took too long. Please sign in again.")
    );
    let sent = client.submit("/login", "/login/2fa", &[("code", &ada.authenticator.now(&site))]);
    assert_eq!(sent.location(), (303, "/login?notice=step_expired"));
}

#[test]
fn a_ticket_is_good_for_five_minutes() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let (early, late) = (site.client(), site.client());
    password(&early, "ada");
    password(&late, "ada");
    site.clock.advance(just_under(minutes(5)));
    assert_eq!(code(&early, &[("code", &ada.authenticator.now(&site))]).status, 303);
    let csrf = late.get("/login/2fa").csrf();
    site.clock.advance(seconds(31));
    assert_eq!(late.get("/login/2fa").location(), (303, "/login?notice=step_expired"));
    password(&late, "ada");
    site.clock.advance(minutes(6));
    let now = ada.authenticator.now(&site);
    let answer = late.post_bare("/login/2fa", &[("csrf", &csrf), ("code", &now)]);
    assert_eq!(answer.location(), (303, "/login?notice=step_expired"));
    assert!(answer.cookie("librechat_auth_step").unwrap().removes());
}

#[test]
fn a_ticket_opens_this_page_and_no_other() {
    let site = Site::start();
    enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    let ticket = client.cookie("librechat_auth_step").expect("a ticket");
    assert_eq!(client.get("/login/2fa/setup").location().0, 303);
    for (path, to) in [
        ("/", "/login"),
        ("/account/activity", "/login"),
        ("/account/two-factor", "/login"),
        ("/account/two-factor/setup", "/login"),
    ] {
        let stranger = site.client();
        for cookie in [
            "librechat_auth_step",
            "librechat_auth",
            "refreshToken",
            "librechat_auth_trust",
        ] {
            stranger.set_cookie(cookie, &ticket);
        }
        let answer = stranger.get(path);
        let (status, target) = answer.location();
        assert!(status == 303 && target.starts_with(to), "{path}: {target}");
    }
    let stolen = site.client();
    stolen.set_cookie("refreshToken", &ticket);
    assert_ne!(stolen.post("/api/auth/refresh", &json!({})).status, 200);
    let bearer = site.client().request("GET", "/api/user").bearer(&ticket).send();
    assert_eq!(bearer.status, 401);
}

#[test]
fn forms_of_other_sites_are_refused_and_stale_ones_asked_again() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    let now = ada.authenticator.now(&site);
    let stale = client.post_bare("/login/2fa", &[("csrf", "AAAA"), ("code", &now)]);
    assert!(stale.status == 400 && stale.says("This form was open for too long."));
    let csrf = client.get("/login/2fa").csrf();
    let foreign = client
        .request("POST", "/login/2fa")
        .header("origin", "https://evil.example")
        .form(&[("csrf", &csrf), ("code", &now)])
        .send();
    assert_eq!(foreign.status, 403);
    assert!(!is_in(&client));
    assert_eq!(code(&client, &[("code", &now)]).status, 303, "the code was not used up");
}

#[test]
fn too_many_wrong_codes_have_to_wait() {
    let site = Site::with(|config| config.limits.two_factor.max = Some(3));
    let ada = enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    let wrong = ada.authenticator.wrong(&site);
    for _ in 0..3 {
        assert_eq!(code(&client, &[("code", &wrong)]).status, 400);
    }
    let page = code(&client, &[("code", &ada.authenticator.now(&site))]);
    assert_eq!(page.status, 429);
    assert!(page.says("Too many wrong codes. Please try again in") && page.header("retry-after").is_some());
    assert!(!is_in(&client));
}

#[test]
fn changing_the_language_loses_nothing() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    assert!(
        client
            .get("/login/2fa?with=backup&lang=fr")
            .says("Saisissez votre code")
    );
    let page = code(&client, &[("code", &ada.authenticator.wrong(&site))]);
    assert!(page.says("Ce code est erroné ou a déjà servi."));
    assert_eq!(code(&client, &[("code", &ada.authenticator.now(&site))]).status, 303);
}

#[test]
fn the_session_held_before_ends_with_the_login_and_not_earlier() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let bob = site.user("bob");
    let browser = bob.client.clone();
    browser.get("/login");
    let csrf = browser.get("/").csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
    ];
    let copy = bob.client.copy();
    browser.post_bare("/login", &fields);
    assert!(is_in(&copy), "half a login ends nothing");
    code(&browser, &[("code", &ada.authenticator.now(&site))]);
    assert!(!is_in(&copy), "one session in a browser");
    assert!(browser.get("/").says("ada example"));
}

#[test]
fn trust_is_offered_where_it_is_allowed() {
    let site = Site::with(|config| config.two_factor.trust_device = Duration::ZERO);
    enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    assert!(!client.get("/login/2fa").says("name=\"trust\""));
    let site = Site::with(trusting);
    enrolled(&site, "ada");
    let client = site.client();
    password(&client, "ada");
    assert!(
        client
            .get("/login/2fa")
            .says("Do not ask for a code on this device for 30 days")
    );
}

/// Somebody whose browser is trusted, signed out.
fn trusted(site: &Site) -> (Enrolled, Client) {
    let ada = enrolled(site, "ada");
    let client = site.client();
    password(&client, "ada");
    let now = ada.authenticator.now(site);
    let answer = code(&client, &[("code", &now), ("trust", "on")]);
    assert_eq!(answer.location(), (303, "/"));
    assert!(answer.cookie("librechat_auth_trust").unwrap().has("HttpOnly"));
    client.submit("/", "/logout", &[]);
    site.clock.advance(seconds(30));
    (ada, client)
}

#[test]
fn a_trusted_device_is_not_asked_until_the_trust_ends() {
    let site = Site::with(trusting);
    let (_, client) = trusted(&site);
    assert_eq!(password(&client, "ada").location(), (303, "/"));
    assert!(client.get("/").says("One trusted device is not asked for a code."));
    client.submit("/", "/logout", &[]);
    assert_eq!(
        password(&site.client(), "ada").location(),
        (303, "/login/2fa"),
        "others are"
    );
    site.clock.advance(days(30));
    assert_eq!(password(&client, "ada").location(), (303, "/login/2fa"));
}

#[test]
fn trust_that_was_taken_back_is_gone() {
    let site = Site::with(trusting);
    let (_, client) = trusted(&site);
    password(&client, "ada");
    let page = client.get("/account/two-factor");
    assert!(page.says("Trusted devices") && page.says("Firefox on Linux"));
    let id = page.value_of("id").expect("a number");
    let stranger = site.user("bob");
    let foreign = [("id", id.as_str())];
    let taken = stranger
        .client
        .submit("/account/two-factor", "/account/two-factor/distrust", &foreign);
    assert_eq!(taken.status, 303);
    assert!(
        client.get("/account/two-factor").value_of("id").is_some(),
        "it is not Bob’s"
    );
    let answer = client.submit("/account/two-factor", "/account/two-factor/distrust", &foreign);
    assert_eq!(answer.location(), (303, "/account/two-factor?done=distrusted"));
    client.submit("/", "/logout", &[]);
    assert_eq!(password(&client, "ada").location(), (303, "/login/2fa"));
}

#[test]
fn all_trust_can_be_taken_back_at_once() {
    let site = Site::with(trusting);
    let (_, client) = trusted(&site);
    password(&client, "ada");
    let answer = client.submit("/account/two-factor", "/account/two-factor/distrust-all", &[]);
    assert_eq!(
        answer.location(),
        (303, "/account/two-factor?done=distrusted_all&count=1")
    );
    let page = client.get(answer.location().1);
    assert!(page.says("Every device will be asked for a code again.") && page.says("There are none."));
    client.submit("/", "/logout", &[]);
    assert_eq!(password(&client, "ada").location(), (303, "/login/2fa"));
}

#[test]
fn a_new_password_takes_trust_back() {
    let site = Site::with(trusting);
    let (_, client) = trusted(&site);
    password(&client, "ada");
    let new = "eleven wooden ladders";
    let fields = [
        ("current_password", PASSWORD),
        ("password", new),
        ("confirm_password", new),
    ];
    assert_eq!(client.submit("/", "/account/password", &fields).status, 303);
    client.submit("/", "/logout", &[]);
    let fields = [("email", "ada@example.org"), ("password", new)];
    let again = client.submit("/login", "/login", &fields);
    assert_eq!(again.location(), (303, "/login/2fa"));
}

#[test]
fn disowning_something_takes_trust_back() {
    let site = Site::with(|config| {
        trusting(config);
        with_mail(config);
    });
    let ada = enrol(&site, {
        site.create("ada", Role::User);
        Person::log_in(&site, "ada")
    });
    let client = site.client();
    password(&client, "ada");
    code(&client, &[("code", &ada.authenticator.now(&site)), ("trust", "on")]);
    let link = site.letter("new_device", "ada").link_to("/not-me");
    let token = link.split_once("token=").expect("a token").1.to_owned();
    assert_eq!(site.client().submit(&link, "/not-me", &[("token", &token)]).status, 303);
    let account = site.account("ada").expect("an account");
    assert!(
        site.run(site.app.trusted_devices(account.key))
            .expect("a list")
            .is_empty()
    );
    assert!(account.two_factor_at.is_some(), "the second factor stays");
    assert_eq!(client.get("/").status, 303);
}

#[test]
fn a_ticket_of_the_api_is_a_ticket_of_the_page() {
    let site = Site::start();
    let ada = enrolled(&site, "ada");
    let client = site.client();
    let ticket = first_step(&client, "ada");
    client.set_cookie("librechat_auth_step", &ticket);
    assert_eq!(code(&client, &[("code", &ada.authenticator.now(&site))]).status, 303);
    Person::register(&site, "bob");
}
