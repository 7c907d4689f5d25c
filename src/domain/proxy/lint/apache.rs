//! Apache: directives, one to a line, in sections.

use super::nodes::{Complaints, Line, Node, nested};
use super::{Fault, Finding, IDENTITY, Unreadable, is_identity, nothing_asked};

const COMPLAINTS: Complaints = Complaints {
    stray: "this closes a section that was not opened",
    unclosed: "this section is not closed",
    deep: "sections are nested too deeply",
};

impl Node {
    fn is_called(&self, name: &str) -> bool {
        self.words.first().is_some_and(|first| first.eq_ignore_ascii_case(name))
    }

    fn arg(&self, at: usize) -> &str {
        self.words.get(at + 1).map_or("", String::as_str)
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known.eq_ignore_ascii_case(word))
    }

    fn hooks(&self) -> bool {
        self.is_called("LuaHookAccessChecker")
    }

    /// The paths of a section, if it is one about paths.
    fn place(&self) -> Option<&str> {
        (self.block.is_some() && self.is_called("Location")).then(|| self.arg(0))
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let quote = matches!(c, '"' | '\'').then_some(c);
        let mut word = if quote.is_some() { String::new() } else { c.to_string() };
        while let Some(more) = chars.next_if(|next| quote.map_or(!next.is_whitespace(), |quote| *next != quote)) {
            word.push(more);
        }
        let _quote = chars.next_if(|next| Some(*next) == quote);
        words.push(word);
    }
    words
}

fn read(line: &str) -> Line {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        Line::Nothing
    } else if line.starts_with("</") {
        Line::Closes
    } else if let Some(head) = line.strip_prefix('<') {
        Line::Opens(words(head.trim_end_matches('>')))
    } else {
        Line::Plain(words(line))
    }
}

pub(super) fn examine(text: &str) -> Result<Vec<Finding>, Unreadable> {
    let all = nested(text, read, &COMPLAINTS)?;
    if !all.iter().any(|one| one.any(&Node::hooks)) {
        return Ok(nothing_asked());
    }
    let mut judge = Judge::default();
    for one in &all {
        judge.everywhere(one);
        if one.is_called("VirtualHost") && one.any(&Node::hooks) {
            judge.host(one);
        }
    }
    Ok(judge.findings)
}

#[derive(Default)]
struct Judge {
    findings: Vec<Finding>,
}

impl Judge {
    fn add(&mut self, line: usize, fault: Fault, about: impl Into<String>, remedy: impl Into<String>) {
        self.findings.push(Finding::new(line, fault, about, remedy));
    }

    fn host(&mut self, host: &Node) {
        let inside = host.inside();
        let asked: Vec<&str> = inside
            .iter()
            .filter(|one| one.inside().iter().any(Node::hooks))
            .filter_map(Node::place)
            .collect();
        let is_asked = |path: &str| asked.iter().any(|place| covers(place, path));
        for one in inside {
            let to_program = (one.is_called("ProxyPass") || one.is_called("ProxyPassMatch")) && one.arg(1) != "!";
            if to_program && !is_asked(one.arg(0)) {
                let remedy = "<Location \"/\"> with LuaHookAccessChecker, as proxy show prints it";
                self.add(one.line, Fault::Unasked, one.as_written(), remedy);
            }
        }
        let covered = asked.iter().any(|place| covers(place, "/"));
        if let (Some(root), false) = (inside.iter().find(|one| one.is_called("DocumentRoot")), covered) {
            self.add(
                root.line,
                Fault::Unasked,
                root.as_written(),
                "<Location \"/\"> with LuaHookAccessChecker",
            );
        }
        for name in IDENTITY {
            let lookalike = name.replace('-', "_");
            let unset = |one: &Node| {
                one.is_called("RequestHeader") && one.has("unset") && one.has(&lookalike) && one.has("early")
            };
            if !inside.iter().any(unset) {
                let remedy = format!("RequestHeader unset {lookalike} early");
                self.add(host.line, Fault::Lookalikes, lookalike, remedy);
            }
        }
        let cookie = |one: &Node| one.is_called("RequestHeader") && one.has("edit*") && one.has("Cookie");
        if !inside.iter().any(cookie) {
            let remedy = "the line RequestHeader edit* Cookie that proxy show prints";
            self.add(host.line, Fault::KeysShown, "the program", remedy);
        }
        if !inside
            .iter()
            .any(|one| one.is_called("SSLEngine") && one.arg(0).eq_ignore_ascii_case("on"))
        {
            self.add(host.line, Fault::Unencrypted, host.as_written(), "SSLEngine on");
        }
    }

