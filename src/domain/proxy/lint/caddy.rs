//! Caddy: directives, one to a line, in blocks. Their order is Caddy's own, except in `route`.

use std::collections::HashMap;

use super::nodes::{Complaints, Line, Node, nested};
use super::{Fault, Finding, IDENTITY, Unreadable, nothing_asked};

/// Imports inside imports are followed so far.
const FURTHEST: usize = 6;

const COMPLAINTS: Complaints = Complaints {
    stray: "this } closes nothing",
    unclosed: "this block is not closed",
    deep: "blocks are nested too deeply",
};

impl Node {
    fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn args(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    fn is(&self, name: &str) -> bool {
        self.name() == name
    }

    fn asks(&self) -> bool {
        let is_question = |one: &Self| one.is("uri") && one.args().iter().any(|arg| arg.contains("/forward-auth"));
        self.is("forward_auth") && self.inside().iter().any(is_question)
    }

    /// The condition under which it acts; nothing means always.
    fn matcher(&self) -> Option<&str> {
        let first = self.args().first().map(String::as_str);
        first.filter(|arg| arg.starts_with('@') || arg.starts_with('/'))
    }

    fn targets(&self) -> impl Iterator<Item = &str> {
        let here = self.args().iter().map(String::as_str);
        let below = self.inside().iter().filter(|one| one.is("to"));
        here.chain(below.flat_map(|one| one.args().iter().map(String::as_str)))
            .filter(|arg| !arg.starts_with(['@', '/', '*']))
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            _ if c.is_whitespace() => {}
            '#' => break,
            '"' | '`' => {
                let mut word = String::new();
                while let Some(inside) = chars.next().filter(|inside| *inside != c) {
                    word.extend(if inside == '\\' && c == '"' {
                        chars.next()
                    } else {
                        Some(inside)
                    });
                }
                words.push(word);
            }
            _ => {
                let mut word = c.to_string();
                while let Some(more) = chars.next_if(|next| !next.is_whitespace()) {
                    word.push(more);
                }
                words.push(word);
            }
        }
    }
    words
}

fn read(line: &str) -> Line {
    let mut words = words(line);
    if words.first().is_some_and(|word| word == "}") {
        Line::Closes
    } else if words.last().is_some_and(|word| word == "{") {
        words.pop();
        Line::Opens(words)
    } else if words.is_empty() {
        Line::Nothing
    } else {
        Line::Plain(words)
    }
}

/// Puts what is imported where it is imported; what is not in this file stays an import.
fn spread(level: &[Node], snippets: &HashMap<String, Vec<Node>>, depth: usize) -> Vec<Node> {
    let mut all = Vec::new();
    for one in level {
        let snippet = one.args().first().and_then(|name| snippets.get(name));
        match snippet.filter(|_| one.is("import") && depth < FURTHEST) {
            Some(body) => all.extend(spread(body, snippets, depth + 1)),
            None => all.push(Node {
                block: one.block.as_deref().map(|block| spread(block, snippets, depth)),
                ..one.clone()
            }),
        }
    }
    all
}

pub(super) fn examine(text: &str) -> Result<Vec<Finding>, Unreadable> {
    let parsed = nested(text, read, &COMPLAINTS)?;
    let is_snippet = |node: &Node| node.words.len() == 1 && node.name().starts_with('(') && node.name().ends_with(')');
    let snippets = parsed.iter().filter(|node| is_snippet(node)).map(|node| {
        let name = node.name().trim_matches(['(', ')']).to_owned();
        (name, node.inside().to_vec())
    });
    let snippets: HashMap<String, Vec<Node>> = snippets.collect();
    let rest: Vec<Node> = parsed.iter().filter(|node| !is_snippet(node)).cloned().collect();
    let sites = spread(&rest, &snippets, 0);
    if !sites.iter().any(|site| site.any(&Node::asks)) {
        return Ok(nothing_asked());
    }
    let mut judge = Judge::default();
    for site in &sites {
        judge.note_questions(site);
    }
    for site in &sites {
        judge.everywhere(site);
        if site.any(&Node::asks) {
            judge.site(site);
        }
    }
    Ok(judge.findings)
}

#[derive(Default)]
struct Judge {
    findings: Vec<Finding>,
    ours: Vec<String>,
}

impl Judge {
    fn add(&mut self, line: usize, fault: Fault, about: impl Into<String>, remedy: impl Into<String>) {
        self.findings.push(Finding::new(line, fault, about, remedy));
    }

    fn note_questions(&mut self, node: &Node) {
        if node.asks() {
            self.ours.extend(node.targets().map(str::to_owned));
        }
        for inner in node.inside() {
            self.note_questions(inner);
        }
    }

