//! A site with all five providers, each led to the counterpart in Node, and people who come from them.

use librechat_auth::app::clock::SystemClock;
use librechat_auth::config::Config;
use librechat_auth::config::federation::social::{Credential, SigningKey, SocialProvider};
use librechat_auth::domain::federation::decision::Doors;
use librechat_auth::domain::federation::social::Social;
use librechat_auth::domain::secret::Secret;
use librechat_auth::domain::time::Clock as _;
use serde_json::{Value, json};
use url::{Position, Url};

use crate::federation::kit::leave;
use crate::peers::node::NodePeer;
use crate::support::{Answer, Client, Site};

/// The five, in one.
pub struct World {
    pub peer: NodePeer,
    base: String,
}

/// The way back from a provider: an address, or a form that its page sends.
pub enum Back {
    Address(String),
    Form(String, Vec<(String, String)>),
}

impl World {
    pub fn start() -> Self {
        Self::with(&[])
    }

    pub fn with(arguments: &[&str]) -> Self {
        let peer = NodePeer::start("social_emulator.mjs", arguments);
        let base = peer.fields["base"].clone();
        Self { peer, base }
    }

    /// A site that knows all five. Tokens speak of the real time, so that its clock stands there.
    pub fn site(&self, change: impl Fn(&mut SocialProvider)) -> Site {
        self.site_with(change, |_| {})
    }

    pub fn site_with(&self, change: impl Fn(&mut SocialProvider), more: impl FnOnce(&mut Config)) -> Site {
        let site = Site::with(|config| {
            config.federation.enabled = true;
            config.federation.social = Social::ALL.iter().map(|social| self.provider(*social)).collect();
            config.federation.social.iter_mut().for_each(change);
            more(config);
        });
        site.clock.set(SystemClock.now());
        site
    }

    /// What the configuration says of a provider.
    pub fn provider(&self, social: Social) -> SocialProvider {
        let base = &self.base;
        let detours: &[(&str, &str)] = match social {
            Social::Google => &[("https://accounts.google.com", "/google")],
            Social::Facebook => &[
                ("https://www.facebook.com", "/facebook"),
                ("https://graph.facebook.com", "/facebook/graph"),
            ],
            Social::GitHub => &[
                ("https://github.com", "/github"),
                ("https://api.github.com", "/github/api/v3"),
            ],
            Social::Discord => &[("https://discord.com", "/discord")],
            Social::Apple => &[("https://appleid.apple.com", "/apple")],
        };
        SocialProvider {
            social,
            client_id: format!("{}-client", social.key()),
            credential: match social {
                Social::Apple => self.apple_key(),
                _ => Credential::Secret(Secret::new(format!("{}-secret", social.key()))),
            },
            doors: Doors {
                login: true,
                sign_up: true,
                connect: true,
                domains: Vec::new(),
            },
            trust_email: false,
            enterprise: None,
            allow_private: true,
            detours: detours
                .iter()
                .map(|(from, to)| ((*from).to_owned(), format!("{base}{to}")))
                .collect(),
        }
    }

    fn apple_key(&self) -> Credential {
        let key = self.peer.ask("apple-key");
        let text = |name: &str| key[name].as_str().expect("text").to_owned();
        Credential::Key(SigningKey {
            team_id: text("team_id"),
            key_id: text("key_id"),
            pem: Secret::new(text("private_key")),
        })
    }

    /// Says who is next at a provider.
    pub fn next(&self, social: Social, next: Value) {
        let mut next = next;
        next["provider"] = json!(social.key());
        self.peer.control("next", &next);
    }

    /// Lets an address of the counterpart answer otherwise, once.
    pub fn fail(&self, path: &str, status: u16, kind: &str, body: &str) {
        let fault = json!({ "path": path, "status": status, "type": kind, "body": body });
        self.peer.control("fail", &fault);
    }

    /// Somebody leaves for a provider, signs in there, and is about to come back.
    pub fn sign_in(&self, client: &Client, social: Social, user: Value) -> Back {
        let mut next = json!({});
        next["user"] = user;
        self.next(social, next);
        self.go(&leave(client, &format!("/oauth/{}", social.key())))
    }

    /// Goes to a provider, where somebody is next.
    pub fn go(&self, location: &str) -> Back {
        assert!(location.starts_with(&self.base), "{location}");
        let answer = self.peer.visit(location);
        match answer.status {
            302 => Back::Address(local(answer.header("location").expect("somewhere"))),
            200 => form(answer.text()),
            _ => panic!("{answer:?}"),
        }
    }

    /// Somebody goes to a provider and comes back.
    pub fn log_in(&self, site: &Site, client: &Client, social: Social, user: Value) -> Answer {
        let back = self.sign_in(client, social, user);
        come(site, client, &back)
    }

    /// Every request so far to an address.
    pub fn asked(&self, path: &str) -> Vec<Value> {
        let log = self.peer.ask("log");
        let all = log.as_array().expect("a list");
        all.iter().filter(|line| line["path"] == path).cloned().collect()
    }
}

/// Comes back as a browser does: a form that another site's page sends brings no cookie of ours.
pub fn come(site: &Site, client: &Client, back: &Back) -> Answer {
    match back {
        Back::Address(path) => client.get(path),
        Back::Form(path, fields) => {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            let (status, target) = {
                let answer = site.client().post_bare(path, &fields);
                assert!(answer.cookies().is_empty(), "{answer:?}");
                (answer.status, answer.location().1.to_owned())
            };
            assert_eq!(status, 303, "{target}");
            client.get(&target)
        }
    }
}

/// Path and query of an address.
fn local(address: &str) -> String {
    let url = Url::parse(address).expect("an address");
    url[Position::BeforePath..Position::AfterQuery].to_owned()
}

fn form(page: &str) -> Back {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\"")).expect("the attribute");
        let (value, _) = rest.split_once('"').expect("a quote");
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    let mut tags = page.split('<');
    let start = tags.find(|tag| tag.starts_with("form")).expect("a form");
    let fields = tags.filter(|tag| tag.starts_with("input"));
    let fields = fields.map(|tag| (attribute(tag, "name"), attribute(tag, "value")));
    Back::Form(local(&attribute(start, "action")), fields.collect())
}

/// Somebody as the counterpart describes people.
pub fn user(name: &str) -> Value {
    let id: u64 = name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)) % 1_000_000;
    json!({
        "id": id.to_string(), "login": name, "name": format!("{name} elsewhere"), "given_name": name,
        "family_name": "Elsewhere", "email": format!("{name}@example.org"), "email_verified": true,
    })
}

/// The same with other fields.
pub fn user_with(name: &str, fields: Value) -> Value {
    let (Value::Object(mut whole), Value::Object(fields)) = (user(name), fields) else {
        panic!("fields are an object");
    };
    whole.extend(fields);
    Value::Object(whole)
}
