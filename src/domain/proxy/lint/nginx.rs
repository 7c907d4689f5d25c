//! nginx: directives in blocks. Most directives hold for the blocks inside, until one of the same name stands there.

use std::collections::HashSet;

use super::{Fault, Finding, IDENTITY, Unreadable, is_identity, nothing_asked};

/// Deeper than this no configuration goes.
const DEEPEST: usize = 40;

/// A directive and what is inside it.
#[derive(Debug)]
struct Directive {
    line: usize,
    name: String,
    args: Vec<String>,
    block: Option<Vec<Directive>>,
}

/// A block that is open: its head, unless it is the file itself, and what was in it so far.
type Open = (Option<(usize, Vec<String>)>, Vec<Directive>);

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
}

fn tokens(text: &str) -> Vec<(usize, Token)> {
    let mut all = Vec::new();
    let mut chars = text.chars().peekable();
    let (mut line, mut word, mut began) = (1, None::<String>, 1);
    while let Some(c) = chars.next() {
        let is_break = c.is_whitespace() || matches!(c, ';' | '{' | '}');
        let in_variable = c == '{' && word.as_ref().is_some_and(|word| word.ends_with('$'));
        if is_break && !in_variable {
            all.extend(word.take().map(|word| (began, Token::Word(word))));
        }
        match c {
            '\n' => line += 1,
            _ if in_variable => {
                let name: String = std::iter::from_fn(|| chars.next_if(|c| *c != '}' && *c != '\n')).collect();
                let _close = chars.next_if_eq(&'}');
                word.get_or_insert_default().push_str(&name);
            }
            ';' => all.push((line, Token::End)),
            '{' => all.push((line, Token::Open)),
            '}' => all.push((line, Token::Close)),
            '#' if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' | '\'' if word.is_none() => {
                began = line;
                let mut quoted = String::new();
                while let Some(inside) = chars.next() {
                    match inside {
                        _ if inside == c => break,
                        '\\' => quoted.extend(chars.next()),
                        '\n' => {
                            line += 1;
                            quoted.push(inside);
                        }
                        _ => quoted.push(inside),
                    }
                }
                all.push((began, Token::Word(quoted)));
            }
            _ if c.is_whitespace() => {}
            _ => {
                if word.is_none() {
                    began = line;
                }
                word.get_or_insert_default().push(c);
            }
        }
    }
    all.extend(word.map(|word| (began, Token::Word(word))));
    all
}

fn parse(text: &str) -> Result<Vec<Directive>, Unreadable> {
    let fail = |line, reason| Err(Unreadable { line, reason });
    let mut levels: Vec<Open> = vec![(None, Vec::new())];
    let mut words: Vec<(usize, String)> = Vec::new();
    for (line, token) in tokens(text) {
        let head = |words: &mut Vec<(usize, String)>| {
            let at = words.first().map_or(line, |(line, _)| *line);
            (at, words.drain(..).map(|(_, word)| word).collect::<Vec<_>>())
        };
        match token {
            Token::Word(word) => words.push((line, word)),
            Token::End => {
                let (at, args) = head(&mut words);
                if let (Some((_, level)), false) = (levels.last_mut(), args.is_empty()) {
                    level.push(directive(at, args, None));
                }
            }
            Token::Open if levels.len() > DEEPEST => return fail(line, "blocks are nested too deeply"),
            Token::Open => levels.push((Some(head(&mut words)), Vec::new())),
            Token::Close => match levels.pop() {
                Some((Some((at, args)), block)) => {
                    words.clear();
                    if let Some((_, level)) = levels.last_mut() {
                        level.push(directive(at, args, Some(block)));
                    }
                }
                _ => return fail(line, "this } closes nothing"),
            },
        }
    }
    match levels.pop() {
        Some((None, all)) => Ok(all),
        Some((Some((at, _)), _)) => fail(at, "this block is not closed"),
        None => Ok(Vec::new()),
    }
}

fn directive(line: usize, mut args: Vec<String>, block: Option<Vec<Directive>>) -> Directive {
    let name = if args.is_empty() { String::new() } else { args.remove(0) };
    Directive {
        line,
        name,
        args,
        block,
    }
}

impl Directive {
    fn is(&self, name: &str) -> bool {
        self.name == name
    }

    fn first(&self) -> &str {
        self.args.first().map_or("", String::as_str)
    }

    fn inside(&self) -> &[Self] {
        self.block.as_deref().unwrap_or_default()
    }

