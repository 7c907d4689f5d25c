//! `HAProxy`: sections that begin at the margin, with one directive to a line.

use super::{Fault, Finding, is_identity, nothing_asked};

struct Line<'t> {
    number: usize,
    words: Vec<&'t str>,
}

impl Line<'_> {
    fn starts(&self, words: &[&str]) -> bool {
        self.words.starts_with(words)
    }

    fn asks(&self) -> bool {
        self.starts(&["http-request"]) && self.words.get(1).is_some_and(|action| *action == "lua.librechat-auth")
    }

    fn as_written(&self) -> String {
        self.words.join(" ")
    }
}

/// The sections of a file: head and lines.
fn sections(text: &str) -> Vec<Vec<Line<'_>>> {
    const HEADS: [&str; 7] = [
        "global",
        "defaults",
        "frontend",
        "backend",
        "listen",
        "resolvers",
        "peers",
    ];
    let mut sections: Vec<Vec<Line<'_>>> = Vec::new();
    for (number, text) in (1..).zip(text.lines()) {
        let code = text.split('#').next().unwrap_or_default();
        let words: Vec<&str> = code.split_whitespace().collect();
        let Some(first) = words.first() else { continue };
        let line = Line {
            number,
            words: words.clone(),
        };
        match sections.last_mut() {
            Some(section) if !HEADS.contains(first) => section.push(line),
            _ => sections.push(vec![line]),
        }
    }
    sections
}

pub(super) fn examine(text: &str) -> Vec<Finding> {
    let sections = sections(text);
    if !sections.iter().flatten().any(Line::asks) {
        return nothing_asked();
    }
    let mut findings = Vec::new();
    for section in &sections {
        everywhere(section, &mut findings);
        if section.iter().any(Line::asks) {
            front(section, &mut findings);
        }
    }
    findings
}

fn front(section: &[Line<'_>], findings: &mut Vec<Finding>) {
    let head = section.first().map_or_else(String::new, Line::as_written);
    let line = section.first().map_or(1, |line| line.number);
    let mut add =
        |line: usize, fault, about: String, remedy: &str| findings.push(Finding::new(line, fault, about, remedy));
    for bind in section.iter().filter(|line| line.starts(&["bind"])) {
        let is_near = |word: &&str| word.starts_with("127.") || word.starts_with("unix");
        if !bind.words.contains(&"ssl") && !bind.words.iter().any(is_near) {
            add(
                bind.number,
                Fault::Unencrypted,
                bind.as_written(),
                "bind :443 ssl crt …",
            );
        }
    }
    let denies = |line: &Line<'_>| line.starts(&["http-request", "deny"]) && line.words.contains(&"unless");
    if !section.iter().any(denies) {
        let remedy = "http-request deny deny_status 421 unless app, with an acl for the host";
        add(line, Fault::HostForged, head.clone(), remedy);
    }
    if !section.iter().any(|line| line.starts(&["option", "forwardfor"])) {
        add(line, Fault::AddressLost, head, "option forwardfor");
    }
    for (at, question) in section.iter().enumerate().filter(|(_, line)| line.asks()) {
        before_and_under(&section[..at], question, &mut add);
    }
}

/// What comes before the question, and under which condition it is asked.
fn before_and_under<F>(before: &[Line<'_>], question: &Line<'_>, add: &mut F)
where
    F: FnMut(usize, Fault, String, &str),
{
    let condition = question.words.iter().position(|word| matches!(*word, "if" | "unless"));
    if let Some(at) = condition {
        let remedy = "the question without a condition; rules are for exceptions";
        add(question.number, Fault::Partly, question.words[at..].join(" "), remedy);
    }
    for line in before.iter().filter(|line| line.starts(&["http-request"])) {
        match line.words.get(1).copied().unwrap_or_default() {
            "set-path" | "set-uri" | "replace-path" => {
                add(
                    line.number,
                    Fault::PathChanged,
                    line.as_written(),
                    "the same line after the question",
                );
            }
            "use-service" => add(line.number, Fault::TooLate, line.as_written(), "the question before it"),
            _ => {}
        }
    }
}

fn everywhere(section: &[Line<'_>], findings: &mut Vec<Finding>) {
    for line in section {
        let mut add = |fault, remedy: &str| findings.push(Finding::new(line.number, fault, line.as_written(), remedy));
        let sets = line.starts(&["http-request"])
            && line
                .words
                .get(1)
                .is_some_and(|word| matches!(*word, "set-header" | "add-header"));
        let name = line.words.get(2).copied().unwrap_or_default();
        let from_request = line
            .words
            .iter()
            .any(|word| word.contains("req.hdr") || word.contains("req.fhdr"));
        if sets && is_identity(name) {
            add(
                if from_request { Fault::Echoed } else { Fault::TooLate },
                "nothing: haproxy.lua sets it",
            );
        }
        let keeps = line.starts(&["option", "forwardfor"]) && line.words.contains(&"if-none");
        if keeps || (sets && name.eq_ignore_ascii_case("X-Forwarded-For") && from_request) {
            add(Fault::AddressForged, "option forwardfor");
        }
        if line.starts(&["option", "accept-invalid-http-request"])
            || line.starts(&["option", "accept-unsafe-violations-in-http-request"])
        {
            add(Fault::Underscores, "no such option");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::proxy::{Proxy, Purpose, Setup};

    fn given_away() -> String {
        Proxy::Haproxy
            .files(Purpose::Program, &Setup::default())
            .swap_remove(0)
            .1
    }

    fn found(text: &str) -> Vec<(Fault, usize)> {
        let mut findings = examine(text);
        findings.sort_by_key(|finding| finding.line);
        findings.iter().map(|finding| (finding.fault, finding.line)).collect()
    }

    #[test]
    fn each_hole_is_found_alone_and_where_it_is() {
        for (good, bad, fault, line) in [
            (
                "bind :443 ssl crt /etc/haproxy/app.example.org.pem",
                "bind :80",
                Fault::Unencrypted,
                6,
            ),
            (
                "option forwardfor",
                "option forwardfor if-none",
                Fault::AddressForged,
                7,
            ),
            ("    option forwardfor\n", "", Fault::AddressLost, 4),
            (
                "    http-request deny deny_status 421 unless app\n",
                "",
                Fault::HostForged,
                4,
            ),
            (
                "lua.librechat-auth app.example.org",
                "lua.librechat-auth app.example.org if pages",
                Fault::Partly,
                10,
            ),
            (
                "    http-request lua",
                "    http-request set-path /x%[path]\n    http-request lua",
                Fault::PathChanged,
                10,
            ),
            (
                "    http-request lua",
                "    http-request use-service prometheus-exporter\n    http-request lua",
                Fault::TooLate,
                10,
            ),
            (
                "    mode http\n    server",
                "    http-request set-header Remote-User %[req.hdr(Remote-User)]\n    mode http\n    server",
                Fault::Echoed,
                14,
            ),
            (
                "    mode http\n    server",
                "    option accept-invalid-http-request\n    mode http\n    server",
                Fault::Underscores,
                14,
            ),
        ] {
            assert!(given_away().contains(good), "{good}");
            assert_eq!(found(&given_away().replacen(good, bad, 1)), [(fault, line)], "{bad}");
        }
    }

    #[test]
    fn a_file_without_a_question_is_said_to_be_so() {
        assert_eq!(found("frontend a\n  bind :80\n"), [(Fault::NothingAsked, 1)]);
    }
}
