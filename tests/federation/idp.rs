//! A small OpenID provider of our own, in this process: it follows the protocol until a test makes it misbehave, which no
//! real one can be made to do.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::support::START;

/// The client that the provider knows.
pub const CLIENT_ID: &str = "our client";
pub const CLIENT_SECRET: &str = "s3cret & more";

/// An ID token before it is signed.
pub struct Draft {
    pub header: Value,
    pub claims: Value,
    pub signature: Signature,
}

/// How an ID token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// With the key that is published.
    Good,
    /// With another key.
    Foreign,
    /// Not at all.
    None,
    /// With HMAC, by somebody who knows only the public key.
    PublicKeyAsSecret,
    /// With HMAC and the client's secret.
    ClientSecret,
}

type Forge = Box<dyn Fn(&mut Draft) + Send>;
type Answer = (u16, &'static str, String);

/// What the provider knows and how it behaves.
pub struct State {
    key: Key,
    retired: Vec<Key>,
    codes: HashMap<String, Code>,
    /// What userinfo says; `None` for the claims of the ID token.
    pub userinfo: Option<Value>,
    pub claims_in_id_token: bool,
    /// Claims of the access token; `None` for one that nobody can read.
    pub access: Option<Value>,
    /// Whether refresh tokens are given.
    pub gives_refresh: bool,
    /// Whether our secret is taken in the form only.
    pub secret_in_form_only: bool,
    refresh: HashMap<String, Value>,
    issued: usize,
    pub description: Box<dyn Fn(&mut Value) + Send>,
    forge: Forge,
    /// Answers that are given instead of the proper ones, by path.
    pub instead: HashMap<&'static str, Answer>,
    /// Every request so far.
    pub log: Vec<Request>,
    /// Seconds since the epoch.
    pub now: i64,
}

struct Code {
    person: Value,
    redirect_uri: String,
    challenge: String,
    nonce: String,
}

struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    fn new(kid: &str) -> Self {
        Self {
            kid: kid.to_owned(),
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
        }
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        })
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.pair.sign(&SystemRandom::new(), message).expect("a signature");
        signature.as_ref().to_vec()
    }
}

/// A running provider. It stops when this goes.
pub struct Idp {
    pub address: SocketAddr,
    pub issuer: String,
    state: Arc<Mutex<State>>,
    stopping: Arc<AtomicBool>,
}

