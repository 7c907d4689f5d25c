//! Links, and people who follow them.

use std::num::NonZero;

use librechat_auth::app::Failure;
use librechat_auth::app::audit::Actor;
use librechat_auth::app::invitations::{Invited, Wanted};
use librechat_auth::config::Config;
use librechat_auth::domain::account::{Account, Role};
use librechat_auth::domain::email::Email;
use librechat_auth::domain::invitation::{Guests, Invitation, LIFETIME, Uses};
use librechat_auth::domain::session::Origin;
use serde_json::{Value, json};

use crate::support::{Answer, Site, registration};

pub const CONSOLE: &Actor = &Actor::Console;

/// Somebody who acts on an admin page.
pub fn by(admin: &Account) -> Actor {
    Actor::Admin {
        id: admin.id,
        origin: Origin::default(),
    }
}

/// A site where strangers may not register.
pub fn closed() -> Site {
    closed_with(|_| {})
}

pub fn closed_with(change: impl FnOnce(&mut Config)) -> Site {
    Site::with(|config| {
        config.accounts.registration = false;
        change(config);
    })
}

pub fn times(count: u32) -> Uses {
    NonZero::new(count)
}

/// A link for whoever has it, for so many accounts.
pub fn for_anybody(uses: Uses) -> Wanted {
    Wanted {
        guests: Guests::Anybody { domains: Vec::new() },
        role: Role::User,
        groups: Vec::new(),
        uses,
        lifetime: LIFETIME,
        note: String::new(),
        lang: None,
        admin_is_meant: false,
    }
}

/// A link for addresses at these domains.
pub fn for_domains(domains: &[&str]) -> Wanted {
    Wanted {
        guests: Guests::Anybody {
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        },
        ..for_anybody(None)
    }
}

/// A link for one person, not mailed.
pub fn for_one(name: &str) -> Wanted {
    Wanted {
        guests: Guests::One {
            email: Email::parse(&format!("{name}@example.org")).expect("an address"),
            mailed: false,
        },
        ..for_anybody(times(1))
    }
}

pub fn try_to_invite(site: &Site, wanted: Wanted, by: &Actor) -> Result<Invited, Failure> {
    site.run(site.app.invite(wanted, by))
}

/// Makes a link at the console; answers with its token and the invitation.
pub fn invite(site: &Site, wanted: Wanted) -> (String, Invitation) {
    let made = try_to_invite(site, wanted, CONSOLE).expect("an invitation");
    (token_of(&made), made.invitation)
}

pub fn token_of(made: &Invited) -> String {
    let (_, token) = made.link.expose().split_once("/register?token=").expect("a link");
    token.to_owned()
}

/// What LibreChat's client sends when somebody follows a link.
pub fn with_token(name: &str, token: &str) -> Value {
    let mut body = registration(name);
    body["token"] = json!(token);
    body
}

pub fn register(site: &Site, name: &str, token: &str) -> Answer {
    site.client().post("/api/auth/register", &with_token(name, token))
}

/// The invitation as it is now.
pub fn now(site: &Site, invitation: &Invitation) -> Invitation {
    let found = site.run(site.app.find_invitation(invitation.id));
    found.expect("a look-up").expect("still there")
}

/// Status and message of a token that is good for nothing.
pub fn invalid() -> (u16, String) {
    (400, "Invalid invite token".to_owned())
}
