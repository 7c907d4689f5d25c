//! What a connection asks for: the next request, and what to remember of its answer.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use serde_json::json;

use crate::client::Answer;
use crate::people::{PASSWORD, People};
use crate::servers::DOOR_HOST;

/// A kind of request, with the path it has on the measured server.
#[derive(Clone, Copy, Debug)]
pub enum Workload {
    /// `GET` without credentials.
    Get(&'static str),
    /// `GET` with the access token of a random session.
    Session(&'static str),
    /// A proxy's question, as nginx asks it, whether a browser with the page cookie of a random session may pass.
    Door(&'static str),
    /// `GET` with the page cookie of a random session, as a browser sends it through a proxy.
    Browser(&'static str),
    /// `GET` with the page cookie of the one administrator.
    Admin(&'static str),
    /// `POST` with the refresh cookie of a random session, which then is the one just handed out.
    Refresh(&'static str),
    /// `POST` of a random user's address and password.
    Login(&'static str),
}

/// The refresh tokens that one server has handed out so far, by session.
pub type Wallet = Rc<RefCell<HashMap<usize, String>>>;

/// One connection's choices. Connections of one load share no session, so that no token is used twice.
pub struct Visitor {
    number: usize,
    of: usize,
    random: u64,
    wallet: Wallet,
    asked: usize,
    /// What is left of a round over all sessions.
    round: Range<usize>,
}

impl Visitor {
    /// Visitor `number` of `of`, with the tokens of the server it visits.
    #[must_use]
    pub fn new(number: usize, of: usize, wallet: Wallet) -> Self {
        let random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number as u64 + 1);
        Self {
            number,
            of,
            random,
            wallet,
            asked: 0,
            round: 0..0,
        }
    }

    /// Takes each session once before any is picked at random again, and answers with how many there are for this visitor.
    pub fn go_round(&mut self, people: &People) -> usize {
        self.round = 0..(people.count + self.of - 1 - self.number) / self.of;
        self.round.len()
    }

    /// The next request, whole.
    pub fn ask(&mut self, workload: Workload, people: &People) -> Vec<u8> {
        self.asked = self.choose(people.count);
        match workload {
            Workload::Get(path) => request("GET", path, "", ""),
            Workload::Session(path) => request(
                "GET",
                path,
                &format!("Authorization: Bearer {}\r\n", people.access(self.asked)),
                "",
            ),
            Workload::Door(path) => request(
                "GET",
                path,
                &format!(
                    "X-Original-URL: https://{DOOR_HOST}/api/things?page=2\r\nX-Original-Method: GET\r\nCookie: {}\r\n",
                    people.page_cookie(self.asked)
                ),
                "",
            ),
            Workload::Browser(path) => request(
                "GET",
                path,
                &format!("Cookie: {}\r\n", people.page_cookie(self.asked)),
                "",
            ),
            // The first session is the first user's, who is the administrator.
            Workload::Admin(path) => request("GET", path, &format!("Cookie: {}\r\n", people.page_cookie(0)), ""),
            Workload::Refresh(path) => {
                let token = self.wallet.borrow().get(&self.asked).cloned();
                let token = token.unwrap_or_else(|| people.first_refresh(self.asked));
                let cookie = format!("Cookie: refreshToken={token}; token_provider=librechat\r\n");
                request("POST", path, &cookie, "")
            }
            Workload::Login(path) => {
                let body = json!({ "email": people.email(self.asked), "password": PASSWORD }).to_string();
                request("POST", path, "Content-Type: application/json\r\n", &body)
            }
        }
    }

    /// Remembers the token that replaced the one just used.
    pub fn hear(&self, workload: Workload, answer: &Answer<'_>) {
        if let (Workload::Refresh(_), Some(token)) = (workload, answer.cookie("refreshToken")) {
            self.wallet.borrow_mut().insert(self.asked, token.to_owned());
        }
    }

    fn choose(&mut self, count: usize) -> usize {
        if let Some(pick) = self.round.next() {
            return pick * self.of + self.number;
        }
        // Marsaglia's xorshift: good enough to pick rows, and the same in each run.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let mine = (count / self.of).max(1) as u64;
        let pick = usize::try_from(self.random % mine).unwrap_or(0);
        (pick * self.of + self.number) % count
    }
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = if method == "POST" {
        format!("Content-Length: {}\r\n", body.len())
    } else {
        String::new()
    };
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n{headers}{length}\r\n{body}")
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use librechat_auth::domain::time::Timestamp;

    use super::*;

    fn people() -> People {
        People::new(1000, Timestamp::from_seconds(1_700_000_000))
    }

    #[test]
    fn visitors_never_share_a_session() {
        let mut visitors: Vec<_> = (0..16)
            .map(|number| Visitor::new(number, 16, Wallet::default()))
            .collect();
        for visitor in &mut visitors {
            for _ in 0..200 {
                let session = visitor.choose(1000);
                assert!(session < 1000 && session % 16 == visitor.number);
            }
        }
    }

    #[test]
    fn a_round_is_every_session_once() {
        let mut seen = vec![0; 1000];
        for number in 0..16 {
            let mut visitor = Visitor::new(number, 16, Wallet::default());
            for _ in 0..visitor.go_round(&people()) {
                seen[visitor.choose(1000)] += 1;
            }
        }
        assert!(seen.iter().all(|times| *times == 1));
    }

    #[test]
    fn the_token_handed_out_is_the_next_one_used() {
        let mut visitor = Visitor::new(0, 1000, Wallet::default());
        let workload = Workload::Refresh("/refresh");
        visitor.ask(workload, &people());
        let head = "HTTP/1.1 200 OK\r\nset-cookie: refreshToken=second; Path=/";
        visitor.hear(
            workload,
            &Answer {
                status: 200,
                head,
                body: b"",
            },
        );
        let next = String::from_utf8(visitor.ask(workload, &people())).unwrap();
        assert!(next.contains("refreshToken=second;"), "{next}");
    }
}
