//! Hashing under pressure: a gate holds the only thread while a queue builds up behind it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc;

use super::*;

const CHEAP: Cost = Cost {
    memory_kib: 64,
    iterations: 2,
    parallelism: 1,
};

/// Counts up, so that a salt tells which hash was served when.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

/// Holds the hashing thread until the test opens the gate, and tells when the thread has arrived there.
struct Gate {
    arrived: mpsc::Sender<()>,
    open: Mutex<mpsc::Receiver<()>>,
    counting: Counting,
}

impl Entropy for Gate {
    fn fill(&self, bytes: &mut [u8]) {
        self.arrived.send(()).ok();
        lock(&self.open).recv().ok();
        self.counting.fill(bytes);
    }
}

/// A pool whose only thread is held at the gate, and the key to it.
struct Held {
    hasher: Hasher,
    first: oneshot::Receiver<Result<String, HashError>>,
    gate: mpsc::Sender<()>,
}

impl Held {
    fn with_places(places: usize) -> Self {
        let (arrived, arrival) = mpsc::channel();
        let (gate, open) = mpsc::channel();
        let entropy = Gate {
            arrived,
            open: Mutex::new(open),
            counting: Counting::default(),
        };
        let hasher = Hasher::start(CHEAP, 1, places.max(1), Arc::new(entropy)).expect("starts");
        let first = begin(&hasher, "first");
        arrival.recv().expect("the thread arrives");
        Self { hasher, first, gate }
    }

    /// Lets everybody through and returns nothing before the first hash is done.
    async fn release(self) -> Hasher {
        drop(self.gate);
        assert!(self.first.await.expect("answered").is_ok());
        self.hasher
    }
}

fn begin(hasher: &Hasher, key: &str) -> oneshot::Receiver<Result<String, HashError>> {
    let (answer, outcome) = oneshot::channel();
    let password = Secret::new("secret");
    hasher.submit(key, Job::Hash { password, answer }).expect("not stopped");
    outcome
}

fn started() -> Hasher {
    Hasher::start(CHEAP, 2, 8, Arc::new(Counting::default())).expect("starts")
}

/// Which place in the order of service a hash had: the gate's counter, read from the salt.
async fn place(outcome: oneshot::Receiver<Result<String, HashError>>) -> u8 {
    let phc = outcome.await.expect("answered").expect("hashed");
    let salt = phc.split('$').nth(4).expect("a salt");
    (0..=u8::MAX)
        .find(|n| password_hash_salt(*n) == salt)
        .expect("a salt of ours")
}

fn password_hash_salt(n: u8) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD_NO_PAD.encode([n; SALT_BYTES])
}

async fn verdict(hasher: &Hasher, password: &str, stored: Option<&str>) -> Result<Verdict, HashError> {
    let stored = stored.map(str::to_owned);
    hasher.verify(Secret::new(password), stored, "192.0.2.1").await
}

