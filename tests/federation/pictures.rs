//! Pictures that a provider names: fetched after the login, served by us, and never a reason for a login to fail.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::idp::Idp;
use super::kit::{count, log_in, person, site, site_with};
use crate::support::{Client, Site};

/// A PNG of one red pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
    2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0,
    0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// Path and `Authorization` of a request.
type Asked = (String, Option<String>);

/// A server of pictures, and what it was asked: path and `Authorization`.
struct Gallery {
    base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Gallery {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let lines: Vec<String> = BufReader::new(&stream)
                    .lines()
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .collect();
                let path = lines
                    .first()
                    .and_then(|line| line.split(' ').nth(1))
                    .unwrap_or_default()
                    .to_owned();
                let bearer = lines
                    .iter()
                    .find_map(|line| line.strip_prefix("authorization: ").map(str::to_owned));
                let (head, body) = answer(&path);
                log.lock().expect("no test panics here").push((path, bearer));
                let length = body.len();
                let head = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                let _gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            }
        });
        Self { base, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics here").clone()
    }
}

fn answer(path: &str) -> (&'static str, Vec<u8>) {
    match path {
        "/good" => ("200 OK\r\ncontent-type: text/html", PIXEL.to_vec()),
        "/moved" => ("302 Found\r\nlocation: /good", Vec::new()),
        "/round" => ("302 Found\r\nlocation: /round", Vec::new()),
        "/metadata" => ("302 Found\r\nlocation: http://169.254.169.254/latest", Vec::new()),
        "/svg" => (
            "200 OK\r\ncontent-type: image/png",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
        ),
        "/half" => ("200 OK", PIXEL[..40].to_vec()),
        "/huge" => ("200 OK", vec![0; 6 * 1024 * 1024]),
        "/bomb" => {
            let mut bytes = PIXEL.to_vec();
            bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
            bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
            ("200 OK", bytes)
        }
        _ => ("404 Not Found", Vec::new()),
    }
}

fn with_picture(name: &str, url: &str) -> Value {
    let mut claims = person(name);
    claims["picture"] = json!(url);
    claims
}

/// Comes in, and lets every picture be fetched that the server's own chore has not begun with.
fn come(site: &Site, idp: &Idp, claims: &Value) -> Client {
    let client = site.client();
    assert_eq!(log_in(&client, idp, claims).location(), (302, "/"));
    site.run(site.app.fetch_pictures()).expect("no fault");
    client
}

/// The picture's address as the client is told it.
fn avatar(site: &Site, client: &Client) -> Option<String> {
    let told = client.request("POST", "/api/auth/refresh").send().json();
    let url = told["user"]["avatar"].as_str().map(str::to_owned);
    assert_eq!(
        url.is_some(),
        count(site, "SELECT count(*) FROM pictures") > 0,
        "{told}"
    );
    url
}

#[test]
fn a_picture_is_made_ours_and_served_as_nothing_else() {
    let (idp, gallery) = (Idp::start(), Gallery::start());
    let site = site(&idp);
    let client = come(&site, &idp, &with_picture("ada", &format!("{}/moved", gallery.base)));
    wait_for(&site);
    let url = avatar(&site, &client).expect("a picture");
    let path = url.find("/avatars/").map(|at| url[at..].to_owned()).expect("ours");
    assert!(url.starts_with("http://localhost"), "{url}");
    let answer = site.client().get(&path);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("default-src 'none'; sandbox")
    );
    assert!(answer.body.starts_with(b"\x89PNG"));
    assert!(answer.cookies().is_empty(), "{answer:?}");
    let tag = answer.header("etag").expect("a tag").to_owned();
    let again = site.client().request("GET", &path).header("if-none-match", &tag).send();
    assert_eq!((again.status, again.body.len()), (304, 0));
    for odd in [
        "/avatars/x.png",
        "/avatars/.png",
        "/avatars/..%2f..%2fx.png",
        "/avatars/00000000000000000000000000000000.png",
    ] {
        assert_eq!(site.client().get(odd).status, 404, "{odd}");
    }
    site.sql("DELETE FROM users");
    assert_eq!(site.client().get(&path).status, 404, "gone with the account");
}

