//! Traefik: routers, middlewares and services of a dynamic configuration, and the entry points of a static one.

use serde_json::{Map, Value};

use super::{Fault, Finding, IDENTITY, nothing_asked};

type Table = Map<String, Value>;

fn table<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Table> {
    let found = path.iter().try_fold(value, |value, key| value.get(*key));
    found.and_then(Value::as_object)
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// A name without the provider it comes from.
fn bare(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

struct Judge<'t> {
    text: &'t str,
    middlewares: Option<&'t Table>,
    findings: Vec<Finding>,
}

pub(super) fn examine(text: &str, document: &Value) -> Vec<Finding> {
    let mut judge = Judge {
        text,
        middlewares: table(document, &["http", "middlewares"]),
        findings: Vec::new(),
    };
    judge.entry_points(document);
    let questions: Vec<(&String, &Table)> = judge.questions().collect();
    if questions.is_empty() {
        // A static configuration has no questions in it.
        if table(document, &["entryPoints"]).is_some() && table(document, &["http"]).is_none() {
            return judge.findings;
        }
        return nothing_asked();
    }
    for (name, question) in questions {
        judge.question(name, question);
    }
    for (name, router) in table(document, &["http", "routers"]).into_iter().flatten() {
        judge.router(name, router);
    }
    judge.findings
}

impl<'t> Judge<'t> {
    fn add(&mut self, word: &str, fault: Fault, about: impl Into<String>, remedy: impl Into<String>) {
        let line = self.line_of(word);
        self.findings.push(Finding::new(line, fault, about, remedy));
    }

    /// Where a key stands first; YAML keeps no places.
    fn line_of(&self, key: &str) -> usize {
        let starts = |line: &str| {
            line.trim_start()
                .trim_start_matches('"')
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches('"').starts_with(':'))
        };
        self.text.lines().position(starts).map_or(1, |at| at + 1)
    }

    /// Middlewares that ask this server.
    fn questions(&self) -> impl Iterator<Item = (&'t String, &'t Table)> + use<'t> {
        self.middlewares.into_iter().flatten().filter_map(|(name, middleware)| {
            let question = middleware.get("forwardAuth")?.as_object()?;
            let address = question.get("address").and_then(Value::as_str).unwrap_or_default();
            address.contains("/forward-auth/").then_some((name, question))
        })
    }

    fn entry_points(&mut self, document: &Value) {
        for (name, point) in table(document, &["entryPoints"]).into_iter().flatten() {
            let headers = point.get("forwardedHeaders");
            let is_insecure = headers.and_then(|all| all.get("insecure")).and_then(Value::as_bool) == Some(true);
            let trusted = strings(headers.and_then(|all| all.get("trustedIPs")));
            if is_insecure || trusted.iter().any(|network| matches!(*network, "0.0.0.0/0" | "::/0")) {
                let remedy = "forwardedHeaders.trustedIPs with the addresses of the proxies before this one";
                self.add(
                    "forwardedHeaders",
                    Fault::AddressForged,
                    format!("forwardedHeaders of {name}"),
                    remedy,
                );
            }
        }
    }

    fn question(&mut self, name: &str, question: &Table) {
        let address = question.get("address").and_then(Value::as_str).unwrap_or_default();
        if !address.ends_with("/forward-auth/traefik") {
            self.add(
                "address",
                Fault::WrongDoor,
                address,
                "address: http://…/forward-auth/traefik",
            );
        }
        let told = strings(question.get("authResponseHeaders"));
        let regex = question.get("authResponseHeadersRegex").and_then(Value::as_str);
        for header in IDENTITY {
            let is_told = told.iter().any(|told| told.eq_ignore_ascii_case(header));
            let by_regex = regex.is_some_and(|regex| regex.to_ascii_lowercase().contains("remote-"));
            if !is_told && !by_regex {
                let remedy = format!("authResponseHeaders: [{}]", IDENTITY.join(", "));
                self.add(name, Fault::Forgeable, header, remedy);
            }
        }
        if question.get("trustForwardHeader").and_then(Value::as_bool) == Some(true) {
            let remedy = "trustForwardHeader: false";
            self.add(
                "trustForwardHeader",
                Fault::HostForged,
                "trustForwardHeader: true",
                remedy,
            );
        }
        let asked = strings(question.get("authRequestHeaders"));
        let lacks = |header: &str| !asked.iter().any(|asked| asked.eq_ignore_ascii_case(header));
        if !asked.is_empty() && (lacks("Cookie") || lacks("Accept")) {
            let remedy = "no authRequestHeaders: everything that the answer needs comes along then";
            self.add("authRequestHeaders", Fault::Undescribed, "authRequestHeaders", remedy);
        }
        let sends_body = question.get("forwardBody").and_then(Value::as_bool) == Some(true);
        if sends_body {
            self.add(
                "forwardBody",
                Fault::BodySent,
                "forwardBody: true",
                "forwardBody: false",
            );
        }
    }

    /// The middlewares of a list, with those inside chains, in their order.
    fn spread(&self, names: &[&str], depth: usize) -> Vec<&'t Value> {
        let mut all = Vec::new();
        for name in names {
            let Some(middleware) = self.middlewares.and_then(|known| known.get(bare(name))) else {
                continue;
            };
            let chained = strings(middleware.get("chain").and_then(|chain| chain.get("middlewares")));
            if !chained.is_empty() && depth < 6 {
                all.extend(self.spread(&chained, depth + 1));
            } else {
                all.push(middleware);
            }
        }
        all
    }

    fn router(&mut self, name: &str, router: &Value) {
        let service = router.get("service").and_then(Value::as_str).unwrap_or_default();
        if service.ends_with("@internal") && service.starts_with("noop") {
            return;
        }
        let names = strings(router.get("middlewares"));
        let middlewares = self.spread(&names, 0);
        let is_question = |one: &&Value| one.get("forwardAuth").is_some();
        let Some(at) = middlewares.iter().position(is_question) else {
            // The login itself, or another program: a rule that names a host nobody asks about is its own affair only if
            // no other router of that host asks.
            let host = host_of(router);
            let about = format!("router {name} ({host})");
            self.add(
                name,
                Fault::Unasked,
                about,
                "middlewares: [librechat-auth, no-lookalikes]",
            );
            return;
        };
        let changes_path = |one: &&&Value| {
            [
                "stripPrefix",
                "stripPrefixRegex",
                "replacePath",
                "replacePathRegex",
                "addPrefix",
            ]
            .iter()
            .any(|key| one.get(*key).is_some())
        };
        if middlewares[..at].iter().any(|one| changes_path(&one)) {
            let remedy = "the question first in the list of middlewares";
            self.add(name, Fault::PathChanged, format!("router {name}"), remedy);
        }
        let removes = |one: &&Value| {
            let headers = table(one, &["headers", "customRequestHeaders"]);
            headers.is_some_and(|all| {
                IDENTITY.iter().all(|name| {
                    let wanted = name.replace('-', "_");
                    all.iter()
                        .any(|(key, value)| key.eq_ignore_ascii_case(&wanted) && value.as_str() == Some(""))
                })
            })
        };
        if !middlewares.iter().any(removes) {
            let remedy = "the middleware no-lookalikes that proxy show prints";
            self.add(name, Fault::Lookalikes, "Remote_User", remedy);
        }
    }
}

