//! The usual holes in configurations of reverse proxies that guard programs: what is not asked about, what a client can
//! forge, and what makes the question another one than the request.
//!
//! Reading is generous: what is not understood is passed over, for a proxy checks its own grammar. Judging is not: whatever
//! is guarded somewhere in a file has to be guarded everywhere in it.

use serde_json::Value;

use super::Proxy;

mod apache;
mod caddy;
mod haproxy;
mod nginx;
mod nodes;
mod traefik;

/// The headers by which programs are told who comes.
const IDENTITY: [&str; 4] = ["Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups"];

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something works worse than it could.
    Flaw,
    /// Somebody gets through, or passes for somebody else.
    Hole,
}

impl Weight {
    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Flaw => "flaw",
            Self::Hole => "hole",
        }
    }
}

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident = $key:literal, $weight:ident, $sentence:literal;)+) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault { $($(#[$doc])* $variant,)+ }

        impl Fault {
            /// Every fault that is looked for.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable key.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// How bad it is.
            #[must_use]
            pub const fn weight(self) -> Weight {
                match self { $(Self::$variant => Weight::$weight,)+ }
            }

            /// The sentence, with `{}` for what it is about.
            const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }
    };
}

faults! {
    /// Nothing in the file asks this server.
    NothingAsked = "nothing_asked", Hole, "nothing here asks this server about requests";
    /// Requests reach the program without a question.
    Unasked = "unasked", Hole, "{} reaches the program without a question";
    /// Only some of the requests are asked about.
    Partly = "partly", Hole, "only requests that fit {} are asked about";
    /// The program is reached before the question is asked.
    TooLate = "too_late", Hole, "{} comes before the question";
    /// Another condition lets requests in beside the question.
    Either = "either", Hole, "{} lets requests in for which the answer was no";
    /// A refusal is turned into something that passes.
    Overruled = "overruled", Hole, "{} turns a refusal into another answer";
    /// A client's own header reaches the program.
    Forgeable = "forgeable", Hole, "{} reaches the program as the client wrote it";
    /// The header is filled from the request.
    Echoed = "echoed", Hole, "{} is filled with what the client sent";
    /// Spellings that some programs take for ours get through.
    Lookalikes = "lookalikes", Flaw, "{} and the like get through, which some programs take for ours";
    /// Header names with underscores are let through.
    Underscores = "underscores", Hole, "{} lets headers through that programs take for ours";
    /// The client's address is what the client says.
    AddressForged = "address_forged", Hole, "{} makes the client's address what the client says it is";
    /// The address is not passed on.
    AddressLost = "address_lost", Flaw, "{} says not where requests come from: rules about networks, limits and bans see the proxy";
    /// The question is about a host that the client chooses.
    HostForged = "host_forged", Hole, "{} asks about the host that the client names";
    /// The question is about another path than the program gets.
    PathChanged = "path_changed", Hole, "{} asks about another path than the program gets";
    /// The question does not say what is asked about.
    Undescribed = "undescribed", Flaw, "{} does not say which page is wanted: every answer is no";
    /// The question does not say the method.
    MethodLost = "method_lost", Flaw, "{} does not say the method: rules about methods see GET";
    /// The question carries the body along.
    BodySent = "body_sent", Flaw, "{} sends the body along, which nobody reads: large uploads stand still";
    /// The question can be asked from outside.
    QuestionOpen = "question_open", Flaw, "{} can be opened from outside";
    /// People see a bare refusal.
    NoLogin = "no_login", Flaw, "{} shows people a bare 401 where the login should be";
    /// A refusal that a login does not heal leads to the login.
    Loop = "loop", Flaw, "{} sends those who may not come in round in circles";
    /// The key for the way back is dropped.
    CookieDropped = "cookie_dropped", Flaw, "{} drops our cookie: hosts with a key of their own never get one";
    /// The answer names somebody, and nobody is told.
    NobodyTold = "nobody_told", Flaw, "{} is never filled: the program does not learn who comes";
    /// Our keys reach the program.
    KeysShown = "keys_shown", Flaw, "{} gets our cookies, which are nothing for it";
    /// It goes over the wire in the clear.
    Unencrypted = "unencrypted", Flaw, "{} is not encrypted: whoever listens has the keys";
    /// The proxy asks at an address of another proxy.
    WrongDoor = "wrong_door", Hole, "{} is the question of another proxy";
    /// A file that was not read.
    Elsewhere = "elsewhere", Flaw, "{} was not looked into";
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where, counted from 1.
    pub line: usize,
    /// What.
    pub fault: Fault,
    /// What it is about, as it stands in the file.
    pub about: String,
    /// What to write.
    pub remedy: String,
}

impl Finding {
    fn new(line: usize, fault: Fault, about: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            line,
            fault,
            about: about.into(),
            remedy: remedy.into(),
        }
    }

    /// The finding in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.fault.sentence().replace("{}", &self.about)
    }
}

