//! The settings of a provider, written down once: `[openid]` has them with LibreChat's names, each table of the list
//! `[[openid.providers]]` has them as columns.

use std::time::Duration;

use super::social;
use crate::config::setting::{Kind, Setting, column};
use crate::domain::duration::LONGEST;
use crate::domain::federation::mapping::Source;
use crate::domain::federation::provider::Icon;

use super::rules::{GROUPS, ROLES};

const HOUR: Duration = Duration::from_hours(1);

/// Where a setting exists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// In `[openid]` and in each table of the list.
    Everywhere,
    /// In `[openid]` only.
    First,
}

#[derive(Clone, Copy)]
struct Row {
    leaf: &'static str,
    env: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    exists: Where,
}

const fn row(leaf: &'static str, env: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Row {
    Row {
        leaf,
        env,
        kind,
        default,
        doc,
        exists: Where::Everywhere,
    }
}

const fn first(row: Row) -> Row {
    Row {
        exists: Where::First,
        ..row
    }
}

const SECRET: Kind = Kind::Secret { hex: None };
pub(super) const TOKEN: Kind = Kind::Choice(Source::WORDS);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("issuer", "OPENID_ISSUER", Kind::Issuer, "",
        "Who the provider is: the address below which it describes itself."),
    row("client_id", "OPENID_CLIENT_ID", Kind::Text, "",
        "Our name there."),
    row("client_secret", "OPENID_CLIENT_SECRET", SECRET, "",
        "Our secret there; needed unless use_pkce is true."),
    row("use_pkce", "OPENID_USE_PKCE", Kind::Flag, "false",
        "Whether to do without client_secret; PKCE (S256) is used either way."),
    row("scope", "OPENID_SCOPE", Kind::Text, "openid profile email",
        "What is asked for, with blanks between."),
    first(row("callback_url", "OPENID_CALLBACK_URL", Kind::Text, "/oauth/openid/callback",
        "Where the provider sends people back to; it is always this path here.")),
    row("label", "OPENID_BUTTON_LABEL", Kind::Text, "",
        "What the button says; Continue with OpenID unless set."),
    row("icon", "LIBRECHAT_AUTH_OPENID_ICON", Kind::Choice(Icon::WORDS), "key",
        "The picture on our own button."),
    row("image_url", "OPENID_IMAGE_URL", Kind::Text, "",
        "A picture for the button of LibreChat's client; our own pages load nothing from elsewhere."),
    row("login", "LIBRECHAT_AUTH_OPENID_LOGIN", Kind::Flag, "true",
        "Whether people log in this way."),
    row("sign_up", "LIBRECHAT_AUTH_OPENID_SIGN_UP", Kind::Flag, "true",
        "Whether whoever logs in this way for the first time gets an account."),
    row("connect", "LIBRECHAT_AUTH_OPENID_CONNECT", Kind::Flag, "true",
        "Whether people who are signed in connect it to their account."),
    row("domains", "LIBRECHAT_AUTH_OPENID_DOMAINS", Kind::List, "",
        "E-mail domains that may come in this way, beside accounts.allowed_domains; empty allows all."),
    row("allow_private", "LIBRECHAT_AUTH_OPENID_ALLOW_PRIVATE", Kind::Flag, "false",
        "Whether the provider may be on this machine or in a private network, there also by http."),
    row("trust_email", "LIBRECHAT_AUTH_OPENID_TRUST_EMAIL", Kind::Flag, "false",
        "Whether its e-mail addresses count as proved where it does not say; what it denies stays denied."),
    row("email_claim", "OPENID_EMAIL_CLAIM", Kind::Text, "",
        "The claim with the address, before email, preferred_username and upn."),
    row("username_claim", "OPENID_USERNAME_CLAIM", Kind::Text, "",
        "The claim with the user name, before preferred_username, username and email."),
    row("name_claim", "OPENID_NAME_CLAIM", Kind::Text, "",
        "The claim with the name, before given_name and family_name, and name."),
    row("required_role", "OPENID_REQUIRED_ROLE", Kind::List, "",
        "Names, one of which the provider must say at required_role_path; empty lets everybody in whom it knows."),
    row("required_role_path", "OPENID_REQUIRED_ROLE_PARAMETER_PATH", Kind::Text, "",
        "Where they are in the claims, such as realm_access.roles or groups."),
    row("required_role_token", "OPENID_REQUIRED_ROLE_TOKEN_KIND", TOKEN, "any",
        "In which claims: those of the id token, of userinfo, of the access token, or any of them."),
    row("admin_role", "OPENID_ADMIN_ROLE", Kind::Text, "",
        "Whoever has this at admin_role_path is an ADMIN; who was made one so is one no more when it is gone."),
    row("admin_role_path", "OPENID_ADMIN_ROLE_PARAMETER_PATH", Kind::Text, "",
        "Where it is in the claims; a plain true there counts too."),
    row("admin_role_token", "OPENID_ADMIN_ROLE_TOKEN_KIND", TOKEN, "any",
        "In which claims."),
    row("demote_admins", "LIBRECHAT_AUTH_OPENID_DEMOTE_ADMINS", Kind::Flag, "false",
        "Whether admins whom somebody appointed by hand lose that role at login, too, unless the provider says it."),
    row("role_sync", "OPENID_ROLE_SYNC_ENABLED", Kind::Flag, "false",
        "Whether names that the provider says are roles here, at each login; nobody becomes or stops being an ADMIN so."),
    row("role_sync_claim", "OPENID_ROLE_SYNC_CLAIM", Kind::Text, "",
        "Where they are in the claims."),
    row("role_sync_token", "OPENID_ROLE_SYNC_SOURCE", TOKEN, "id",
        "In which claims."),
    row("role_sync_priority", "OPENID_ROLE_SYNC_ROLE_PRIORITY", Kind::List, "",
        "The roles; the first one that the provider says, in any case, is the one somebody gets."),
    row("role_sync_fallback", "OPENID_ROLE_SYNC_FALLBACK_ROLE", Kind::Text, "",
        "The role if it says none of them; empty leaves the role as it is."),
    row("graph_url", "LIBRECHAT_AUTH_OPENID_GRAPH_URL", Kind::Text, "https://graph.microsoft.com",
        "Where Entra's groups are asked for if it keeps them back and a rule looks at groups; empty asks nobody."),
    row("audience", "OPENID_AUDIENCE", Kind::List, "",
        "Audiences of access tokens; the first is asked for."),
    row("clock_tolerance", "OPENID_CLOCK_TOLERANCE", Kind::Number { min: 0, max: 3600 }, "300",
        "By how many seconds the provider's clock may differ from ours."),
    row("prompt", "LIBRECHAT_AUTH_OPENID_PROMPT", Kind::Text, "",
        "What the provider is asked to do, such as select_account; some give tokens for later only with consent."),
    row("auto_redirect", "OPENID_AUTO_REDIRECT", Kind::Flag, "false",
        "Whether the login page sends people straight there; /login?redirect=false shows it, and so does logging out."),
    row("end_session", "OPENID_USE_END_SESSION_ENDPOINT", Kind::Flag, "false",
        "Whether whoever logs out here is sent there to log out, too."),
    row("post_logout_redirect_uri", "OPENID_POST_LOGOUT_REDIRECT_URI", Kind::Text, "",
        "Where the provider sends people back to after that; the login page of DOMAIN_CLIENT unless set."),
    row("max_logout_url_length", "OPENID_MAX_LOGOUT_URL_LENGTH", Kind::Number { min: 1, max: 65535 }, "2000",
        "How long the address for logging out there may become before the ID token is left out of it."),
    row("reuse_tokens", "OPENID_REUSE_TOKENS", Kind::Flag, "false",
        "Whether the provider's tokens are kept here, sealed, and renewed; browsers never get them."),
    row("reuse_max_session_age", "OPENID_REUSE_MAX_SESSION_AGE_MS", Kind::Span { max: LONGEST }, "15m",
        "How old they may become before they are renewed, even if they are good for longer."),
    row("refresh_audience", "OPENID_REFRESH_AUDIENCE", Kind::Text, "",
        "The audience that is asked for when they are renewed."),
    row("strict", "LIBRECHAT_AUTH_OPENID_STRICT", Kind::Flag, "false",
        "Whether a session here ends once the provider refuses to renew its tokens; implies reuse_tokens."),
    row("jwks_cache_enabled", "OPENID_JWKS_URL_CACHE_ENABLED", Kind::Flag, "true",
        "Whether the provider's keys are kept from one login to the next."),
    row("jwks_cache_time", "OPENID_JWKS_URL_CACHE_TIME", Kind::Span { max: LONGEST }, "10m",
        "How long they are kept; a key that is not among them is asked for at once."),
    row("avatar_origins", "OPENID_AVATAR_AUTHORIZED_ORIGINS", Kind::List, "",
        "Origins that get the access token when a picture is fetched there, beside the provider's own."),
];