fn host_of(router: &Value) -> &str {
    router.get("rule").and_then(Value::as_str).unwrap_or("no rule")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given_away() -> Value {
        json!({
            "http": {
                "routers": { "app": {
                    "rule": "Host(`app.example.org`)",
                    "middlewares": ["librechat-auth", "no-lookalikes"],
                    "service": "app",
                } },
                "middlewares": {
                    "librechat-auth": { "forwardAuth": {
                        "address": "http://127.0.0.1:3081/forward-auth/traefik",
                        "authResponseHeaders": ["Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups"],
                    } },
                    "no-lookalikes": { "headers": { "customRequestHeaders": {
                        "Remote_User": "", "Remote_Email": "", "Remote_Name": "", "Remote_Groups": "",
                    } } },
                },
            },
        })
    }

    fn found(document: &Value) -> Vec<Fault> {
        examine("", document).into_iter().map(|finding| finding.fault).collect()
    }

    /// What is found once the value at this place is another one.
    fn torn(place: &str, value: Value) -> Vec<Fault> {
        let mut document = given_away();
        let (parent, key) = place.rsplit_once('/').expect("a place");
        let parent = document
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("a table");
        parent.insert(key.to_owned(), value);
        found(&document)
    }

    #[test]
    fn what_is_given_away_has_nothing_wrong_with_it() {
        assert_eq!(found(&given_away()), []);
    }

    #[test]
    fn each_hole_is_found_alone() {
        let question = "/http/middlewares/librechat-auth/forwardAuth";
        let at = |key: &str| format!("{question}/{key}");
        for (place, value, fault) in [
            (
                "/http/routers/app/middlewares".to_owned(),
                json!(["no-lookalikes"]),
                Fault::Unasked,
            ),
            (
                "/http/routers/open".to_owned(),
                json!({ "rule": "PathPrefix(`/x`)", "service": "app" }),
                Fault::Unasked,
            ),
            (
                "/http/routers/app/middlewares".to_owned(),
                json!(["librechat-auth"]),
                Fault::Lookalikes,
            ),
            (
                at("address"),
                json!("http://127.0.0.1:3081/forward-auth/caddy"),
                Fault::WrongDoor,
            ),
            (
                at("authResponseHeaders"),
                json!(["Remote-User", "Remote-Email", "Remote-Name"]),
                Fault::Forgeable,
            ),
            (at("trustForwardHeader"), json!(true), Fault::HostForged),
            (at("authRequestHeaders"), json!(["Accept"]), Fault::Undescribed),
            (at("forwardBody"), json!(true), Fault::BodySent),
            (
                "/entryPoints".to_owned(),
                json!({ "web": { "forwardedHeaders": { "insecure": true } } }),
                Fault::AddressForged,
            ),
        ] {
            assert_eq!(torn(&place, value.clone()), [fault], "{place} {value}");
        }
    }

    #[test]
    fn chains_are_followed_and_the_question_comes_before_paths_change() {
        let chain = json!({ "chain": { "middlewares": ["librechat-auth", "no-lookalikes"] } });
        let mut document = given_away();
        document["http"]["middlewares"]["all"] = chain;
        document["http"]["middlewares"]["strip"] = json!({ "stripPrefix": { "prefixes": ["/app"] } });
        document["http"]["routers"]["app"]["middlewares"] = json!(["all@file"]);
        assert_eq!(found(&document), []);
        document["http"]["routers"]["app"]["middlewares"] = json!(["all", "strip"]);
        assert_eq!(found(&document), []);
        document["http"]["routers"]["app"]["middlewares"] = json!(["strip", "all"]);
        assert_eq!(found(&document), [Fault::PathChanged]);
    }

    #[test]
    fn a_file_without_a_question_is_said_to_be_so_unless_it_is_a_static_one() {
        assert_eq!(found(&json!({ "http": { "routers": {} } })), [Fault::NothingAsked]);
        assert_eq!(found(&Value::Null), [Fault::NothingAsked]);
        assert_eq!(found(&json!({ "entryPoints": { "web": { "address": ":80" } } })), []);
    }

    #[test]
    fn findings_say_in_which_line_they_are() {
        let text = "http:\n  routers:\n    app:\n      rule: x\n";
        let judge = Judge {
            text,
            middlewares: None,
            findings: Vec::new(),
        };
        assert_eq!((judge.line_of("app"), judge.line_of("nobody")), (3, 1));
    }
}
