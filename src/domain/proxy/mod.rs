//! Configurations for reverse proxies that lead to us, or ask us about every request to another program. The files in
//! `packaging/proxies` are the only source: they are shown in the documentation, run by the tests, and filled in here.

pub mod lint;

/// A file as it is given away: name and content.
type Given = (&'static str, &'static str);

macro_rules! given {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../packaging/proxies/", $name)))
    };
}

/// The host of the login in the files that lead to it.
const LOGIN: &str = "auth.example.org";

/// A proxy that can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// nginx with `auth_request`.
    Nginx,
    /// Caddy with `forward_auth`.
    Caddy,
    /// Traefik with `forwardAuth`.
    Traefik,
    /// Apache with a Lua script.
    Apache,
    /// `HAProxy` with a Lua script.
    Haproxy,
}

/// What a proxy is configured for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To ask us about every request to another program.
    Program,
    /// To pass on requests to our own pages and API.
    Login,
    /// To pass on connections to us, and to say whose they are with the PROXY protocol.
    LoginConnections,
}

/// What is different from one installation to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The host that people open.
    pub host: String,
    /// Where this server listens, as the proxy reaches it: `127.0.0.1:3081`.
    pub server: String,
    /// Where the program listens: `127.0.0.1:8080`.
    pub program: String,
    /// The header with a signed token, if programs get one.
    pub token_header: Option<String>,
}

impl Default for Setup {
    /// As the files have it.
    fn default() -> Self {
        Self {
            host: "app.example.org".to_owned(),
            server: "127.0.0.1:3081".to_owned(),
            program: "127.0.0.1:8080".to_owned(),
            token_header: None,
        }
    }
}

impl Proxy {
    /// Every proxy.
    pub const ALL: [Self; 5] = [Self::Nginx, Self::Caddy, Self::Traefik, Self::Apache, Self::Haproxy];

    /// Its name on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Apache => "apache",
            Self::Haproxy => "haproxy",
        }
    }

    const fn given_away(self, purpose: Purpose) -> &'static [Given] {
        match purpose {
            Purpose::Program => self.program(),
            Purpose::Login => self.login(),
            Purpose::LoginConnections => self.login_connections(),
        }
    }

    const fn program(self) -> &'static [Given] {
        match self {
            Self::Nginx => &[given!("nginx.conf")],
            Self::Caddy => &[given!("Caddyfile")],
            Self::Traefik => &[given!("traefik.yml")],
            Self::Apache => &[given!("apache.conf"), given!("apache.lua")],
            Self::Haproxy => &[given!("haproxy.cfg"), given!("haproxy.lua")],
        }
    }

    const fn login(self) -> &'static [Given] {
        match self {
            Self::Nginx => &[given!("login/nginx.conf")],
            Self::Caddy => &[given!("login/Caddyfile")],
            Self::Traefik => &[given!("login/traefik.yml")],
            Self::Apache => &[given!("login/apache.conf")],
            Self::Haproxy => &[given!("login/haproxy.cfg")],
        }
    }

    const fn login_connections(self) -> &'static [Given] {
        match self {
            Self::Nginx => &[given!("login/nginx-connections.conf")],
            Self::Haproxy => &[given!("login/haproxy-connections.cfg")],
            Self::Caddy | Self::Traefik | Self::Apache => &[],
        }
    }

    /// Its files for this installation: name and content. None at all if it cannot do that.
    #[must_use]
    pub fn files(self, purpose: Purpose, setup: &Setup) -> Vec<(&'static str, String)> {
        let fill = |(name, text): &Given| (*name, setup.fill(text));
        self.given_away(purpose).iter().map(fill).collect()
    }
}

impl Setup {
    fn fill(&self, text: &str) -> String {
        let given = Self::default();
        // By words that no value contains, so that no value is taken for another.
        let filled = self
            .with_token(text)
            .replace(&given.server, "\u{1}")
            .replace(&given.program, "\u{2}")
            .replace(&given.host, "\u{3}")
            .replace(LOGIN, "\u{3}");
        filled
            .replace('\u{1}', &self.server)
            .replace('\u{2}', &self.program)
            .replace('\u{3}', &self.host)
    }

    /// The same with one more header, wherever the four are.
    fn with_token(&self, text: &str) -> String {
        let Some(name) = self.token_header.as_deref() else {
            return text.to_owned();
        };
        let variable = name.to_ascii_lowercase().replace('-', "_");
        let lower = name.to_ascii_lowercase();
        text.replace(
            "Remote-Name Remote-Groups",
            &format!("Remote-Name Remote-Groups {name}"),
        )
        .replace(
            "Remote-Name, Remote-Groups]",
            &format!("Remote-Name, Remote-Groups, {name}]"),
        )
        .replace("\"Remote-Groups\" }", &format!("\"Remote-Groups\", \"{name}\" }}"))
        .replace("\"remote-groups\" }", &format!("\"remote-groups\", \"{lower}\" }}"))
        .replace(
            "$upstream_http_remote_groups;\n",
            &format!(
                "$upstream_http_remote_groups;\n        auth_request_set $auth_token $upstream_http_{variable};\n"
            ),
        )
        .replace(
            "Remote-Groups $auth_groups;\n",
            &format!("Remote-Groups $auth_groups;\n        proxy_set_header {name} $auth_token;\n"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [Purpose; 3] = [Purpose::Program, Purpose::Login, Purpose::LoginConnections];

    fn all(setup: &Setup) -> Vec<(&'static str, String)> {
        let files = |purpose| Proxy::ALL.map(|proxy| proxy.files(purpose, setup)).concat();
        PURPOSES.map(files).concat()
    }

    #[test]
    fn without_a_difference_they_are_the_files_as_they_are_given_away() {
        for proxy in Proxy::ALL {
            let given: Vec<_> = proxy
                .given_away(Purpose::Program)
                .iter()
                .map(|(name, text)| (*name, (*text).to_owned()))
                .collect();
            assert_eq!(proxy.files(Purpose::Program, &Setup::default()), given, "{proxy:?}");
        }
    }

    #[test]
    fn every_difference_is_filled_in_and_nothing_is_filled_twice() {
        let setup = Setup {
            host: "wiki.127.0.0.1:8080.example".to_owned(),
            server: "10.0.0.2:3081".to_owned(),
            program: "10.0.0.3:80".to_owned(),
            token_header: Some("X-Auth-JWT".to_owned()),
        };
        let plain = Setup {
            token_header: None,
            ..setup.clone()
        };
        for ((name, text), (_, without)) in all(&setup).iter().zip(all(&plain)) {
            assert!(
                !text.contains("app.example.org") && !text.contains(LOGIN) && !text.contains("127.0.0.1:3081"),
                "{name}: {text}"
            );
            let has_token = text.to_lowercase().contains("x-auth-jwt");
            let lists_headers = without.to_lowercase().contains("remote-groups");
            assert_eq!(has_token, lists_headers, "{name}: {text}");
        }
        let nginx = &Proxy::Nginx.files(Purpose::Program, &setup)[0].1;
        assert!(nginx.contains("server_name wiki.127.0.0.1:8080.example;"), "{nginx}");
        assert!(
            nginx.contains("auth_request_set $auth_token $upstream_http_x_auth_jwt;"),
            "{nginx}"
        );
        assert!(nginx.contains("proxy_set_header X-Auth-JWT $auth_token;"), "{nginx}");
    }
}