    /// Whether it hands requests to a program or to files.
    fn serves(&self) -> bool {
        let handed = ["proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass"];
        handed.contains(&self.name.as_str()) || matches!(self.name.as_str(), "root" | "alias" | "try_files")
    }

    fn passes(&self) -> bool {
        self.name.ends_with("_pass")
    }

    /// Whether it asks this server about a request.
    fn asks(&self) -> bool {
        self.is("proxy_pass") && self.first().contains("/forward-auth/")
    }

    fn as_written(&self) -> String {
        let args = self.args.join(" ");
        format!("{} {args}", self.name).trim_end().to_owned()
    }

    fn any(&self, test: &impl Fn(&Self) -> bool) -> bool {
        test(self) || self.inside().iter().any(|inner| inner.any(test))
    }
}

/// Blocks around a directive, the outermost first.
#[derive(Clone, Copy)]
struct Levels<'c, 'd>(&'c [&'d [Directive]]);

impl<'d> Levels<'_, 'd> {
    /// The directives of that name that hold here: those of the innermost block that has any.
    fn holding(self, name: &'d str) -> impl Iterator<Item = &'d Directive> {
        let has = |level: &&&[Directive]| level.iter().any(|one| one.is(name));
        let level: &[Directive] = self.0.iter().rev().find(has).copied().unwrap_or_default();
        level.iter().filter(move |one| one.is(name))
    }

    fn is_guarded(self) -> bool {
        self.holding("auth_request").any(|one| one.first() != "off")
    }

    fn header(self, name: &str) -> Option<&'d Directive> {
        self.holding("proxy_set_header")
            .find(|one| one.first().eq_ignore_ascii_case(name))
    }
}

pub(super) fn examine(text: &str) -> Result<Vec<Finding>, Unreadable> {
    let all = parse(text)?;
    if !all
        .iter()
        .any(|one| one.any(&|inner| inner.is("auth_request") && inner.first() != "off"))
    {
        return Ok(nothing_asked());
    }
    let mut judge = Judge::default();
    for one in &all {
        judge.note_questions(one);
    }
    judge.walk(&all, &mut Vec::new());
    judge.everywhere(&all);
    Ok(judge.findings)
}

#[derive(Default)]
struct Judge {
    findings: Vec<Finding>,
    /// Where this server is, as the questions have it: what goes there needs no question.
    ours: HashSet<String>,
}

/// `http://host:port` of an address.
fn authority(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{host}")
}

impl Judge {
    fn add(&mut self, line: usize, fault: Fault, about: impl Into<String>, remedy: &str) {
        self.findings.push(Finding::new(line, fault, about, remedy));
    }

    fn note_questions(&mut self, one: &Directive) {
        if one.asks() {
            self.ours.insert(authority(one.first()));
        }
        for inner in one.inside() {
            self.note_questions(inner);
        }
    }