    fn everywhere(&mut self, node: &Node) {
        let sets = node.is_called("RequestHeader")
            && ["set", "add", "append", "merge"]
                .iter()
                .any(|verb| node.arg(0).eq_ignore_ascii_case(verb));
        let from_request = node
            .words
            .iter()
            .any(|word| word.contains("%{HTTP_") || word.contains("req("));
        if sets && is_identity(node.arg(1)) {
            let fault = if from_request { Fault::Echoed } else { Fault::TooLate };
            self.add(node.line, fault, node.as_written(), "nothing: apache.lua sets it");
        }
        if sets && node.arg(1).eq_ignore_ascii_case("X-Forwarded-For") && from_request {
            self.add(
                node.line,
                Fault::AddressForged,
                node.as_written(),
                "nothing: Apache sets it",
            );
        }
        if node.is_called("Satisfy") && node.arg(0).eq_ignore_ascii_case("any") {
            self.add(node.line, Fault::Either, "Satisfy Any", "Satisfy All");
        }
        let everybody = node.words.iter().any(|word| word == "0.0.0.0/0" || word == "::/0");
        if (node.is_called("RemoteIPTrustedProxy") || node.is_called("RemoteIPInternalProxy")) && everybody {
            let remedy = "the addresses of the proxies before this one";
            self.add(node.line, Fault::AddressForged, node.as_written(), remedy);
        }
        if node.is_called("ErrorDocument") && matches!(node.arg(0), "401" | "403") && node.arg(1).starts_with("http") {
            let remedy = "no ErrorDocument with an address: it turns the refusal into a redirect";
            self.add(node.line, Fault::Overruled, node.as_written(), remedy);
        }
        if node.is_called("HttpProtocolOptions") && node.has("Unsafe") {
            self.add(
                node.line,
                Fault::Underscores,
                node.as_written(),
                "HttpProtocolOptions Strict",
            );
        }
        if node.is_called("Include") || node.is_called("IncludeOptional") {
            let remedy = "librechat-auth proxy lint with that file";
            self.add(node.line, Fault::Elsewhere, node.arg(0), remedy);
        }
        for inner in node.inside() {
            self.everywhere(inner);
        }
    }
}

/// Whether a section about `place` holds for everything below `path`.
fn covers(place: &str, path: &str) -> bool {
    let place = place.trim_end_matches('/');
    let rest = path.strip_prefix(place);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::super::examine as examine_for;
    use super::*;
    use crate::domain::proxy::{Proxy, Purpose, Setup};

    fn given_away() -> String {
        Proxy::Apache
            .files(Purpose::Program, &Setup::default())
            .swap_remove(0)
            .1
    }

    fn found(text: &str) -> Vec<(Fault, usize)> {
        let findings = examine_for(Proxy::Apache, text, None).expect("it can be read");
        findings.iter().map(|finding| (finding.fault, finding.line)).collect()
    }

    #[test]
    fn each_hole_is_found_alone_and_where_it_is() {
        let insert = |line: &str| format!("    ProxyPreserveHost On\n    {line}");
        for (bad, fault) in [
            ("Satisfy Any", Fault::Either),
            ("RemoteIPTrustedProxy 0.0.0.0/0", Fault::AddressForged),
            ("RequestHeader set Remote-User \"%{HTTP_REMOTE_USER}e\"", Fault::Echoed),
            ("RequestHeader set Remote-User admin", Fault::TooLate),
            (
                "RequestHeader set X-Forwarded-For expr=%{req(X-Forwarded-For)}",
                Fault::AddressForged,
            ),
            ("ErrorDocument 403 https://www.example.org/", Fault::Overruled),
            ("HttpProtocolOptions Unsafe", Fault::Underscores),
            ("Include apps/*.conf", Fault::Elsewhere),
        ] {
            let text = given_away().replacen("    ProxyPreserveHost On", &insert(bad), 1);
            let line = text.lines().position(|line| line.contains(bad)).map_or(0, |at| at + 1);
            assert_eq!(found(&text), [(fault, line)], "{bad}");
        }
        for (good, bad, fault, line) in [
            ("<Location \"/\">", "<Location \"/private\">", Fault::Unasked, 22),
            ("SSLEngine on", "SSLEngine off", Fault::Unencrypted, 2),
            ("    RequestHeader unset Remote_Name early\n", "", Fault::Lookalikes, 2),
            ("RequestHeader edit*", "RequestHeader note", Fault::KeysShown, 2),
        ] {
            assert!(given_away().contains(good), "{good}");
            assert_eq!(found(&given_away().replacen(good, bad, 1)), [(fault, line)], "{bad}");
        }
    }

    #[test]
    fn a_section_covers_what_lies_below_it() {
        for (place, path, wanted) in [
            ("/", "/", true),
            ("/", "/wiki/", true),
            ("/wiki", "/wiki/", true),
            ("/wiki/", "/wiki", true),
            ("/wiki", "/wikipedia", false),
            ("/wiki", "/", false),
        ] {
            assert_eq!(covers(place, path), wanted, "{place} {path}");
        }
    }

    #[test]
    fn a_file_without_a_question_or_without_structure_is_said_to_be_so() {
        assert_eq!(
            found("<VirtualHost *:80>\nProxyPass / http://a/\n</VirtualHost>"),
            [(Fault::NothingAsked, 1)]
        );
        for (text, line) in [("<VirtualHost *:80>\n", 1), ("</Location>", 1)] {
            assert_eq!(
                examine_for(Proxy::Apache, text, None).expect_err("no structure").line,
                line
            );
        }
    }
}
