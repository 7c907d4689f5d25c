//! Renders every sample of every page, checks what must hold for all of them, and leaves them in `target/pages/` to be
//! looked at.

use std::collections::HashSet;
use std::path::Path;

use askama::Template;

use crate::web::assets::Names;
use crate::web::views::admin::bans::{BanPage, BansPage, SimulatePage, ViolationsPage};
use crate::web::views::admin::invitations::{InvitationPage, InvitationsPage};
use crate::web::views::admin::{ClaimsPage, ExpectedPage, FlightPage, LetterPage, LettersPage, ProvidersPage};
use crate::web::views::admin::{
    GonePage, PersonAsk, PersonPage, SessionsEnd, SessionsEnding, SessionsPage, UsersChange, UsersDeleted, UsersImport,
    UsersJob, UsersNew, UsersPage,
};
use crate::web::views::{
    Accent, AccountPage, ActivityPage, AdminConfirm, ApiDocs, ApiKeysPage, AskLink, AuditPage, AuditVerified,
    BackupCodes, Connect, ConnectionsPage, DoctorPage, Enter, ErrorPage, GuestPage, Lang, Login, MailPage, NotMe,
    Onward, OverviewPage, Pairing, Register, ResetPassword, SecondStep, SettingsPage, Setup, StepUp, TwoFactorPage,
    Verify,
};

fn pages() -> Vec<(String, String)> {
    fn rendered<T: Template>(samples: Vec<(String, T)>) -> impl Iterator<Item = (String, String)> {
        samples.into_iter().map(|(name, page)| {
            let html = page.render().unwrap();
            (name, html)
        })
    }
    rendered(Login::samples())
        .chain(rendered(Register::samples()))
        .chain(rendered(Setup::samples()))
        .chain(rendered(AskLink::samples()))
        .chain(rendered(ResetPassword::samples()))
        .chain(rendered(Verify::samples()))
        .chain(rendered(AccountPage::samples()))
        .chain(rendered(ActivityPage::samples()))
        .chain(rendered(Enter::samples()))
        .chain(rendered(NotMe::samples()))
        .chain(rendered(SecondStep::samples()))
        .chain(rendered(Pairing::samples()))
        .chain(rendered(BackupCodes::samples()))
        .chain(rendered(TwoFactorPage::samples()))
        .chain(rendered(DoctorPage::samples()))
        .chain(rendered(ErrorPage::samples()))
        .chain(rendered(Connect::samples()))
        .chain(rendered(GuestPage::samples()))
        .chain(rendered(ApiKeysPage::samples()))
        .chain(rendered(Onward::samples()))
        .chain(rendered(ConnectionsPage::samples()))
        .chain(rendered(AdminConfirm::samples()))
        .chain(rendered(OverviewPage::samples()))
        .chain(rendered(StepUp::samples()))
        .chain(rendered(UsersPage::samples()))
        .chain(rendered(UsersChange::samples()))
        .chain(rendered(UsersJob::samples()))
        .chain(rendered(UsersDeleted::samples()))
        .chain(rendered(UsersNew::samples()))
        .chain(rendered(SessionsPage::samples()))
        .chain(rendered(SessionsEnd::samples()))
        .chain(rendered(SessionsEnding::samples()))
        .chain(rendered(PersonPage::samples()))
        .chain(rendered(PersonAsk::samples()))
        .chain(rendered(GonePage::samples()))
        .chain(rendered(AuditPage::samples()))
        .chain(rendered(AuditVerified::samples()))
        .chain(rendered(BansPage::samples()))
        .chain(rendered(BanPage::samples()))
        .chain(rendered(ViolationsPage::samples()))
        .chain(rendered(SimulatePage::samples()))
        .chain(rendered(InvitationsPage::samples()))
        .chain(rendered(InvitationPage::samples()))
        .chain(rendered(UsersImport::samples()))
        .chain(rendered(ApiDocs::samples()))
        .chain(rendered(MailPage::samples()))
        .chain(rendered(LettersPage::samples()))
        .chain(rendered(LetterPage::samples()))
        .chain(rendered(ProvidersPage::samples()))
        .chain(rendered(ExpectedPage::samples()))
        .chain(rendered(FlightPage::samples()))
        .chain(rendered(ClaimsPage::samples()))
        .chain(rendered(SettingsPage::samples()))
        .collect()
}

/// The start tags of a page, without the brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag)
}

