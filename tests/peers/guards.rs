//! Real proxies that ask us about every request to a program, started with the very files that are given away.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use librechat_auth::domain::proxy::{self as program, Purpose, Setup};

use super::{Program, Proxy, without};

/// Which proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    Nginx,
    Caddy,
    Traefik,
    Apache,
    Haproxy,
}

/// Where `scripts/install-test-deps.sh` puts what Debian does not have.
pub fn test_tools() -> PathBuf {
    // Where the tests are built for a target by name, its folder lies between.
    let folders = Path::new(env!("CARGO_TARGET_TMPDIR")).ancestors().skip(1);
    let mut tools = folders.map(|folder| folder.join("test-tools/bin"));
    tools.find(|tools| tools.exists()).unwrap_or_default()
}

impl Guard {
    /// A proxy on this machine in front of `app`, asking `auth`.
    pub fn start(self, auth: SocketAddr, app: SocketAddr) -> Proxy {
        Proxy::run(&format!("{self:?}"), "127.0.0.1", |listen, dir| {
            self.configured(listen, auth, app, dir)
        })
    }

    /// As `proxy show` knows it.
    fn proxy(self) -> program::Proxy {
        match self {
            Self::Nginx => program::Proxy::Nginx,
            Self::Caddy => program::Proxy::Caddy,
            Self::Traefik => program::Proxy::Traefik,
            Self::Apache => program::Proxy::Apache,
            Self::Haproxy => program::Proxy::Haproxy,
        }
    }

    fn configured(self, listen: SocketAddr, auth: SocketAddr, app: SocketAddr, dir: &Path) -> Program {
        let setup = Setup {
            server: auth.to_string(),
            program: app.to_string(),
            ..Setup::default()
        };
        let files = self.proxy().files(Purpose::Program, &setup);
        let own = |name: &str| {
            let (_, text) = files
                .iter()
                .find(|(file, _)| *file == name)
                .expect("a file of this proxy");
            text.replace("/etc/librechat-auth", &dir.display().to_string())
        };
        match self {
            Self::Nginx => {
                let own = own("nginx.conf").replace("443 ssl", &listen.to_string());
                let server = without(&own, &["ssl_certificate"]);
                Program::nginx(
                    &format!("http {{ access_log off; {} {server} }}", Program::nginx_paths(dir)),
                    dir,
                )
            }
            Self::Caddy => {
                let address = format!("http://app.example.org:{} {{\n    bind 127.0.0.1\n", listen.port());
                let site = own("Caddyfile").replace("app.example.org {\n", &address);
                Program::caddy(&site)
            }
            Self::Traefik => Program::traefik(&own("traefik.yml"), "app.example.org", listen, dir),
            Self::Apache => {
                fs::write(dir.join("apache.lua"), own("apache.lua")).expect("written");
                Program::apache(&own("apache.conf"), listen, dir)
            }
            Self::Haproxy => {
                fs::write(dir.join("haproxy.lua"), own("haproxy.lua")).expect("written");
                let plain =
                    own("haproxy.cfg").replace(":443 ssl crt /etc/haproxy/app.example.org.pem", &listen.to_string());
                Program::haproxy(&plain)
            }
        }
    }
}

impl Program {
    /// Traefik with these routes, which it knows once it does not answer 404 for `host`.
    pub(super) fn traefik(routes: &str, host: &'static str, listen: SocketAddr, dir: &Path) -> Self {
        let dynamic = dir.join("routes.yml");
        fs::write(&dynamic, routes).expect("written");
        let text = format!(
            "global: {{ checkNewVersion: false, sendAnonymousUsage: false }}\nlog: {{ level: WARN }}\nentryPoints: {{ web: {{ \
             address: \"{listen}\" }} }}\nproviders: {{ file: {{ filename: \"{}\", watch: false }} }}\n",
            dynamic.display()
        );
        Self {
            command: vec![test_tools().join("traefik").display().to_string()],
            file: |file| vec![format!("--configfile={}", file.display())],
            extension: ".yml",
            host: Some(host),
            text,
        }
    }

    /// Apache with this site.
    pub(super) fn apache(site: &str, listen: SocketAddr, dir: &Path) -> Self {
        let modules = [
            "mpm_event",
            "lua",
            "proxy",
            "proxy_http",
            "proxy_wstunnel",
            "rewrite",
            "headers",
            "authz_core",
        ];
        let load = modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"));
        let site = site.replace("*:443", &listen.to_string());
        let site: Vec<_> = site.lines().filter(|line| !line.contains("SSL")).collect();
        let text = format!(
            "ServerRoot {dir}\nServerName localhost\nPidFile {dir}/pid\nErrorLog /dev/stderr\nListen {listen}\n{}\n{}\n",
            load.join("\n"),
            site.join("\n"),
            dir = dir.display(),
        );
        Self {
            command: ["apache2", "-D", "FOREGROUND"].map(str::to_owned).to_vec(),
            file: |file| vec!["-f".to_owned(), file.display().to_string()],
            extension: "",
            host: None,
            text,
        }
    }
}
