//! Answers to a redeemed code as they really come, made into what the standard says (RFC 6749 §5.1, §5.2): GitHub writes
//! them as a form and says with status 200 that something is wrong, Facebook puts an object where the error's code belongs.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::outgoing::Reply;

/// The same answer by the standard; one that is beyond help stays as it is.
pub fn put_right(reply: Reply) -> Reply {
    let Some(mut body) = object(&reply) else {
        return reply;
    };
    let mut status = reply.status;
    if let Some(error) = body.get("error").cloned() {
        if let Value::Object(error) = error {
            body = flat(&error);
        }
        if status.is_success() {
            status = StatusCode::BAD_REQUEST;
        }
    }
    let mut headers = reply.headers;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Reply {
        status,
        headers,
        body: Value::Object(body).to_string().into_bytes(),
    }
}

fn object(reply: &Reply) -> Option<Map<String, Value>> {
    let kind = reply.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let fields = form_urlencoded::parse(&reply.body);
        return Some(
            fields
                .map(|(name, value)| (name.to_string(), field(&name, &value)))
                .collect(),
        );
    }
    match serde_json::from_slice(&reply.body).ok()? {
        Value::Object(body) => Some(body),
        _ => None,
    }
}

fn field(name: &str, value: &str) -> Value {
    match value.parse::<u64>() {
        Ok(seconds) if name == "expires_in" => seconds.into(),
        _ => value.into(),
    }
}

/// An error's kind and message, with the standard's names.
fn flat(error: &Map<String, Value>) -> Map<String, Value> {
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    let kind = text("type").unwrap_or("invalid_request").to_owned();
    let message = text("message").unwrap_or_default().to_owned();
    Map::from_iter([
        ("error".to_owned(), Value::String(kind)),
        ("error_description".to_owned(), Value::String(message)),
    ])
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn read(status: u16, kind: &'static str, body: &str) -> (u16, String) {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let reply = put_right(Reply {
            status: StatusCode::from_u16(status).expect("a status"),
            headers,
            body: body.as_bytes().to_vec(),
        });
        (reply.status.as_u16(), String::from_utf8(reply.body).expect("text"))
    }

    #[test]
    fn a_form_is_read() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        let (status, body) = read(
            200,
            form,
            "access_token=gho_1&scope=user%3Aemail&token_type=bearer&expires_in=60",
        );
        let expected =
            json!({ "access_token": "gho_1", "scope": "user:email", "token_type": "bearer", "expires_in": 60 });
        assert_eq!((status, serde_json::from_str(&body).ok()), (200, Some(expected)));
        let (status, body) = read(200, form, "error=bad_verification_code&error_description=The+code");
        let expected = json!({ "error": "bad_verification_code", "error_description": "The code" });
        assert_eq!((status, serde_json::from_str(&body).ok()), (400, Some(expected)));
    }

    #[test]
    fn an_error_is_one_whatever_the_status_and_the_shape() {
        let json = "application/json";
        assert_eq!(read(200, json, r#"{"error":"x"}"#).0, 400);
        assert_eq!(read(401, json, r#"{"error":"x"}"#).0, 401);
        let (status, body) = read(
            400,
            json,
            r#"{"error":{"type":"OAuthException","message":"Used","code":100}}"#,
        );
        let expected = json!({ "error": "OAuthException", "error_description": "Used" });
        assert_eq!((status, serde_json::from_str(&body).ok()), (400, Some(expected)));
        assert!(read(200, json, r#"{"error":{}}"#).1.contains("invalid_request"));
    }

    #[test]
    fn nonsense_stays_what_it_is() {
        for body in ["", "<html>", "[]", "\"text\"", "null"] {
            assert_eq!(read(200, "text/html", body), (200, body.to_owned()));
        }
    }
}
