//! Configurations for reverse proxies that ask us about every request to another program. The files in `packaging/proxies`
//! are the only source: they are shown in the documentation, run by the tests, and filled in here.

pub mod lint;

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

    const fn given_away(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Nginx => &[("nginx.conf", include_str!("../../../packaging/proxies/nginx.conf"))],
            Self::Caddy => &[("Caddyfile", include_str!("../../../packaging/proxies/Caddyfile"))],
            Self::Traefik => &[("traefik.yml", include_str!("../../../packaging/proxies/traefik.yml"))],
            Self::Apache => &[
                ("apache.conf", include_str!("../../../packaging/proxies/apache.conf")),
                ("apache.lua", include_str!("../../../packaging/proxies/apache.lua")),
            ],
            Self::Haproxy => &[
                ("haproxy.cfg", include_str!("../../../packaging/proxies/haproxy.cfg")),
                ("haproxy.lua", include_str!("../../../packaging/proxies/haproxy.lua")),
            ],
        }
    }

    /// Its files for this installation: name and content.
    #[must_use]
    pub fn files(self, setup: &Setup) -> Vec<(&'static str, String)> {
        let fill = |(name, text): &(&'static str, &str)| (*name, setup.fill(text));
        self.given_away().iter().map(fill).collect()
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
            .replace(&given.host, "\u{3}");
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

    fn all(setup: &Setup) -> Vec<(&'static str, String)> {
        Proxy::ALL.iter().flat_map(|proxy| proxy.files(setup)).collect()
    }

    #[test]
    fn without_a_difference_they_are_the_files_as_they_are_given_away() {
        for proxy in Proxy::ALL {
            let given: Vec<_> = proxy
                .given_away()
                .iter()
                .map(|(name, text)| (*name, (*text).to_owned()))
                .collect();
            assert_eq!(proxy.files(&Setup::default()), given, "{proxy:?}");
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
                !text.contains("app.example.org") && !text.contains("127.0.0.1:3081"),
                "{name}: {text}"
            );
            let has_token = text.to_lowercase().contains("x-auth-jwt");
            let lists_headers = without.to_lowercase().contains("remote-groups");
            assert_eq!(has_token, lists_headers, "{name}: {text}");
        }
        let nginx = &Proxy::Nginx.files(&setup)[0].1;
        assert!(nginx.contains("server_name wiki.127.0.0.1:8080.example;"), "{nginx}");
        assert!(
            nginx.contains("auth_request_set $auth_token $upstream_http_x_auth_jwt;"),
            "{nginx}"
        );
        assert!(nginx.contains("proxy_set_header X-Auth-JWT $auth_token;"), "{nginx}");
    }
}