    /// Looks for servers, wherever they are.
    fn walk<'d>(&mut self, level: &'d [Directive], around: &mut Vec<&'d [Directive]>) {
        around.push(level);
        for one in level.iter().filter(|one| one.block.is_some()) {
            if one.is("server") && one.any(&|inner| inner.is("auth_request")) {
                self.server(one, around);
            } else if !one.is("server") {
                self.walk(one.inside(), around);
            }
        }
        around.pop();
    }

    fn server<'d>(&mut self, server: &'d Directive, around: &mut Vec<&'d [Directive]>) {
        around.push(server.inside());
        let listens: Vec<&Directive> = server.inside().iter().filter(|one| one.is("listen")).collect();
        let is_near = |one: &&Directive| one.first().starts_with("127.") || one.first().starts_with("unix:");
        let encrypts = |one: &&Directive| one.args.iter().any(|arg| arg == "ssl" || arg == "quic");
        if let Some(plain) = listens.iter().find(|one| !encrypts(one) && !is_near(one)) {
            let remedy =
                "listen 443 ssl; and send port 80 on with return 301 https://$host$request_uri; in a server of its own";
            self.add(plain.line, Fault::Unencrypted, plain.as_written(), remedy);
        }
        let has_root = server.inside().iter().find(|one| one.serves());
        if let (Some(root), false) = (has_root, Levels(around).is_guarded()) {
            self.add(
                root.line,
                Fault::Unasked,
                root.as_written(),
                "auth_request /forward-auth;",
            );
        }
        self.locations(server.inside(), around);
        around.pop();
    }

    fn locations<'d>(&mut self, level: &'d [Directive], around: &mut Vec<&'d [Directive]>) {
        for one in level.iter().filter(|one| one.block.is_some()) {
            around.push(one.inside());
            if ["location", "if", "limit_except"].contains(&one.name.as_str()) {
                self.location(one, Levels(around));
            }
            self.locations(one.inside(), around);
            around.pop();
        }
    }

    fn location(&mut self, location: &Directive, levels: Levels<'_, '_>) {
        let inside = location.inside();
        if inside.iter().any(Directive::asks) {
            self.question(location, levels);
            return;
        }
        let Some(serving) = inside.iter().find(|one| one.serves()) else {
            return;
        };
        if serving.is("proxy_pass") && self.ours.contains(&authority(serving.first())) {
            return;
        }
        let about = location.as_written();
        if !levels.is_guarded() {
            let off = inside.iter().find(|one| one.is("auth_request"));
            let line = off.map_or(location.line, |off| off.line);
            self.add(line, Fault::Unasked, about, "auth_request /forward-auth;");
            return;
        }
        self.refusals(location, levels);
        if serving.passes() {
            self.passed_on(location, levels);
        }
    }

    /// What happens to those who may not come in.
    fn refusals(&mut self, location: &Directive, levels: Levels<'_, '_>) {
        let about = location.as_written();
        let pages: Vec<&Directive> = levels.holding("error_page").collect();
        let about_status = |status: &str| {
            let mentions = |one: &&Directive| one.args.iter().any(|arg| arg == status);
            pages.iter().copied().find(mentions)
        };
        for page in &pages {
            let is_refusal = page.args.iter().any(|arg| arg == "401" || arg == "403" || arg == "500");
            let passes = page.args.iter().any(|arg| arg.starts_with("=2"));
            if is_refusal && passes {
                self.add(
                    page.line,
                    Fault::Overruled,
                    page.as_written(),
                    "error_page 401 = @login;",
                );
            }
        }
        match (about_status("401"), about_status("403")) {
            (None, _) => self.add(location.line, Fault::NoLogin, about.clone(), "error_page 401 = @login;"),
            (Some(login), Some(refused)) if login.args.last() == refused.args.last() => {
                self.add(
                    refused.line,
                    Fault::Loop,
                    refused.as_written(),
                    "error_page 403 = @refused;",
                );
            }
            _ => {}
        }
        if let Some(satisfy) = levels.holding("satisfy").find(|one| one.first() == "any") {
            self.add(satisfy.line, Fault::Either, "satisfy any", "satisfy all;");
        }
        let keeps_cookie = |one: &Directive| one.args.iter().any(|arg| arg == "$upstream_http_set_cookie");
        if !levels.holding("auth_request_set").any(keeps_cookie) {
            let remedy = "auth_request_set $login_cookie $upstream_http_set_cookie; and add_header Set-Cookie $login_cookie; in @login";
            self.add(location.line, Fault::CookieDropped, about, remedy);
        }
    }

    /// What reaches the program.
    fn passed_on(&mut self, location: &Directive, levels: Levels<'_, '_>) {
        for name in IDENTITY {
            let variable = format!("$auth_{}", &name.to_ascii_lowercase()["remote-".len()..]);
            let remedy = format!("proxy_set_header {name} {variable};");
            match levels.header(name) {
                None => self.add(location.line, Fault::Forgeable, name, &remedy),
                Some(set) => self.identity(set, levels, &remedy),
            }
        }
        for set in levels.holding("proxy_set_header") {
            let value = set.args.get(1).map_or("", String::as_str);
            let is_address = ["X-Forwarded-For", "X-Real-IP", "Forwarded"]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(set.first()));
            if is_address && value.starts_with("$http_") {
                let remedy = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
                self.add(set.line, Fault::AddressForged, set.as_written(), remedy);
            }
        }
        let cookie = levels.header("Cookie").and_then(|set| set.args.get(1));
        if cookie.is_none_or(|value| value == "$http_cookie") {
            let remedy = "proxy_set_header Cookie $cookies_of_others; with the maps that proxy show prints";
            self.add(location.line, Fault::KeysShown, location.as_written(), remedy);
        }
    }

    fn identity(&mut self, set: &Directive, levels: Levels<'_, '_>, remedy: &str) {
        let value = set.args.get(1).map_or("", String::as_str);
        if value.starts_with("$http_") || value.starts_with("$arg_") || value.starts_with("$cookie_") {
            self.add(set.line, Fault::Echoed, set.as_written(), remedy);
            return;
        }
        let source = levels.holding("auth_request_set").find(|one| one.first() == value);
        let from_answer = |one: &Directive| one.args.get(1).is_some_and(|from| from.starts_with("$upstream_http_"));
        if value.starts_with('$') && !source.is_some_and(from_answer) {
            let variable = set.first().to_ascii_lowercase().replace('-', "_");
            let remedy = format!("auth_request_set {value} $upstream_http_{variable};");
            self.add(set.line, Fault::NobodyTold, set.first(), &remedy);
        }
    }

    /// The location that asks.
    fn question(&mut self, location: &Directive, levels: Levels<'_, '_>) {
        let (about, line, inside) = (location.as_written(), location.line, location.inside());
        let has = |name: &str| inside.iter().any(|one| one.is(name));
        if let Some(pass) = inside.iter().find(|one| one.asks())
            && !pass.first().contains("/forward-auth/nginx")
        {
            let remedy = "proxy_pass http://…/forward-auth/nginx;";
            self.add(pass.line, Fault::WrongDoor, pass.as_written(), remedy);
        }
        if !has("internal") {
            self.add(line, Fault::QuestionOpen, about.clone(), "internal;");
        }
        if levels
            .holding("proxy_pass_request_body")
            .all(|one| one.first() != "off")
        {
            let remedy = "proxy_pass_request_body off; proxy_set_header Content-Length \"\";";
            self.add(line, Fault::BodySent, about.clone(), remedy);
        }
        let url = "proxy_set_header X-Original-URL $scheme://$server_name:$server_port$request_uri;";
        match levels.header("X-Original-URL") {
            None => self.add(line, Fault::Undescribed, about.clone(), url),
            Some(set) => {
                let value = set.args.get(1).map_or("", String::as_str);
                if value.contains("$host") || value.contains("$http_host") {
                    self.add(set.line, Fault::HostForged, set.as_written(), url);
                }
                if !value.contains("$request_uri") {
                    self.add(set.line, Fault::PathChanged, set.as_written(), url);
                }
            }
        }
        if levels.header("X-Original-Method").is_none() {
            let remedy = "proxy_set_header X-Original-Method $request_method;";
            self.add(line, Fault::MethodLost, about.clone(), remedy);
        }
        let remedy = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
        match levels.header("X-Forwarded-For") {
            None => self.add(line, Fault::AddressLost, about, remedy),
            Some(set) if set.args.get(1).is_some_and(|value| value.starts_with("$http_")) => {
                self.add(set.line, Fault::AddressForged, set.as_written(), remedy);
            }
            Some(_) => {}
        }
    }

    /// What is wrong wherever it stands.
    fn everywhere(&mut self, level: &[Directive]) {
        for one in level {
            match (one.name.as_str(), one.first()) {
                ("underscores_in_headers", "on") => {
                    self.add(
                        one.line,
                        Fault::Underscores,
                        one.as_written(),
                        "underscores_in_headers off;",
                    );
                }
                ("ignore_invalid_headers", "off") => {
                    self.add(
                        one.line,
                        Fault::Underscores,
                        one.as_written(),
                        "ignore_invalid_headers on;",
                    );
                }
                ("set_real_ip_from", "0.0.0.0/0" | "::/0") => {
                    let remedy = "set_real_ip_from with the address of the proxy before this one";
                    self.add(one.line, Fault::AddressForged, one.as_written(), remedy);
                }
                ("proxy_pass_header" | "fastcgi_param" | "uwsgi_param", _)
                    if one.args.len() > 1 && one.args[1].starts_with("$http_remote_") =>
                {
                    self.add(
                        one.line,
                        Fault::Echoed,
                        one.as_written(),
                        "the variable of auth_request_set",
                    );
                }
                ("include", file) if !file.contains("mime.types") && !file.ends_with("_params") => {
                    let remedy = "librechat-auth proxy lint with the output of nginx -T";
                    self.add(one.line, Fault::Elsewhere, file, remedy);
                }
                ("proxy_set_header", name) if is_identity(name) && one.args.len() < 2 => {
                    self.add(one.line, Fault::NobodyTold, name, "a value");
                }
                _ => {}
            }
            self.everywhere(one.inside());
        }
    }
}

#[cfg(test)]
mod tests;