#[tokio::test]
async fn a_password_verifies_against_its_own_hash_only() {
    let hasher = started();
    let stored = hasher.hash(Secret::new("secret"), "192.0.2.1").await.expect("hashed");
    assert!(stored.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{stored}");
    assert_eq!(verdict(&hasher, "secret", Some(&stored)).await, Ok(Verdict::Right));
    assert_eq!(verdict(&hasher, "Secret", Some(&stored)).await, Ok(Verdict::Wrong));
    assert_eq!(verdict(&hasher, "", Some(&stored)).await, Ok(Verdict::Wrong));
}

#[tokio::test]
async fn two_hashes_of_one_password_differ() {
    let hasher = started();
    let first = hasher.hash(Secret::new("secret"), "a").await;
    assert!(first.is_ok());
    assert_ne!(first, hasher.hash(Secret::new("secret"), "a").await);
}

#[tokio::test]
async fn an_unknown_account_is_wrong_whatever_the_password() {
    let hasher = started();
    for password in ["", "secret"] {
        assert_eq!(verdict(&hasher, password, None).await, Ok(Verdict::Wrong));
    }
}

#[tokio::test]
async fn a_right_password_with_a_weaker_hash_is_outdated() {
    let hasher = started();
    let bcrypt = "$2a$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
    let right = "correct horse battery staple";
    assert_eq!(
        verdict(&hasher, right, Some(bcrypt)).await,
        Ok(Verdict::RightButOutdated)
    );
    assert_eq!(verdict(&hasher, "wrong", Some(bcrypt)).await, Ok(Verdict::Wrong));
}

#[tokio::test]
async fn a_stored_hash_nobody_can_check_is_wrong() {
    for stored in [
        "",
        "secret",
        "$argon2id$v=19$m=4294967295,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$tTEGqyzWgE8XeFIcVmGNBy2ro7tX1aVB4Lm",
    ] {
        assert_eq!(
            verdict(&started(), "secret", Some(stored)).await,
            Ok(Verdict::Wrong),
            "{stored}"
        );
    }
}

#[tokio::test]
async fn a_full_queue_answers_busy_at_once_and_spares_other_clients() {
    let held = Held::with_places(2);
    let (one, two) = (begin(&held.hasher, "flood"), begin(&held.hasher, "flood"));
    assert_eq!(held.hasher.waiting(), 2);
    assert_eq!(
        held.hasher.hash(Secret::new("secret"), "flood").await,
        Err(HashError::Busy)
    );
    let other = begin(&held.hasher, "other");
    assert_eq!(two.await.expect("answered"), Err(HashError::Busy));
    let _hasher = held.release().await;
    assert_eq!((place(one).await, place(other).await), (1, 2));
}

#[tokio::test]
async fn clients_take_turns() {
    let held = Held::with_places(8);
    let flood: Vec<_> = (0..3).map(|_| begin(&held.hasher, "flood")).collect();
    let other = begin(&held.hasher, "other");
    let _hasher = held.release().await;
    assert_eq!(place(other).await, 2);
    let mut places = Vec::new();
    for outcome in flood {
        places.push(place(outcome).await);
    }
    assert_eq!(places, [1, 3, 4]);
}

#[tokio::test]
async fn who_has_gone_costs_no_hash() {
    let held = Held::with_places(8);
    drop(begin(&held.hasher, "gone"));
    let stays = begin(&held.hasher, "stays");
    let _hasher = held.release().await;
    assert_eq!(place(stays).await, 1);
}

#[tokio::test]
async fn who_has_gone_keeps_no_place() {
    let held = Held::with_places(2);
    drop((begin(&held.hasher, "gone"), begin(&held.hasher, "gone")));
    let (one, two) = (begin(&held.hasher, "stays"), begin(&held.hasher, "stays"));
    let _hasher = held.release().await;
    assert_eq!((place(one).await, place(two).await), (1, 2));
}

#[tokio::test]
async fn stopping_finishes_what_runs_and_refuses_what_waits() {
    let held = Held::with_places(2);
    let waiting = begin(&held.hasher, "waits");
    let hasher = held.hasher.clone();
    let stopping = std::thread::spawn(move || hasher.stop());
    assert!(
        waiting.await.is_err(),
        "its channel closes, which callers read as Stopped"
    );
    let hasher = held.release().await;
    stopping.join().expect("stops");
    assert_eq!(
        hasher.hash(Secret::new("secret"), "late").await,
        Err(HashError::Stopped)
    );
    assert_eq!(verdict(&hasher, "secret", None).await, Err(HashError::Stopped));
}

#[tokio::test]
async fn a_panic_costs_its_caller_an_answer_and_the_pool_nothing() {
    struct Panicking(AtomicU8);
    impl Entropy for Panicking {
        fn fill(&self, _: &mut [u8]) {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "as intended by the test");
        }
    }
    let hasher = Hasher::start(CHEAP, 1, 1, Arc::new(Panicking(AtomicU8::new(0)))).expect("starts");
    assert_eq!(hasher.hash(Secret::new("x"), "a").await, Err(HashError::Stopped));
    assert!(hasher.hash(Secret::new("x"), "a").await.is_ok());
}

#[test]
fn a_cost_out_of_bounds_is_refused_at_the_start() {
    let cost = Cost { memory_kib: 7, ..CHEAP };
    let refused = Hasher::start(cost, 1, 1, Arc::new(Counting::default())).err();
    assert_eq!(refused.map(|error| error.kind()), Some(io::ErrorKind::InvalidInput));
}

#[cfg(target_os = "linux")]
#[test]
fn hashing_threads_are_nice_and_others_are_not() {
    use rustix::process::getpriority_process;
    let own = getpriority_process(None).expect("readable");
    let there = std::thread::spawn(|| {
        yield_to_other_threads();
        getpriority_process(Some(rustix::thread::gettid())).expect("readable")
    });
    assert!(there.join().expect("ends") >= NICENESS);
    assert_eq!(getpriority_process(None).expect("readable"), own);
}
