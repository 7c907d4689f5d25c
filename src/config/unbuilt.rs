//! Names that LibreChat or other servers know and this version does not: never ignored in silence.
//!
//! What changes who gets in or where data is kept stops the start; the rest is named in one warning per subject.

use super::problem::Findings;
use super::setting::by_env;
use super::sources::Variables;
use super::value::Given;

/// When a variable means something that is not there.
enum When {
    /// It has any value.
    Set,
    /// LibreChat would read it as true.
    On,
    /// It has any value but this one.
    NotBut(&'static str),
}

impl When {
    fn holds(&self, value: &str) -> bool {
        let value = value.trim();
        match self {
            Self::Set => !value.is_empty(),
            Self::On => value.eq_ignore_ascii_case("true"),
            Self::NotBut(fine) => !value.is_empty() && !value.eq_ignore_ascii_case(fine),
        }
    }
}

const REFUSED: &[(&str, When, &str)] = &[
    (
        "SESSION_STORE",
        When::NotBut("sqlite"),
        "sessions are kept in the SQLite database in this version; remove the line or say sqlite",
    ),
    (
        "REDIS_URL",
        When::Set,
        "Redis is not supported in this version; remove the line, sessions and limits need no Redis here",
    ),
    (
        "USE_REDIS",
        When::On,
        "Redis is not supported in this version; say false, sessions and limits need no Redis here",
    ),
    (
        "TENANT_ISOLATION_STRICT",
        When::On,
        "tenants are not supported in this version; say false",
    ),
];

/// A subject that is not built: what shows that it is wanted, and all names that belong to it.
struct Subject {
    wanted: &'static [(&'static str, When)],
    prefixes: &'static [&'static str],
    says: &'static str,
}

const SUBJECTS: &[Subject] = &[
    Subject {
        wanted: &[("SAML_ENTRY_POINT", When::Set)],
        prefixes: &["SAML_"],
        says: "SAML is not supported in this version; these have no effect",
    },
    Subject {
        wanted: &[("OPENID_ROLE_SYNC_API_ENABLED", When::On)],
        prefixes: &["OPENID_ROLE_SYNC_API_"],
        says: "roles are read from claims at each login and at no other request; this has no effect",
    },
    Subject {
        wanted: &[
            ("OPENID_ON_BEHALF_FLOW_FOR_USERINFO_REQUIRED", When::On),
            ("OPENID_USE_OAUTH2", When::On),
            ("USE_ENTRA_ID_FOR_PEOPLE_SEARCH", When::On),
            ("DEBUG_OPENID_REQUESTS", When::On),
        ],
        prefixes: &[
            "OPENID_ON_BEHALF_",
            "OPENID_USE_OAUTH2",
            "OPENID_AUTHORIZATION_URL",
            "OPENID_TOKEN_URL",
            "OPENID_USERINFO_URL",
            "OPENID_GRAPH_",
            "USE_ENTRA_ID_",
            "ENTRA_ID_",
            "DEBUG_OPENID_",
        ],
        says: "this is not supported in this version; these have no effect",
    },
    // Nothing of these is missed: nonce and PKCE are always used, discovery is tried again by itself, sessions need no
    // secret of their own, no browser holds a provider's refresh token, and nothing public is asked by http.
    Subject {
        wanted: &[],
        prefixes: &[
            "OPENID_SESSION_SECRET",
            "OPENID_GENERATE_NONCE",
            "OPENID_DISCOVERY_",
            "OPENID_REFRESH_BRIDGE_",
            "HTTP_PROXY",
            "http_proxy",
        ],
        says: "",
    },
    Subject {
        wanted: &[("LDAP_URL", When::Set)],
        prefixes: &["LDAP_"],
        says: "directory logins are not supported in this version; these have no effect",
    },
    Subject {
        wanted: &[
            ("RESET_PASSWORD_SUBMISSION_VIOLATION_SCORE", When::Set),
            ("VERIFY_EMAIL_SUBMISSION_VIOLATION_SCORE", When::Set),
        ],
        prefixes: &[
            "RESET_PASSWORD_SUBMISSION_VIOLATION_",
            "VERIFY_EMAIL_SUBMISSION_VIOLATION_",
        ],
        says: "a form sent too often costs what asking for its link too often does (RESET_PASSWORD_VIOLATION_SCORE, \
               VERIFY_EMAIL_VIOLATION_SCORE); these have no effect",
    },
    Subject {
        wanted: &[("ALLOW_PASSKEY_LOGIN", When::On)],
        prefixes: &["ALLOW_PASSKEY_LOGIN", "PASSKEY_"],
        says: "passkeys are not supported in this version; these have no effect",
    },
    Subject {
        wanted: &[("REDIS_URI", When::Set)],
        prefixes: &["REDIS_"],
        says: "Redis is not used in this version; these have no effect",
    },
    Subject {
        wanted: &[("TRUST_TENANT_HEADER", When::On)],
        prefixes: &["TRUST_TENANT_HEADER"],
        says: "tenants are not supported in this version; this has no effect",
    },
    Subject {
        wanted: &[("JWT_AUTH_HEADER", When::Set)],
        prefixes: &["JWT_AUTH_HEADER"],
        says: "access tokens are read from the Authorization header only in this version; this has no effect",
    },
    Subject {
        wanted: &[("ADMIN_PANEL_URL", When::Set)],
        prefixes: &["ADMIN_PANEL_URL"],
        says: "there is no separate admin panel in this version; this has no effect",
    },
];