/// The server's own chore may hold what the test did not find waiting any more.
fn wait_for(site: &Site) {
    let started = std::time::Instant::now();
    while count(site, "SELECT count(*) FROM pictures") == 0 {
        assert!(started.elapsed().as_secs() < 20, "no picture came");
        thread::yield_now();
    }
}

#[test]
fn what_is_no_picture_is_left_out_and_the_login_is_none_the_worse() {
    let (idp, gallery) = (Idp::start(), Gallery::start());
    let site = site(&idp);
    for path in ["/svg", "/half", "/huge", "/bomb", "/round", "/metadata", "/nothing"] {
        come(&site, &idp, &with_picture("ada", &format!("{}{path}", gallery.base)));
    }
    for url in [
        "",
        "nonsense",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "http://169.254.169.254/",
    ] {
        come(&site, &idp, &with_picture("ada", url));
    }
    // A good one comes last, so that all others are through once it is there.
    let client = come(&site, &idp, &with_picture("ada", &format!("{}/good", gallery.base)));
    wait_for(&site);
    assert!(avatar(&site, &client).is_some());
    assert!(gallery.asked().iter().filter(|(path, _)| path == "/round").count() <= 4);
}

#[test]
fn a_picture_is_fetched_once_a_day() {
    let (idp, gallery) = (Idp::start(), Gallery::start());
    let site = site(&idp);
    let claims = with_picture("ada", &format!("{}/good", gallery.base));
    come(&site, &idp, &claims);
    wait_for(&site);
    come(&site, &idp, &claims);
    site.clock.advance(Duration::from_hours(25));
    idp.state().now += 25 * 3600;
    come(&site, &idp, &claims);
    let started = std::time::Instant::now();
    while gallery.asked().len() < 2 {
        assert!(started.elapsed().as_secs() < 20, "it was not fetched again");
        thread::yield_now();
    }
    assert_eq!(gallery.asked().len(), 2);
}

#[test]
fn the_access_token_goes_to_the_origins_that_the_operator_named_and_to_no_other() {
    let (idp, gallery) = (Idp::start(), Gallery::start());
    let named = gallery.base.clone();
    let site = site_with(&idp, |openid| openid.avatar_origins = vec![named.clone()]);
    come(&site, &idp, &with_picture("ada", &format!("{}/moved", gallery.base)));
    wait_for(&site);
    let asked = gallery.asked();
    assert!(
        asked[0]
            .1
            .as_deref()
            .is_some_and(|bearer| bearer.starts_with("Bearer ")),
        "{asked:?}"
    );
    assert_eq!(
        asked[1],
        ("/good".to_owned(), None),
        "nothing goes along behind a redirect"
    );
    let (idp, gallery) = (Idp::start(), Gallery::start());
    let site = super::kit::site(&idp);
    come(&site, &idp, &with_picture("ada", &format!("{}/good", gallery.base)));
    wait_for(&site);
    assert_eq!(gallery.asked(), [("/good".to_owned(), None)]);
}

#[test]
fn what_somebody_chose_in_librechat_stays() {
    let (idp, gallery) = (Idp::start(), Gallery::start());
    let site = site(&idp);
    come(&site, &idp, &person("ada"));
    site.sql("UPDATE users SET avatar = '/images/ada.png?manual=true'");
    let client = come(&site, &idp, &with_picture("ada", &format!("{}/good", gallery.base)));
    assert_eq!(count(&site, "SELECT count(*) FROM pictures"), 0);
    assert!(gallery.asked().is_empty());
    let told = client.request("POST", "/api/auth/refresh").send().json();
    assert_eq!(told["user"]["avatar"], "/images/ada.png?manual=true");
}
