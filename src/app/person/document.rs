//! Everything about one person as JSON: for programs, and as the document that people may ask for. No hash, no secret.

use serde_json::{Value as Json, json};

use crate::app::audit::Actor;
use crate::app::person::{MOST, Person};
use crate::app::{App, Failure};
use crate::domain::account::Account;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::EventKind;
use crate::domain::audit_export;
use crate::domain::federation::connection::Connection;
use crate::domain::federation::expectation::{Expectation, Sign};
use crate::domain::ids::UserId;
use crate::domain::moderation::told;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::trash::Deleted;
use crate::domain::trusted_device::TrustedDevice;
use crate::store::audit;

impl Person {
    /// All of it.
    #[must_use]
    pub fn object(&self) -> Json {
        let mut object = account(&self.account);
        object["state"] = json!(self.state());
        object["hasPassword"] = json!(self.has_password);
        object["groups"] = self
            .groups
            .iter()
            .map(|(source, group)| json!({ "name": group.as_str(), "source": source }))
            .collect();
        object["twoFactor"] = json!({
            "enabledAt": time(self.second_factor.enabled_at),
            "required": self.second_factor.is_mandatory,
            "demandedAt": time(self.account.two_factor_demanded_at),
            "backupCodesLeft": self.second_factor.codes_left,
        });
        object["sessions"] = self.sessions.iter().map(session).collect();
        object["identities"] = self.connections.iter().map(identity).collect();
        object["expected"] = self.expected.iter().map(expectation).collect();
        object["trustedDevices"] = self.devices.iter().map(device).collect();
        object["apiKeys"] = self.keys.iter().map(key).collect();
        object["scores"] = self.scores();
        let email = self.account.email.as_str();
        let bans = self.standing.bans.iter();
        object["bans"] = bans.map(|ban| told::ban(ban, Some(email), self.at)).collect();
        object["violations"] = self.violations.iter().map(told::violation).collect();
        object["olderViolations"] = json!(self.has_older_violations);
        let events = self.events.iter();
        object["audit"] = events.map(|(id, event)| audit_export::object(*id, event)).collect();
        object["olderAudit"] = json!(self.has_older_events);
        object
    }

    fn scores(&self) -> Json {
        let scores = self.standing.scores.iter();
        scores
            .map(|(kind, stored, worth)| {
                json!({
                    "kind": kind.key(),
                    "points": told::number(worth.thousandths()),
                    "stored": told::number(stored.points.thousandths()),
                    "updatedAt": stored.updated_at.to_string(),
                })
            })
            .collect()
    }
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn account(account: &Account) -> Json {
    json!({
        "id": account.id.to_string(),
        "name": account.name,
        "username": account.username,
        "email": account.email.as_str(),
        "emailVerified": account.email_verified,
        "avatar": account.avatar,
        "provider": account.provider,
        "role": account.role.as_str(),
        "lang": account.lang,
        "createdAt": account.created_at.to_string(),
        "updatedAt": account.updated_at.to_string(),
        "lastLoginAt": time(account.last_login_at),
        "loginCount": account.login_count,
        "disabledAt": time(account.disabled_at),
        "waitingSince": time(account.waiting_since),
        "validUntil": time(account.valid_until),
        "termsAcceptedAt": time(account.terms_accepted_at),
    })
}

fn session(session: &Session) -> Json {
    json!({
        "id": session.id.to_string(),
        "method": session.method,
        "address": session.origin.address,
        "userAgent": session.origin.user_agent,
        "createdAt": session.created_at.to_string(),
        "lastUsedAt": session.last_used_at.to_string(),
        "expiresAt": session.expires_at.to_string(),
    })
}

fn identity(connection: &Connection) -> Json {
    json!({
        "id": connection.id,
        "provider": connection.provider.as_str(),
        "issuer": connection.subject.issuer,
        "subject": connection.subject.subject,
        "email": connection.email,
        "name": connection.name,
        "createdAt": connection.created_at.to_string(),
        "lastUsedAt": time(connection.last_used_at),
    })
}

/// Somebody who is expected.
#[must_use]
pub fn expectation(one: &Expectation) -> Json {
    let (subject, address) = match &one.terms.sign {
        Sign::Subject(subject) => (Some(subject.subject.as_str()), None),
        Sign::Address(address) => (None, Some(address.as_str())),
    };
    json!({
        "id": one.id,
        "account": one.email,
        "user": one.user.map(|id| id.to_string()),
        "provider": one.terms.provider.as_str(),
        "subject": subject,
        "email": address,
        "happens": one.terms.prospect.key(),
        "by": one.terms.by,
        "createdAt": one.terms.created_at.to_string(),
        "expiresAt": one.terms.expires_at.to_string(),
    })
}

fn device(device: &TrustedDevice) -> Json {
    json!({
        "id": device.id,
        "address": device.origin.address,
        "userAgent": device.origin.user_agent,
        "createdAt": device.created_at.to_string(),
        "lastUsedAt": device.last_used_at.to_string(),
        "expiresAt": device.expires_at.to_string(),
    })
}

fn key(key: &ApiKey) -> Json {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.key()).collect();
    let hosts: Vec<String> = key.hosts.iter().map(ToString::to_string).collect();
    json!({
        "id": key.id,
        "name": key.name,
        "scopes": scopes,
        "hosts": hosts,
        "createdAt": key.created_at.to_string(),
        "expiresAt": time(key.expires_at),
        "lastUsedAt": time(key.last_used_at),
    })
}

/// Somebody who was deleted, and until when they can come back.
#[must_use]
pub fn deleted(gone: &Deleted, until: Timestamp) -> Json {
    json!({
        "id": gone.id.to_string(),
        "state": "deleted",
        "name": gone.name,
        "username": gone.username,
        "email": gone.email.as_str(),
        "provider": gone.provider,
        "role": gone.role.as_str(),
        "createdAt": gone.created_at.to_string(),
        "lastLoginAt": time(gone.last_login_at),
        "deletedAt": gone.deleted_at.to_string(),
        "deletedBy": gone.deleted_by,
        "restorableUntil": until.to_string(),
    })
}

impl App {
    /// Everything that is kept about one person as one document, and a line in the audit log that somebody took it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::domain::refusal::Refusal::NotFound), or a fault.
    pub async fn export_person(&self, id: UserId, by: &Actor) -> Result<Json, Failure> {
        let person = self.person_with(id, MOST).await?;
        let event = self.event_of(EventKind::AuditExported, Some(id), by, "person");
        self.store.write(move |tx| audit::append(tx, &event)).await?;
        let mut document = person.object();
        document["exportedAt"] = json!(person.at.to_string());
        document["about"] = json!(format!(
            "Everything this server keeps about the account, without passwords, keys and codes. Violations and lines of the \
             audit log are the newest {MOST} of each; olderViolations and olderAudit say whether there are more."
        ));
        Ok(document)
    }
}
