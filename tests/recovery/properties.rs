//! Resets against the real application, in every order: a password is only ever set by the newest living link, once.

use std::time::Duration;

use librechat_auth::app::audit::Actor;
use librechat_auth::app::reset_password::{NewPassword, ResetLink};
use librechat_auth::domain::account::{Account, Role};
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::session::Origin;
use librechat_auth::domain::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use url::Url;

use super::{log_in, site};
use crate::support::{PASSWORD, Site};

const PEOPLE: [&str; 2] = ["ada", "bob"];

#[derive(Clone, Debug)]
enum Step {
    /// Somebody asks for a link.
    Ask {
        who: usize,
    },
    /// An admin makes one.
    Make {
        who: usize,
    },
    /// The link made so many links ago is used, as its owner's or as somebody else's.
    Redeem {
        age: usize,
        as_owner: bool,
    },
    /// A good token with a wrong account, or no token at all.
    Guess {
        who: usize,
    },
    Move {
        who: usize,
    },
    Lock {
        who: usize,
        locked: bool,
    },
    Change {
        who: usize,
    },
    Restart,
    Wait {
        minutes: u64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..PEOPLE.len();
    let step = prop_oneof![
        5 => who.clone().prop_map(|who| Step::Ask { who }),
        2 => who.clone().prop_map(|who| Step::Make { who }),
        9 => (prop_oneof![4 => Just(0_usize), 1 => 1..4_usize], proptest::bool::weighted(0.9))
            .prop_map(|(age, as_owner)| Step::Redeem { age, as_owner }),
        1 => who.clone().prop_map(|who| Step::Guess { who }),
        1 => who.clone().prop_map(|who| Step::Move { who }),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, locked)| Step::Lock { who, locked }),
        1 => who.prop_map(|who| Step::Change { who }),
        1 => Just(Step::Restart),
        2 => prop_oneof![Just(1_u64), Just(14), Just(15), Just(61)].prop_map(|minutes| Step::Wait { minutes }),
    ];
    vec(step, 6..24)
}

/// A link that somebody holds.
#[derive(Clone, Debug)]
struct Link {
    token: String,
    owner: usize,
    made_at: Timestamp,
    is_dead: bool,
}

/// What should be, by the words of the rules.
struct Person {
    account: Account,
    password: String,
    locked: bool,
    moves: usize,
    letters: Vec<Timestamp>,
}

struct World {
    site: Option<Site>,
    people: Vec<Person>,
    links: Vec<Link>,
    passwords: usize,
}

impl World {
    fn new() -> Self {
        let site = site();
        let people = PEOPLE.map(|name| Person {
            account: site.create(name, Role::User),
            password: PASSWORD.to_owned(),
            locked: false,
            moves: 0,
            letters: Vec::new(),
        });
        Self {
            site: Some(site),
            people: people.into(),
            links: Vec::new(),
            passwords: 0,
        }
    }

    fn site(&self) -> &Site {
        self.site.as_ref().expect("there is always one")
    }

    fn now(&self) -> Timestamp {
        self.site().app.now()
    }

    fn email(&self, who: usize) -> String {
        self.people[who].account.email.to_string()
    }

    fn new_password(&mut self) -> String {
        self.passwords += 1;
        format!("secret number {} of ladders", self.passwords)
    }

    fn kill_links_of(&mut self, who: usize) {
        for link in self.links.iter_mut().filter(|link| link.owner == who) {
            link.is_dead = true;
        }
    }

