//! A browser for tests: keeps cookies, follows no redirect, takes every status as an answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Request, request};

/// A browser. Clones share the cookies, like tabs do.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    jar: Arc<Mutex<Vec<(String, String)>>>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(30)))
            .user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .build();
        Self {
            agent: config.into(),
            url: format!("http://{address}"),
            jar: Arc::default(),
        }
    }

    /// The same cookies at another address, as after a restart.
    pub fn moved_to(&self, address: SocketAddr) -> Self {
        let moved = Self::new(address);
        moved.cookies().clone_from(&self.cookies());
        moved
    }

    /// Another browser with a copy of the cookies: what a thief has.
    pub fn copy(&self) -> Self {
        Self {
            jar: Arc::new(Mutex::new(self.cookies().clone())),
            ..self.clone()
        }
    }

    fn cookies(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.jar.lock().expect("no test panics here")
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies();
        let found = cookies.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.forget(name);
        self.cookies().push((name.to_owned(), value.to_owned()));
    }

    pub fn forget(&self, name: &str) {
        self.cookies().retain(|(key, _)| key != name);
    }

    pub fn request(&self, method: &str, path: &str) -> Ask<'_> {
        Ask {
            client: self,
            request: Request::builder().method(method).uri(format!("{}{path}", self.url)),
            body: None,
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    /// Posts a form without the hidden field.
    pub fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.request("POST", path).form(fields).send()
    }

    /// Opens a page, fills in the form that posts to `action`, and sends it.
    pub fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.get(page).csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(action, &all)
    }
}

/// A request that is not sent yet.
pub struct Ask<'c> {
    client: &'c Client,
    request: request::Builder,
    body: Option<Vec<u8>>,
}

impl Ask<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn body(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self.header("content-type", content_type)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    pub fn send(self) -> Answer {
        let Self { client, request, body } = self;
        let cookies: Vec<String> = client
            .cookies()
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let request = if cookies.is_empty() {
            request
        } else {
            request.header("cookie", cookies.join("; "))
        };
        let outcome = match body {
            Some(body) => client.agent.run(request.body(body).expect("a request")),
            None => client.agent.run(request.body(()).expect("a request")),
        };
        let mut response = outcome.expect("an answer");
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_vec().expect("a body"),
        };
        for set in answer.cookies() {
            if set.removes() {
                client.forget(&set.name);
            } else {
                client.set_cookie(&set.name, &set.value);
            }
        }
        answer
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: no JSON: {}", self.status, self.text()))
    }

    /// Status and `message` of a JSON answer.
    pub fn message(&self) -> (u16, String) {
        let body = self.json();
        let message = body["message"].as_str().unwrap_or_else(|| panic!("no message: {body}"));
        (self.status, message.to_owned())
    }

    pub fn cookies(&self) -> Vec<SetCookie> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines
            .map(|line| SetCookie::parse(line.to_str().expect("ASCII")))
            .collect()
    }

    pub fn cookie(&self, name: &str) -> Option<SetCookie> {
        self.cookies().into_iter().find(|cookie| cookie.name == name)
    }

    /// Status and target of a redirect.
    pub fn location(&self) -> (u16, &str) {
        (self.status, self.header("location").unwrap_or("nowhere"))
    }

    /// The hidden field that makes a form ours.
    pub fn csrf(&self) -> String {
        self.value_of("csrf").expect("a page with a form")
    }

    /// The same, or nothing where no form is.
    pub fn csrf_if_any(&self) -> String {
        self.value_of("csrf").unwrap_or_default()
    }

    /// The value of the first input of that name on the page.
    pub fn value_of(&self, name: &str) -> Option<String> {
        let (_, rest) = self.text().split_once(&format!("name=\"{name}\""))?;
        let (tag, _) = rest.split_once('>')?;
        let (_, value) = tag.split_once("value=\"")?;
        value.split('"').next().map(str::to_owned)
    }

    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }
}

/// A `Set-Cookie` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    pub name: String,
    pub value: String,
    /// Everything after the value, sorted.
    pub attributes: Vec<String>,
}

impl SetCookie {
    fn parse(line: &str) -> Self {
        let mut parts = line.split("; ");
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("name=value");
        let mut attributes: Vec<String> = parts.map(str::to_owned).collect();
        attributes.sort();
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            attributes,
        }
    }

    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|one| one == attribute)
    }

    pub fn removes(&self) -> bool {
        self.value.is_empty() && self.has("Max-Age=0")
    }
}