fn is_element(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// What stands between the tags.
fn words(html: &str) -> String {
    // What is to be written into a configuration is the same in every language.
    html.split('<')
        .filter(|part| !part.starts_with("code>"))
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn samples_are_written_for_the_eye() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    let files = folder.join("static");
    std::fs::create_dir_all(&files).unwrap();
    for name in [
        Names::PLAIN.css,
        Names::PLAIN.js,
        Names::PLAIN.admin_css,
        Names::PLAIN.admin_js,
        Names::PLAIN.icon,
    ] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("static").join(&*name);
        std::fs::copy(source, files.join(&*name)).unwrap();
    }
    std::fs::write(files.join(&*Names::PLAIN.theme), Accent::default().stylesheet()).unwrap();
    for (name, html) in pages() {
        let html = html.replace("\"/static/", "\"static/");
        std::fs::write(folder.join(name).with_extension("html"), html).unwrap();
    }
}

#[test]
fn every_sample_has_its_own_name_in_every_language() {
    let names: Vec<String> = pages().into_iter().map(|(name, _)| name).collect();
    let distinct: HashSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    for lang in Lang::ALL {
        let count = names.iter().filter(|name| name.ends_with(lang.code())).count();
        assert_eq!(count * Lang::ALL.len(), names.len(), "{lang:?}");
    }
}

#[test]
fn every_form_that_posts_carries_the_csrf_value_and_stays_on_this_site() {
    for (name, html) in pages() {
        for form in html.split("<form").skip(1) {
            let (form, _) = form.split_once("</form>").unwrap();
            let posts = form.contains("method=\"post\"");
            assert!(
                posts || form.contains("method=\"get\""),
                "{name}: a form says not how it is sent"
            );
            // What only asks needs no proof, and must not put it into an address.
            assert_eq!(
                posts,
                form.contains("name=\"csrf\" value=\"sample-csrf-value\""),
                "{name}: {form}"
            );
            assert!(attribute(form, "action").unwrap().starts_with('/'), "{name}: {form}");
            assert!(
                form.contains("<button") && form.contains("type=\"submit\""),
                "{name}: {form}"
            );
        }
    }
}

#[test]
fn every_field_has_a_label_and_a_purpose() {
    for (name, html) in pages() {
        for tag in tags(&html).filter(|tag| is_element(tag, "input")) {
            if attribute(tag, "type") == Some("hidden") || tag.ends_with(" hidden") {
                continue;
            }
            let id = attribute(tag, "id").unwrap_or_else(|| panic!("{name}: {tag} has no id"));
            assert!(
                html.contains(&format!("<label for=\"{id}\">")),
                "{name}: no label for {id}"
            );
            let purpose = attribute(tag, "autocomplete").is_some() || attribute(tag, "type") == Some("checkbox");
            assert!(purpose, "{name}: {tag} has no autocomplete");
        }
    }
}

#[test]
fn no_page_needs_an_exception_from_the_content_security_policy() {
    for (name, html) in pages() {
        for tag in tags(&html) {
            assert!(!is_element(tag, "style"), "{name}: inline style sheet");
            assert!(
                !is_element(tag, "script") || tag.contains(" src=\"/static/"),
                "{name}: inline script"
            );
            // Values cannot hold a bare quotation mark, so whatever follows one and a blank is an attribute.
            for (index, part) in tag.split('"').enumerate().filter(|(index, _)| index % 2 == 0) {
                let part = part.trim_start();
                assert!(!part.starts_with("style="), "{name}: {tag}");
                assert!(index == 0 || !part.starts_with("on"), "{name}: {tag}");
            }
            for address in ["href", "src", "action"]
                .into_iter()
                .filter_map(|key| attribute(tag, key))
            {
                assert!(!address.to_ascii_lowercase().contains("javascript:"), "{name}: {tag}");
            }
        }
    }
}

#[test]
fn pages_say_their_language_and_have_a_title_and_one_heading() {
    for (name, html) in pages() {
        let code = name.rsplit('-').next().unwrap();
        assert!(html.starts_with("<!doctype html>\n<html lang=\""), "{name}");
        assert!(html.contains(&format!("<html lang=\"{code}\">")), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("aria-current=\"true\"").count(), 1, "{name}");
        let (_, title) = html.split_once("<title>").unwrap();
        assert!(!title.starts_with(" ·"), "{name}: empty title");
    }
}

