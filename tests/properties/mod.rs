//! What holds for every input, tried on inputs nobody would write down.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use librechat_auth::cache::limits::Limiter;
use librechat_auth::config::Limit;
use librechat_auth::crypto::signer::Signer;
use librechat_auth::domain::account::AccountKey;
use librechat_auth::domain::claims::{AccessClaims, RefreshClaims, TokenError};
use librechat_auth::domain::ids::{SessionId, UserId};
use librechat_auth::domain::moderation::network::Network;
use librechat_auth::domain::name::{parse_display_name, parse_username};
use librechat_auth::domain::password;
use librechat_auth::domain::redirect::LocalPath;
use librechat_auth::domain::refusal::LimitedAction;
use librechat_auth::domain::rotation::{Rotation, Spans, judge};
use librechat_auth::domain::secret::{Secret, TokenDigest};
use librechat_auth::domain::session::{Origin, Session};
use librechat_auth::domain::time::Timestamp;
use proptest::prelude::*;
use url::Url;

/// Texts made of what matters in a URL, more often than plain chance would.
fn url_like() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("/".to_owned()),
        Just("\\".to_owned()),
        Just("%2f".to_owned()),
        Just("%5C".to_owned()),
        Just("%25".to_owned()),
        Just("%2e".to_owned()),
        Just(".".to_owned()),
        Just("..".to_owned()),
        Just("@".to_owned()),
        Just(":".to_owned()),
        Just("?".to_owned()),
        Just("#".to_owned()),
        Just("\t".to_owned()),
        Just("\r\n".to_owned()),
        Just("https:".to_owned()),
        Just("javascript:".to_owned()),
        Just("evil.example".to_owned()),
        "\\PC{1,3}",
    ];
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

/// Failures are printed and not written beside the source: what a property taught belongs into a test with a name.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn signer() -> Signer {
    Signer::new(&Secret::new("one secret"), &Secret::new("another secret"))
}