/// Names every variable that asks for something that is not built.
pub fn review(variables: &Variables, findings: &mut Findings) {
    for (name, when, says) in REFUSED {
        if let Some(given) = variables.get(*name).filter(|given| when.holds(&given.raw.text())) {
            findings.error(&given.place, *name, *says);
        }
    }
    // LibreChat asks the directory instead of the database once both are set.
    if let (Some(given), true) = (
        set(variables, "LDAP_URL"),
        set(variables, "LDAP_USER_SEARCH_BASE").is_some(),
    ) {
        let says =
            "passwords cannot be checked by a directory server in this version; remove both to use local passwords";
        findings.error(&given.place, "LDAP_URL, LDAP_USER_SEARCH_BASE", says);
        return subjects(variables, "LDAP_", findings);
    }
    subjects(variables, "", findings);
}

fn set<'o>(variables: &'o Variables, name: &str) -> Option<&'o Given> {
    variables.get(name).filter(|given| When::Set.holds(&given.raw.text()))
}

fn subjects(variables: &Variables, reported: &str, findings: &mut Findings) {
    for subject in SUBJECTS.iter().filter(|subject| !subject.prefixes.contains(&reported)) {
        let first = subject
            .wanted
            .iter()
            .find_map(|(name, when)| variables.get(*name).filter(|given| when.holds(&given.raw.text())));
        let Some(first) = first else { continue };
        let names: Vec<&str> = variables
            .iter()
            .filter(|(name, given)| belongs(name, subject) && When::Set.holds(&given.raw.text()))
            .map(|(name, _)| name.as_str())
            .collect();
        findings.warning(&first.place, names.join(", "), subject.says);
    }
}

/// A setting belongs to no subject, whatever its name starts with.
fn belongs(name: &str, subject: &Subject) -> bool {
    subject.prefixes.iter().any(|prefix| name.starts_with(prefix)) && by_env(name).is_none()
}

/// Whether the name is known here although it is no setting, so that it is no misspelling.
#[must_use]
pub fn is_known(name: &str) -> bool {
    REFUSED.iter().any(|(known, ..)| name.starts_with(known)) || SUBJECTS.iter().any(|subject| belongs(name, subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::problem::Place;
    use crate::config::value::Raw;

    fn reviewed(variables: &[(&str, &str)]) -> Findings {
        let variables = variables
            .iter()
            .map(|(name, value)| {
                let given = Given {
                    place: Place::new("environment"),
                    name: (*name).into(),
                    raw: Raw::Environment((*value).into()),
                };
                ((*name).to_owned(), given)
            })
            .collect();
        let mut findings = Findings::default();
        review(&variables, &mut findings);
        findings
    }

    #[test]
    fn what_decides_who_gets_in_is_refused_by_name() {
        for (name, value) in [
            ("SESSION_STORE", "redis"),
            ("REDIS_URL", "redis://:hunter2@localhost"),
            ("USE_REDIS", "true"),
            ("TENANT_ISOLATION_STRICT", "true"),
        ] {
            let errors = reviewed(&[(name, value)]).errors;
            assert!(errors.iter().any(|error| error.key == name), "{name}={value}");
            assert!(
                errors.iter().all(|error| !error.to_string().contains("hunter2")),
                "{name}"
            );
        }
    }

    #[test]
    fn harmless_values_of_the_same_names_pass() {
        let findings = reviewed(&[
            ("SESSION_STORE", "sqlite"),
            ("REDIS_URL", ""),
            ("USE_REDIS", "false"),
            ("OPENID_CALLBACK_URL", "/oauth/openid/callback"),
            ("LDAP_USER_SEARCH_BASE", "dc=example"),
        ]);
        assert!(
            findings.errors.is_empty() && findings.warnings.is_empty(),
            "{findings:?}"
        );
    }

    #[test]
    fn a_directory_is_refused_once_it_would_replace_passwords() {
        let findings = reviewed(&[
            ("LDAP_URL", "ldap://example.org"),
            ("LDAP_USER_SEARCH_BASE", "dc=example"),
        ]);
        assert_eq!((findings.errors.len(), findings.warnings.len()), (1, 0));
        let findings = reviewed(&[("LDAP_URL", "ldap://example.org")]);
        assert_eq!((findings.errors.len(), findings.warnings.len()), (0, 1));
    }

    #[test]
    fn each_subject_is_one_warning_that_lists_its_names() {
        let findings = reviewed(&[
            ("LDAP_URL", "ldap://directory.example.org"),
            ("LDAP_BIND_CREDENTIALS", "hunter2"),
            ("LDAP_BIND_DN", ""),
            ("ALLOW_PASSKEY_LOGIN", "true"),
            ("PASSKEY_RP_ID", "example.org"),
            ("GOOGLE_KEY", "an API key of the chat"),
        ]);
        let keys: Vec<_> = findings.warnings.iter().map(|warning| warning.key.as_str()).collect();
        assert_eq!(
            keys,
            ["LDAP_BIND_CREDENTIALS, LDAP_URL", "ALLOW_PASSKEY_LOGIN, PASSKEY_RP_ID"]
        );
        assert!(
            findings
                .warnings
                .iter()
                .all(|warning| !warning.message.contains("hunter2"))
        );
    }
}