impl Idp {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = State {
            key: Key::new("first"),
            retired: Vec::new(),
            codes: HashMap::new(),
            userinfo: None,
            claims_in_id_token: true,
            access: None,
            gives_refresh: false,
            secret_in_form_only: false,
            refresh: HashMap::new(),
            issued: 0,
            description: Box::new(|_| {}),
            forge: Box::new(|_| {}),
            instead: HashMap::new(),
            log: Vec::new(),
            now: START.seconds(),
        };
        let idp = Self {
            issuer: format!("http://{address}"),
            address,
            state: Arc::new(Mutex::new(state)),
            stopping: Arc::default(),
        };
        let (state, stopping, issuer) = (Arc::clone(&idp.state), Arc::clone(&idp.stopping), idp.issuer.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok(stream) = stream {
                    serve(stream, &state, &issuer);
                }
            }
        });
        idp
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics here")
    }

    /// Changes every ID token from now on.
    pub fn forge(&self, forge: impl Fn(&mut Draft) + Send + 'static) {
        self.state().forge = Box::new(forge);
    }

    /// Changes the description.
    pub fn describe(&self, change: impl Fn(&mut Value) + Send + 'static) {
        self.state().description = Box::new(change);
    }

    /// Answers a path in another way.
    pub fn answer(&self, path: &'static str, status: u16, kind: &'static str, body: &str) {
        self.state().instead.insert(path, (status, kind, body.to_owned()));
    }

    /// New keys; the old ones are still published if they are kept.
    pub fn rotate(&self, kid: &str, keep_old: bool) {
        let mut state = self.state();
        let old = std::mem::replace(&mut state.key, Key::new(kid));
        state.retired = if keep_old { vec![old] } else { Vec::new() };
    }

    /// A message that somebody logged out: good, but for what `change` does to it.
    pub fn logout_token(&self, about: &Value, change: impl FnOnce(&mut Draft)) -> String {
        let state = self.state();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": state.now, "exp": state.now + 120,
            "jti": format!("message {}", state.log.len()),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        for (name, value) in about.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        let mut draft = Draft {
            header: json!({ "alg": "ES256", "typ": "logout+jwt", "kid": state.key.kid }),
            claims,
            signature: Signature::Good,
        };
        change(&mut draft);
        state.sign(&draft)
    }

    /// Forgets every refresh token, as after an admin ended a session there.
    pub fn forget_refresh_tokens(&self) {
        self.state().refresh.clear();
    }

    /// What somebody who was sent to `location` comes back with: path and query of the callback.
    pub fn sign_in(&self, location: &str, person: &Value) -> String {
        let (mut back, state, code) = self.authorize(location, person);
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &state);
        local(&back)
    }

    /// The same with an error.
    pub fn refuse(&self, location: &str, error: &str, description: Option<&str>) -> String {
        let (mut back, state, _) = self.authorize(location, &json!({}));
        back.query_pairs_mut()
            .append_pair("error", error)
            .append_pair("state", &state);
        if let Some(description) = description {
            back.query_pairs_mut().append_pair("error_description", description);
        }
        local(&back)
    }

    fn authorize(&self, location: &str, person: &Value) -> (Url, String, String) {
        let asked = Asked::read(location);
        assert!(location.starts_with(&format!("{}/auth?", self.issuer)), "{location}");
        let mut state = self.state();
        let code = format!("code-{}", state.codes.len());
        let redirect_uri = asked.get("redirect_uri").to_owned();
        state.codes.insert(
            code.clone(),
            Code {
                person: person.clone(),
                challenge: asked.get("code_challenge").to_owned(),
                nonce: asked.get("nonce").to_owned(),
                redirect_uri: redirect_uri.clone(),
            },
        );
        (
            redirect_uri.parse().expect("an address"),
            asked.get("state").to_owned(),
            code,
        )
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.state().log.iter().filter(|request| request.path == path).count()
    }

    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _woken = TcpStream::connect(self.address);
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The query of an authorization request.
pub struct Asked(HashMap<String, String>);

impl Asked {
    pub fn read(location: &str) -> Self {
        let url = Url::parse(location).expect("an address");
        Self(url.query_pairs().into_owned().collect())
    }

    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Path and query.
fn local(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, issuer: &str) {
    let Some(request) = Request::read(&stream) else { return };
    let mut state = state.lock().expect("no test panics here");
    let answer = state.answer(&request, issuer);
    state.log.push(request);
    drop(state);
    let (status, kind, body) = answer;
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n",
        body.len()
    );
    let location = if (300..400).contains(&status) {
        format!("location: {body}\r\n")
    } else {
        String::new()
    };
    let _sent = stream.write_all(format!("{head}{location}\r\n{body}").as_bytes());
}

pub struct Request {
    pub path: String,
    pub authorization: Option<String>,
    pub form: HashMap<String, String>,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split(' ');
        let path = words.nth(1)?.to_owned();
        let (mut length, mut authorization) = (0, None);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "authorization" => authorization = Some(value.to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let form = url::form_urlencoded::parse(&body).into_owned().collect();
        Some(Self {
            path,
            authorization,
            form,
        })
    }
}

const JSON: &str = "application/json";