#[rustfmt::skip]
const OUTGOING: &[Setting] = &[
    setting("outgoing.proxy", "PROXY", SECRET, "",
        "A proxy for requests to public servers, such as http://proxy.example.org:3128; stronger than https_proxy."),
    Setting {
        alias: Some("https_proxy"),
        ..setting("outgoing.https_proxy", "HTTPS_PROXY", SECRET, "",
            "The same under its usual name. Servers in private networks are reached without it.")
    },
    Setting {
        alias: Some("no_proxy"),
        ..setting("outgoing.no_proxy", "NO_PROXY", Kind::List, "",
            "Names, domains and networks that are reached without a proxy.")
    },
    Setting {
        alias: Some("NODE_EXTRA_CA_CERTS"),
        ..setting("outgoing.ca_file", "LIBRECHAT_AUTH_CA_FILE", Kind::Text, "",
            "A file with certificates (PEM) of authorities that are believed beside the public ones.")
    },
    setting("outgoing.timeout", "LIBRECHAT_AUTH_OUTGOING_TIMEOUT", Kind::Span { max: HOUR }, "10s",
        "How long another server may take to answer."),
];

const fn setting(
    key: &'static str,
    env: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
) -> Setting {
    Setting {
        key,
        env,
        alias: None,
        kind,
        default,
        doc,
    }
}