/// Why a file cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Unreadable {
    /// Where, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Which proxy a file is for, by what stands in it.
#[must_use]
pub fn guess(text: &str) -> Option<Proxy> {
    let has = |word: &str| text.contains(word);
    let starts = |word: &str| text.lines().any(|line| line.trim_start().starts_with(word));
    match () {
        () if has("auth_request") || has("proxy_pass ") => Some(Proxy::Nginx),
        () if has("forward_auth") || has("reverse_proxy") => Some(Proxy::Caddy),
        () if has("forwardAuth") || has("entryPoints:") || has("loadBalancer:") => Some(Proxy::Traefik),
        () if has("LuaHookAccessChecker") || starts("<VirtualHost") || starts("ProxyPass") => Some(Proxy::Apache),
        () if starts("frontend ") || starts("backend ") => Some(Proxy::Haproxy),
        () => None,
    }
}

/// Looks for the usual holes; the first lines come first. `document` is the text as YAML, for the proxy that is configured
/// with it.
///
/// # Errors
/// [`Unreadable`] if the file has no structure at all.
pub fn examine(proxy: Proxy, text: &str, document: Option<&Value>) -> Result<Vec<Finding>, Unreadable> {
    let mut findings = match proxy {
        Proxy::Nginx => nginx::examine(text)?,
        Proxy::Caddy => caddy::examine(text)?,
        Proxy::Traefik => traefik::examine(text, document.unwrap_or(&Value::Null)),
        Proxy::Apache => apache::examine(text)?,
        Proxy::Haproxy => haproxy::examine(text),
    };
    findings.sort_by_key(|finding| finding.line);
    findings.dedup();
    Ok(findings)
}

fn nothing_asked() -> Vec<Finding> {
    let remedy = "librechat-auth proxy show prints what belongs there";
    vec![Finding::new(1, Fault::NothingAsked, "", remedy)]
}

fn is_identity(header: &str) -> bool {
    IDENTITY.iter().any(|name| name.eq_ignore_ascii_case(header))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::proxy::{Purpose, Setup};

    #[test]
    fn what_we_give_away_has_nothing_wrong_with_it() {
        for proxy in Proxy::ALL {
            let (name, text) = proxy.files(Purpose::Program, &Setup::default()).swap_remove(0);
            assert_eq!(guess(&text), Some(proxy), "{name}");
            if proxy != Proxy::Traefik {
                assert_eq!(examine(proxy, &text, None), Ok(Vec::new()), "{name}");
            }
        }
    }

    #[test]
    fn every_fault_has_its_own_key_and_says_what_it_is_about() {
        let keys: std::collections::HashSet<_> = Fault::ALL.iter().map(|fault| fault.key()).collect();
        assert_eq!(keys.len(), Fault::ALL.len());
        for fault in Fault::ALL {
            assert_eq!(
                fault.sentence().contains("{}"),
                *fault != Fault::NothingAsked,
                "{fault:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_anybody_writes_is_too_much(text in "[\\PC\n{};#\"'$<>/ ]{0,200}") {
            for proxy in Proxy::ALL {
                let _ = examine(proxy, &text, None);
            }
        }
    }
}