fn user_id() -> impl Strategy<Value = UserId> {
    any::<[u8; 8]>().prop_map(|random| UserId::new(Timestamp::from_seconds(1_700_000_000), random))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn redirects_stay_local(text in url_like(), slash in any::<bool>()) {
        let text = if slash { format!("/{text}") } else { text };
        if let Some(path) = LocalPath::parse(&text) {
            let path = path.as_str();
            prop_assert!(path.starts_with('/') && !path.starts_with("//"));
            prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'));
            let page = Url::parse("https://our.example/login?redirect_to=x").expect("a URL");
            let target = page.join(path).expect("a URL");
            prop_assert_eq!(target.origin(), page.origin());
            prop_assert!(target.username().is_empty() && target.password().is_none());
        }
    }

    #[test]
    fn an_accepted_redirect_is_accepted_again_unchanged(text in url_like()) {
        if let Some(path) = LocalPath::parse(&format!("/{text}")) {
            prop_assert_eq!(LocalPath::parse(path.as_str()), Some(path));
        }
    }

    #[test]
    fn access_tokens_say_what_was_signed(
        id in user_id(), text in any::<[String; 3]>(), session in 0..i64::MAX, issued in 0..4_000_000_000_i64
    ) {
        let [username, provider, email] = text;
        let issued_at = Timestamp::from_seconds(issued);
        let claims = AccessClaims {
            id, username, provider, email, issued_at,
            session: SessionId::from_row(session),
            expires_at: issued_at.after(Duration::from_secs(1)),
        };
        let token = signer().access(&claims);
        prop_assert_eq!(signer().read_access(&token, issued_at), Ok(claims));
        prop_assert_eq!(signer().read_access(&token, issued_at.after(Duration::from_secs(1))), Err(TokenError::Expired));
    }

    #[test]
    fn refresh_tokens_say_what_was_signed(id in user_id(), unique in any::<String>(), session in 0..i64::MAX) {
        let claims = RefreshClaims {
            id, unique,
            session: SessionId::from_row(session),
            issued_at: Timestamp::from_seconds(1),
            expires_at: Timestamp::from_seconds(2),
        };
        let token = signer().refresh(&claims);
        prop_assert_eq!(signer().read_refresh(&token, Timestamp::from_seconds(1)), Ok(claims));
    }

    #[test]
    fn texts_nobody_signed_are_refused(text in "\\PC*", parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..5)) {
        for text in [text, parts.join(".")] {
            prop_assert!(signer().read_access(&text, Timestamp::from_seconds(0)).is_err());
            prop_assert!(signer().read_refresh(&text, Timestamp::from_seconds(0)).is_err());
        }
    }

    #[test]
    fn limits_count_as_the_definition_does(
        max in 0..4_u32, requests in prop::collection::vec((0..3_u8, 0..90_i64), 1..60)
    ) {
        let (limiter, limit) = (Limiter::new(), Limit { max: Some(max), window_minutes: 1.0 });
        let mut windows: HashMap<u8, (i64, u32)> = HashMap::new();
        let mut second = 1_000_000;
        for (client, pause) in requests {
            second += pause;
            let (start, count) = windows.entry(client).or_insert((second, 0));
            if second >= *start + 60 {
                (*start, *count) = (second, 0);
            }
            *count += 1;
            let now = Timestamp::from_seconds(second);
            let taken = limiter.take(LimitedAction::Login, &client.to_string(), limit, now);
            prop_assert_eq!(taken.allowed, *count <= max);
            prop_assert_eq!(taken.remaining, max.saturating_sub(*count));
            prop_assert_eq!(taken.reset, Timestamp::from_seconds(*start + 60));
        }
    }

    #[test]
    fn addresses_of_one_network_share_a_limit_and_others_do_not(a in any::<[u16; 8]>(), b in any::<[u16; 8]>()) {
        let one = IpAddr::from(a);
        let mut neighbour = b;
        neighbour[..4].copy_from_slice(&a[..4]);
        if a[..4] != [0; 4] {
            prop_assert_eq!(Network::of_client(one), Network::of_client(IpAddr::from(neighbour)));
        }
        if a[..4] != b[..4] {
            prop_assert_ne!(Network::of_client(one), Network::of_client(IpAddr::from(b)));
        }
    }

    #[test]
    fn accepted_names_are_kept_and_hide_nothing(text in "\\PC{0,90}|(?s).{0,90}") {
        if let Ok(name) = parse_display_name(&text) {
            prop_assert_eq!(&name, &text);
            prop_assert!((3..=80).contains(&name.encode_utf16().count()) && !name.contains(char::is_control));
        }
        if let Ok(Some(name)) = parse_username(Some(&text)) {
            prop_assert_eq!(&name, &text);
            let is_harmless = !name.contains(['<', '>', '\'', '{', '/', ';']) && !name.contains(char::is_control);
            prop_assert!(is_harmless);
        }
    }

    #[test]
    fn at_most_one_predecessor_is_ever_honoured(
        grace in 0..60_u64, steps in prop::collection::vec((0..40_i64, 0..5_u8), 1..40)
    ) {
        let spans = Spans { grace: Duration::from_secs(grace), idle: Duration::from_hours(24) };
        let (mut session, mut newest, mut second) = (first_session(), 0_u8, 0_i64);
        for (pause, age) in steps {
            second += pause;
            let now = Timestamp::from_seconds(second);
            let age = age.min(newest);
            match judge(&session, digest(newest - age), now, spans) {
                Rotation::Rotate => {
                    prop_assert_eq!(age, 0);
                    session.previous_refresh = Some(session.refresh);
                    newest += 1;
                    (session.refresh, session.rotated_at) = (digest(newest), now);
                }
                Rotation::Keep => prop_assert_eq!(age, 0),
                Rotation::Reissue => prop_assert!(age == 1 && now.since(session.rotated_at) < spans.grace),
                Rotation::Reuse => prop_assert!(age >= 1),
                Rotation::Expired => prop_assert!(false, "the session lives"),
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn any_text_can_be_judged_as_a_password_and_the_judgement_stands(text in "\\PC{0,140}|(?s).{0,40}|[@({\\[<!|$+%0-9a-z]{0,30}") {
        let length = text.encode_utf16().count();
        let is_blank = text.trim().is_empty();
        if !is_blank && !text.contains('\u{feff}') {
            prop_assert_eq!(password::issues("password", &text, 8).is_empty(), (8..=128).contains(&length));
        }
        let context = [text.as_str(), "Ada Lovelace"];
        prop_assert_eq!(password::is_common(&text, &context), password::is_common(&text, &context));
    }

    #[test]
    fn what_is_known_about_a_person_is_no_password(known in "[a-z0-9]{3,24}", upper in any::<bool>()) {
        let password = if upper { known.to_uppercase() } else { known.clone() };
        prop_assert!(password::is_common(&password, &[&known]));
    }
}

fn digest(n: u8) -> TokenDigest {
    TokenDigest::of(&[n])
}

fn first_session() -> Session {
    Session {
        id: SessionId::from_row(1),
        account: AccountKey::from_row(1),
        refresh: digest(0),
        previous_refresh: None,
        rotated_at: Timestamp::from_seconds(0),
        page: digest(u8::MAX),
        method: "password".into(),
        origin: Origin::default(),
        created_at: Timestamp::from_seconds(0),
        last_used_at: Timestamp::from_seconds(0),
        expires_at: Timestamp::from_seconds(1_000_000),
        proved_at: Timestamp::from_seconds(0),
        confirmed_at: None,
    }
}
