//! Acknowledged means durable: the built server is killed a hundred times under load, and everything it said yes to is
//! there afterwards.

mod audit;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use librechat_auth::app::clock::SystemClock;
use librechat_auth::config::Synchronous;
use librechat_auth::domain::email::Email;
use librechat_auth::domain::ids::SessionId;
use librechat_auth::domain::time::Clock as _;
use librechat_auth::store::{Options, Store, accounts, sessions};
use serde_json::{Value, json};

const ROUNDS: usize = 100;
const CLIENTS: usize = 4;
const PASSWORD: &str = "a long walk at dusk";

/// A server of the built program, killed without warning.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_librechat-auth"))
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .current_dir(data)
            .env_clear()
            .envs([
                ("ALLOW_REGISTRATION", "true"),
                ("LOGIN_MAX", "1000000"),
                ("REGISTER_MAX", "1000000"),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let address = BufReader::new(process.stdout.take().expect("piped"))
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("listening on ")?.1.trim_end_matches(')').to_owned()))
            .expect("the server says where it listens");
        Self {
            process,
            url: format!("http://{address}"),
        }
    }

    fn kill(mut self) {
        self.process.kill().expect("SIGKILL");
        self.process.wait().expect("ended");
    }
}

/// What the server said yes to.
#[derive(Default)]
struct Acknowledged {
    accounts: Vec<String>,
    sessions: Vec<SessionId>,
}

/// Registers and logs in until the server is gone, noting every yes; `target` yeses end the round.
fn work(url: &str, name: &str, yes: &Mutex<Acknowledged>, count: &AtomicUsize, done: impl Fn(usize)) {
    for turn in 0.. {
        let email = format!("{name}-{turn}@example.org");
        let form = json!({
            "name": "Ada Lovelace", "email": email, "password": PASSWORD, "confirm_password": PASSWORD,
        });
        if post(&format!("{url}/api/auth/register"), &form).is_none() {
            return;
        }
        yes.lock().expect("not poisoned").accounts.push(email.clone());
        done(count.fetch_add(1, Ordering::SeqCst) + 1);
        let Some(answer) = post(
            &format!("{url}/api/auth/login"),
            &json!({ "email": email, "password": PASSWORD }),
        ) else {
            return;
        };
        yes.lock().expect("not poisoned").sessions.push(session_of(&answer));
        done(count.fetch_add(1, Ordering::SeqCst) + 1);
    }
}

fn post(url: &str, body: &Value) -> Option<Value> {
    let mut answer = ureq::post(url).send_json(body).ok()?;
    answer.body_mut().read_json().ok()
}

/// The `sid` claim of the access token.
fn session_of(answer: &Value) -> SessionId {
    use base64::Engine as _;
    let token = answer["token"].as_str().expect("a token");
    let claims = token.split('.').nth(1).expect("three parts");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["sid"]
        .as_str()
        .and_then(|sid| sid.parse().ok())
        .expect("a session id")
}

/// Opens the database as the next start would, and looks for every acknowledged row.
fn assert_all_there(data: &Path, yes: &Acknowledged, round: usize) {
    let options = Options {
        path: data.join("librechat-auth.db"),
        synchronous: Synchronous::Full,
        mmap_bytes: 0,
        session_bytes: 16 << 20,
        queue: 8,
        readers: 1,
        snapshots: 1,
        vault: None,
    };
    let store = Store::open(&options, SystemClock.now()).expect("the database opens after a kill");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        for email in &yes.accounts {
            let parsed = Email::parse(email).expect("an address");
            let found = store
                .read(|tx| accounts::by_email(tx, &parsed))
                .await
                .expect("readable");
            assert!(found.is_some(), "round {round}: {email} was acknowledged and is gone");
        }
        for &id in &yes.sessions {
            let found = store.read(|tx| sessions::find(tx, id)).await.expect("readable");
            assert!(
                found.is_some(),
                "round {round}: session {id} was acknowledged and is gone"
            );
        }
    });
    store.close();
}

#[test]
#[ignore = "kills the server a hundred times, which takes a minute or two: run make test"]
fn what_was_acknowledged_survives_a_hundred_kills_under_load() {
    let data = tempfile::tempdir().expect("a folder");
    let mut total = 0;
    for round in 0..ROUNDS {
        let server = Mutex::new(Some(Server::start(data.path())));
        let url = server
            .lock()
            .expect("not poisoned")
            .as_ref()
            .expect("running")
            .url
            .clone();
        let (yes, count) = (Mutex::new(Acknowledged::default()), AtomicUsize::new(0));
        // Another number of answers each round, so that the kill falls between other steps.
        let target = 1 + round % 9;
        let kill_at_target = |reached: usize| {
            if reached == target {
                server.lock().expect("not poisoned").take().expect("killed once").kill();
            }
        };
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let name = format!("ada-{round}-{client}");
                let (url, yes, count) = (&url, &yes, &count);
                scope.spawn(move || work(url, &name, yes, count, kill_at_target));
            }
        });
        let yes = yes.into_inner().expect("not poisoned");
        total += yes.accounts.len() + yes.sessions.len();
        assert_all_there(data.path(), &yes, round);
    }
    assert!(
        total >= ROUNDS * 3,
        "too little was acknowledged to show anything: {total}"
    );
}