#[test]
fn ids_are_unique_and_whatever_refers_to_one_finds_it() {
    for (name, html) in pages() {
        let mut seen = HashSet::new();
        for id in tags(&html).filter_map(|tag| attribute(tag, "id")) {
            assert!(seen.insert(id), "{name}: {id} twice");
        }
        for tag in tags(&html) {
            let local = attribute(tag, "href").and_then(|href| href.strip_prefix('#'));
            let described = ["aria-describedby", "aria-labelledby", "data-same-as", "for"];
            let refers = described.into_iter().filter_map(|key| attribute(tag, key)).chain(local);
            for id in refers.flat_map(str::split_whitespace) {
                assert!(seen.contains(id), "{name}: nothing has the id {id}");
            }
        }
    }
}

#[test]
fn at_most_one_thing_asks_for_the_focus_unless_three_forms_failed_at_once() {
    for (name, html) in pages()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("account-errors"))
    {
        assert!(html.matches(" autofocus").count() <= 1, "{name}");
    }
}

#[test]
fn what_was_typed_is_kept() {
    let pages = pages();
    for (name, field, value) in [
        ("login-wrong-en", "email", "ada@example.org"),
        ("login-closed-en", "redirect_to", "/c/new?a=1&#38;b=2"),
        ("register-errors-en", "name", "Al"),
        ("register-errors-en", "username", "ada"),
        ("register-errors-en", "email", "ada@example"),
        ("setup-errors-en", "name", "Ada Lovelace"),
        ("setup-errors-en", "token", "0123456789abcdef"),
        ("account-errors-en", "name", "Ad"),
    ] {
        let html = &pages.iter().find(|(page, _)| page == name).unwrap().1;
        let tag = tags(html).find(|tag| attribute(tag, "name") == Some(field)).unwrap();
        assert_eq!(attribute(tag, "value"), Some(value), "{name}: {field}");
    }
}

#[test]
fn passwords_are_never_filled_in() {
    for (name, html) in pages() {
        for tag in tags(&html).filter(|tag| attribute(tag, "type") == Some("password")) {
            assert_eq!(attribute(tag, "value"), None, "{name}");
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let kind = |name: &str| name.split('-').next().map(str::to_owned);
    let all = pages();
    let kinds: HashSet<_> = all.iter().map(|(name, _)| kind(name)).collect();
    let hostile: Vec<_> = all.into_iter().filter(|(name, _)| name.contains("hostile")).collect();
    let tried: HashSet<_> = hostile.iter().map(|(name, _)| kind(name)).collect();
    assert_eq!(tried, kinds, "every page has a hostile sample");
    for (name, html) in hostile {
        assert!(html.contains("&#60;img src=x onerror=alert(1)&#62;"), "{name}");
        assert!(!tags(&html).any(|tag| is_element(tag, "img")), "{name}");
        assert!(!html.contains("\"\">"), "{name}: a value was broken out of");
    }
}

#[test]
fn french_puts_a_narrow_space_before_double_punctuation() {
    for (name, html) in pages()
        .into_iter()
        .filter(|(name, _)| name.ends_with("fr") && !name.contains("hostile"))
    {
        let text = words(&html);
        let letters: Vec<char> = text.chars().collect();
        for (index, &letter) in letters
            .iter()
            .enumerate()
            .filter(|(_, letter)| "?!:;".contains(**letter))
        {
            let before = letters[index.saturating_sub(1)];
            let inside = letters.get(index + 1).is_some_and(|after| !after.is_whitespace());
            let entity = letter == ';' && text.contains("&#");
            let near: String = letters[index.saturating_sub(20)..index].iter().collect();
            assert!(before == '\u{202f}' || inside || entity, "{name}: …{near}{letter}");
        }
        assert!(!text.contains('\''), "{name}: typewriter apostrophe");
    }
}

#[test]
fn the_two_languages_share_no_sentence() {
    let pages = pages();
    let sentences = |html: &str| -> HashSet<String> {
        words(html)
            .lines()
            .map(str::trim)
            .filter(|line| line.split(' ').count() > 3)
            .map(str::to_owned)
            .collect()
    };
    for (name, html) in pages
        .iter()
        .filter(|(name, _)| name.ends_with("-en") && !name.contains("hostile"))
    {
        let twin = format!("{}-fr", name.trim_end_matches("-en"));
        let french = &pages.iter().find(|(name, _)| *name == twin).unwrap().1;
        let shared: Vec<_> = sentences(html).intersection(&sentences(french)).cloned().collect();
        assert!(shared.is_empty(), "{name}: {shared:?}");
    }
}