    fn site(&mut self, site: &Node) {
        if site.words.iter().any(|address| address.starts_with("http://")) {
            let remedy = "the address without http://, so that Caddy encrypts";
            self.add(site.line, Fault::Unencrypted, site.as_written(), remedy);
        }
        let strips = |header: &str| {
            let wanted = format!("-{header}");
            site.any(&|one| {
                let value = one.args().iter().find(|arg| arg.starts_with('-'));
                one.is("request_header") && value.is_some_and(|value| value.eq_ignore_ascii_case(&wanted))
            })
        };
        let all = strips("Remote_*") || IDENTITY.iter().all(|name| strips(&name.replace('-', "_")));
        if !all {
            self.add(site.line, Fault::Lookalikes, "Remote_User", "request_header -Remote_*");
        }
        let cookie = |one: &Node| one.is("request_header") && one.args().iter().any(|arg| arg.ends_with("Cookie"));
        if !site.any(&cookie) {
            let remedy = "the line request_header Cookie that proxy show prints";
            self.add(site.line, Fault::KeysShown, site.as_written(), remedy);
        }
        self.level(site.inside(), false, false);
    }

    fn level(&mut self, level: &[Node], asked_before: bool, in_order: bool) {
        let questions: Vec<(usize, &Node)> = level.iter().enumerate().filter(|(_, one)| one.asks()).collect();
        for (_, question) in &questions {
            self.question(question);
        }
        let first = questions.first().map(|(at, _)| *at);
        for (at, one) in level.iter().enumerate() {
            let asked = asked_before || first.is_some_and(|first| !in_order || first < at);
            match one.name() {
                "reverse_proxy" | "php_fastcgi" | "file_server" => self.serving(one, asked, first.is_some()),
                "route" => self.level(one.inside(), asked, true),
                "handle" | "handle_path" => self.level(one.inside(), asked, false),
                "handle_errors" | "handle_response" => self.level(one.inside(), false, false),
                _ => {}
            }
        }
    }

    fn serving(&mut self, one: &Node, asked: bool, question_follows: bool) {
        if one.targets().any(|target| self.ours.iter().any(|ours| ours == target)) {
            return;
        }
        if !asked && question_follows {
            let remedy = "forward_auth before it, as route keeps the order";
            self.add(one.line, Fault::TooLate, one.as_written(), remedy);
        } else if !asked {
            let remedy = "forward_auth in this block too, as proxy show prints it";
            self.add(one.line, Fault::Unasked, one.as_written(), remedy);
        }
        for up in one.inside().iter().filter(|inner| inner.is("header_up")) {
            let (name, value) = (up.args().first(), up.args().get(1));
            let name = name.map_or("", String::as_str).trim_start_matches(['+', '-']);
            let is_echo =
                value.is_some_and(|value| value.contains("{header.") || value.contains("http.request.header."));
            if is_echo && super::is_identity(name) {
                self.add(up.line, Fault::Echoed, up.as_written(), "nothing: copy_headers sets it");
            } else if is_echo && name.eq_ignore_ascii_case("X-Forwarded-For") {
                self.add(up.line, Fault::AddressForged, up.as_written(), "nothing: Caddy sets it");
            }
        }
    }

    fn question(&mut self, question: &Node) {
        if let Some(matcher) = question.matcher() {
            self.add(
                question.line,
                Fault::Partly,
                matcher,
                "forward_auth without a condition; rules are for exceptions",
            );
        }
        for uri in question.inside().iter().filter(|one| one.is("uri")) {
            if uri.args() != ["/forward-auth/caddy"] {
                self.add(uri.line, Fault::WrongDoor, uri.as_written(), "uri /forward-auth/caddy");
            }
        }
        let lists = question.inside().iter().filter(|one| one.is("copy_headers"));
        let copied: Vec<&str> = lists
            .flat_map(|list| {
                list.args()
                    .iter()
                    .chain(list.inside().iter().flat_map(|one| &one.words))
            })
            .map(|name| name.split('>').next().unwrap_or_default())
            .collect();
        for name in IDENTITY {
            if !copied.iter().any(|copied| copied.eq_ignore_ascii_case(name)) {
                self.add(
                    question.line,
                    Fault::Forgeable,
                    name,
                    format!("copy_headers {}", IDENTITY.join(" ")),
                );
            }
        }
    }

    fn everywhere(&mut self, node: &Node) {
        let all = |arg: &String| arg == "0.0.0.0/0" || arg == "::/0";
        if node.is("trusted_proxies") && node.args().iter().any(all) {
            let remedy = "trusted_proxies static with the addresses of the proxies before this one";
            self.add(node.line, Fault::AddressForged, node.as_written(), remedy);
        }
        if node.is("import") {
            let remedy = "librechat-auth proxy lint with that file, or with everything in one";
            self.add(node.line, Fault::Elsewhere, node.args().join(" "), remedy);
        }
        for inner in node.inside() {
            self.everywhere(inner);
        }
    }
}

#[cfg(test)]
mod tests;
