//! Discord.

use serde_json::Value;

use super::questions::{Question, Questions};
use crate::domain::federation::claims::{Claims, flag, text};
use crate::domain::federation::social::Social;

pub(super) const DISCORD: Questions = Questions {
    social: Social::Discord,
    authorization: "https://discord.com/oauth2/authorize",
    token: "https://discord.com/api/oauth2/token",
    scope: "identify email",
    // Whoever agreed before is not asked again.
    more: &[("prompt", "none")],
    asks: &[Question {
        what: "Discord's page about the person",
        url: "https://discord.com/api/users/@me",
        may_be_refused: false,
    }],
    proves_token: false,
    profile,
};

fn profile(answers: &[Value]) -> Option<Claims> {
    let user = answers.first()?.as_object()?;
    let id = user.get("id")?.as_str().filter(|id| is_snowflake(id))?;
    let mut claims = Claims::new();
    claims.insert("sub".to_owned(), Value::String(id.to_owned()));
    for (claim, field) in [("username", "username"), ("name", "global_name"), ("email", "email")] {
        let value = text(user, field).map(Value::String);
        claims.extend(value.map(|value| (claim.to_owned(), value)));
    }
    claims.extend(flag(user, "verified").map(|is| ("email_verified".to_owned(), Value::Bool(is))));
    let picture = user
        .get("avatar")
        .and_then(Value::as_str)
        .and_then(|hash| picture(id, hash));
    claims.extend(picture.map(|url| ("picture".to_owned(), Value::String(url))));
    Some(claims)
}

/// Ids are numbers of 64 bits, written out.
fn is_snowflake(id: &str) -> bool {
    id.parse::<u64>()
        .is_ok_and(|number| number > 0 && number.to_string() == id)
}

/// Where the picture is; those that move are GIFs. Nobody needs the picture that Discord shows for people without one.
fn picture(id: &str, hash: &str) -> Option<String> {
    let is_plain = !hash.is_empty() && hash.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let extension = if hash.starts_with("a_") { "gif" } else { "png" };
    is_plain.then(|| format!("https://cdn.discordapp.com/avatars/{id}/{hash}.{extension}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(user: Value) -> Option<Value> {
        profile(&[user]).map(Value::Object)
    }

    #[test]
    fn an_address_is_proved_only_where_discord_says_so() {
        for (said, expected) in [
            (json!(true), Some(json!(true))),
            (json!(false), Some(json!(false))),
            (json!(null), None),
            (json!(1), None),
        ] {
            let claims = read(json!({ "id": "80351110224678912", "email": "ada@example.org", "verified": said }));
            assert_eq!(claims.expect("a person").get("email_verified").cloned(), expected);
        }
        let claims = read(json!({ "id": "80351110224678912", "username": "ada", "email": null, "avatar": null }));
        assert_eq!(claims, Some(json!({ "sub": "80351110224678912", "username": "ada" })));
    }

    #[test]
    fn pictures_that_move_are_gifs_and_odd_ones_are_none() {
        let of =
            |hash: &str| read(json!({ "id": "1", "avatar": hash })).and_then(|claims| claims.get("picture").cloned());
        assert_eq!(of("ab12"), Some(json!("https://cdn.discordapp.com/avatars/1/ab12.png")));
        assert_eq!(of("a_12"), Some(json!("https://cdn.discordapp.com/avatars/1/a_12.gif")));
        for odd in ["", "../x", "a?b", "a/b", "ä"] {
            assert_eq!(of(odd), None, "{odd}");
        }
    }

    #[test]
    fn nobody_is_known_by_anything_but_a_snowflake() {
        for id in [
            json!(null),
            json!(1),
            json!(""),
            json!("0"),
            json!("01"),
            json!("x"),
            json!("1/2"),
            json!("+1"),
        ] {
            assert_eq!(read(json!({ "id": id })), None);
        }
    }
}