    fn hold(&mut self, who: usize, token: String) {
        self.kill_links_of(who);
        let made_at = self.now();
        self.links.push(Link {
            token,
            owner: who,
            made_at,
            is_dead: false,
        });
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Ask { who } => self.ask(who),
            Step::Make { who } => {
                let account = self.people[who].account.clone();
                let site = self.site();
                let path = site.run(
                    site.app
                        .make_reset_link(&account, Duration::from_mins(15), &Actor::Console),
                );
                let token = token_in(&format!("http://x{}", path.expect("a link")));
                self.hold(who, token);
            }
            Step::Redeem { age, as_owner } => self.redeem(age, as_owner),
            Step::Guess { who } => {
                let id = self.people[who].account.id.to_string();
                assert!(!self.try_link(&id, &"A".repeat(43), "never set by anybody"));
            }
            Step::Move { who } => {
                self.people[who].moves += 1;
                let new = format!("{}{}@example.org", PEOPLE[who], self.people[who].moves);
                let (site, account) = (self.site(), &self.people[who].account);
                site.run(site.app.set_email(account, &new, &Actor::Console))
                    .expect("moved");
                self.people[who].account = self.account(&new);
                self.kill_links_of(who);
            }
            Step::Lock { who, locked } => {
                let (site, account) = (self.site(), &self.people[who].account);
                site.run(site.app.set_disabled(account, locked, &Actor::Console))
                    .expect("done");
                self.people[who].locked = locked;
            }
            Step::Change { who } => {
                let new = self.new_password();
                let (site, account) = (self.site(), &self.people[who].account);
                site.run(
                    site.app
                        .reset_password(account, Secret::new(new.as_str()), &Actor::Console),
                )
                .expect("set");
                self.people[who].password = new;
                self.kill_links_of(who);
            }
            Step::Restart => self.site = self.site.take().map(Site::restarted),
            Step::Wait { minutes } => self.site().clock.advance(Duration::from_mins(minutes)),
        }
    }

    fn account(&self, email: &str) -> Account {
        let site = self.site();
        site.run(site.app.find_user(email)).expect("a look-up").expect("there")
    }

    /// Asks by the API and reads the letter, if there should be one: at most five in an hour, none while locked.
    fn ask(&mut self, who: usize) {
        let (email, now) = (self.email(who), self.now());
        let answer = super::ask_reset(&self.site().client(), &email);
        assert_eq!(answer.status, 200);
        let person = &mut self.people[who];
        person.letters.retain(|sent| now.since(*sent) < Duration::from_hours(1));
        let gets_one = !person.locked && person.letters.len() < 5;
        let letters = self.site().letters_of("reset_password");
        if !gets_one {
            return;
        }
        self.people[who].letters.push(now);
        let newest = letters.last().expect("a letter");
        assert_eq!(newest.to, email);
        let token = token_in(&newest.link());
        assert!(self.links.iter().all(|link| link.token != token), "a letter of its own");
        self.hold(who, token);
    }

    fn redeem(&mut self, age: usize, as_owner: bool) {
        let Some(at) = self.links.len().checked_sub(age + 1) else {
            return;
        };
        let link = self.links[at].clone();
        let who = if as_owner { link.owner } else { 1 - link.owner };
        let should_work = !link.is_dead
            && as_owner
            && !self.people[who].locked
            && self.now().since(link.made_at) < Duration::from_mins(15);
        let new = self.new_password();
        let id = self.people[who].account.id.to_string();
        let worked = self.try_link(&id, &link.token, &new);
        assert_eq!(worked, should_work, "{link:?} as {}", PEOPLE[who]);
        if worked {
            self.people[who].password = new;
            self.kill_links_of(who);
        }
    }

    fn try_link(&self, user: &str, token: &str, password: &str) -> bool {
        let site = self.site();
        let new = NewPassword {
            password: Secret::new(password),
            confirm: None,
        };
        let link = ResetLink::parse(user, token);
        site.run(site.app.redeem_reset(link, new, &Origin::default())).is_ok()
    }

    /// Everybody has the password that the rules say, and no other that was ever tried.
    fn assert_passwords(&self) {
        for (who, person) in self.people.iter().enumerate() {
            let status = log_in(self.site(), &self.email(who), &person.password).status;
            assert_eq!(status, if person.locked { 400 } else { 200 }, "{}", PEOPLE[who]);
        }
    }
}

fn token_in(link: &str) -> String {
    let link = Url::parse(link).expect("a link");
    let found = link.query_pairs().find(|(key, _)| key == "token");
    found.expect("a token").1.into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_password_is_only_ever_set_by_the_newest_living_link_and_once(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.assert_passwords();
    }
}