/// What the settings of `[openid]` are called in `librechat-auth.toml`, and the list of further providers there.
pub const OPENID: &str = "openid";

/// The list of further providers.
pub const LIST: &str = "openid.providers";

/// The settings of `[openid]`, of the sections of other providers, and of `[outgoing]`.
#[must_use]
pub fn settings() -> Vec<Setting> {
    let section = ROWS.iter().map(|row| {
        let key = format!("{OPENID}.{}", row.leaf).leak();
        setting(key, row.env, row.kind, row.default, row.doc)
    });
    let list = setting(
        LIST,
        "LIBRECHAT_AUTH_OPENID_PROVIDERS",
        Kind::Tables(&COLUMNS),
        "",
        "More OpenID providers, each with a button of its own.",
    );
    let roles = setting(
        ROLES.key,
        "LIBRECHAT_AUTH_OPENID_ROLES",
        Kind::Tables(ROLES.columns),
        "",
        "Which claims give which role, at each login; the first that fits counts.",
    );
    let groups = setting(
        GROUPS.key,
        "LIBRECHAT_AUTH_OPENID_GROUPS",
        Kind::Tables(GROUPS.columns),
        "",
        "Which claims put people into which groups, at each login.",
    );
    section
        .chain([list, roles, groups])
        .chain(social::settings())
        .chain(OUTGOING.iter().copied())
        .collect()
}

/// What each table of the list may contain.
static COLUMNS: [Setting; OWN.len() + SHARED] = columns();

const OWN: [Setting; 2] = [
    column(
        "id",
        Kind::Text,
        "",
        "Its name in addresses: /oauth/<id> and /oauth/<id>/callback.",
    ),
    column(
        "client_secret_file",
        Kind::Text,
        "",
        "A file that contains client_secret.",
    ),
];

/// How many rows exist everywhere.
const SHARED: usize = {
    let (mut count, mut at) = (0, 0);
    while at < ROWS.len() {
        if matches!(ROWS[at].exists, Where::Everywhere) {
            count += 1;
        }
        at += 1;
    }
    count
};

const fn columns() -> [Setting; OWN.len() + SHARED] {
    let mut columns = [OWN[0]; OWN.len() + SHARED];
    columns[1] = OWN[1];
    let (mut filled, mut at) = (OWN.len(), 0);
    while at < ROWS.len() {
        let row = ROWS[at];
        if matches!(row.exists, Where::Everywhere) {
            columns[filled] = column(row.leaf, row.kind, row.default, row.doc);
            filled += 1;
        }
        at += 1;
    }
    columns
}