impl State {
    fn answer(&mut self, request: &Request, issuer: &str) -> Answer {
        if let Some(answer) = self.instead.get(request.path.as_str()) {
            return answer.clone();
        }
        let ok = |body: Value| (200, JSON, body.to_string());
        match request.path.as_str() {
            "/.well-known/openid-configuration" => {
                let mut document = json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/auth"),
                    "token_endpoint": format!("{issuer}/token"),
                    "userinfo_endpoint": format!("{issuer}/userinfo"),
                    "jwks_uri": format!("{issuer}/jwks"),
                });
                (self.description)(&mut document);
                ok(document)
            }
            "/jwks" => {
                let keys: Vec<Value> = std::iter::once(&self.key).chain(&self.retired).map(Key::jwk).collect();
                ok(json!({ "keys": keys }))
            }
            "/token" => self.token(request, issuer),
            "/userinfo" => match &self.userinfo {
                Some(claims) => ok(claims.clone()),
                None => (404, JSON, "{}".to_owned()),
            },
            _ => (404, JSON, "{}".to_owned()),
        }
    }

    fn token(&mut self, request: &Request, issuer: &str) -> Answer {
        let no = |error: &str| (400, JSON, json!({ "error": error }).to_string());
        let field = |name: &str| request.form.get(name).map_or("", String::as_str);
        if !is_our_client(request) || (self.secret_in_form_only && request.authorization.is_some()) {
            return no("invalid_client");
        }
        if request.form.contains_key("assertion") {
            let body = json!({ "access_token": "a token of Graph", "token_type": "Bearer" });
            return (200, JSON, body.to_string());
        }
        if field("grant_type") == "refresh_token" {
            // Used once: whoever brings an old one has stolen it, or lost the newer one.
            return match self.refresh.remove(field("refresh_token")) {
                Some(person) => self.grant(&person, None, issuer),
                None => no("invalid_grant"),
            };
        }
        let Some(code) = self.codes.remove(field("code")) else {
            return no("invalid_grant");
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
        if code.challenge != challenge || code.redirect_uri != field("redirect_uri") {
            return no("invalid_grant");
        }
        self.grant(&code.person, Some(&code.nonce), issuer)
    }

    fn grant(&mut self, person: &Value, nonce: Option<&str>, issuer: &str) -> Answer {
        self.issued += 1;
        let access = match &self.access {
            Some(claims) => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.c2lnbmF0dXJl", part(&json!({ "alg": "ES256" })), part(claims))
            }
            None => format!("access token {}", self.issued),
        };
        let half = &Sha256::digest(&access)[..16];
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT_ID, "iat": self.now, "exp": self.now + 600,
            "at_hash": URL_SAFE_NO_PAD.encode(half),
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        for (name, value) in person.as_object().expect("claims") {
            if self.claims_in_id_token || name == "sub" {
                claims[name] = value.clone();
            }
        }
        let mut draft = Draft {
            header: json!({ "alg": "ES256", "typ": "JWT", "kid": self.key.kid }),
            claims,
            signature: Signature::Good,
        };
        (self.forge)(&mut draft);
        let mut body = json!({
            "access_token": access, "token_type": "Bearer", "expires_in": 600, "id_token": self.sign(&draft),
        });
        if self.gives_refresh {
            let token = format!("refresh token {}", self.issued);
            body["refresh_token"] = json!(token);
            self.refresh.insert(token, person.clone());
        }
        (200, JSON, body.to_string())
    }

    fn sign(&self, draft: &Draft) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&draft.header), part(&draft.claims));
        let hmac = |key: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
            mac.update(message.as_bytes());
            mac.finalize().into_bytes().to_vec()
        };
        let signature = match draft.signature {
            Signature::Good => self.key.sign(message.as_bytes()),
            Signature::Foreign => Key::new("foreign").sign(message.as_bytes()),
            Signature::None => Vec::new(),
            Signature::PublicKeyAsSecret => hmac(self.key.pair.public_key().as_ref()),
            Signature::ClientSecret => hmac(CLIENT_SECRET.as_bytes()),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The secret comes in a header, encoded twice (RFC 6749 §2.3.1), or in the form.
fn is_our_client(request: &Request) -> bool {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET));
    let basic = format!("Basic {}", STANDARD.encode(pair));
    let in_form = |name: &str, value: &str| request.form.get(name).is_some_and(|given| given == value);
    request.authorization.as_deref() == Some(&basic)
        || (in_form("client_id", CLIENT_ID) && in_form("client_secret", CLIENT_SECRET))
}
