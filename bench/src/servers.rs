//! Starts the server and the reference on copies of a filled database, with limits that do not get in the way.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::fill::Filled;
use crate::people::{JWT_REFRESH_SECRET, JWT_SECRET};
use crate::process::Process;

/// The host that people type, and that of the guarded program: one site.
pub const DOOR_HOST: &str = "auth.example.org";

/// How long a server may take before it answers.
const PATIENCE: Duration = Duration::from_mins(1);

/// Which program is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `librechat-auth`.
    Server,
    /// The bare reference.
    Reference,
}

impl Program {
    /// What it answers when it is up.
    const fn alive(self) -> &'static str {
        match self {
            Self::Server => "/livez",
            Self::Reference => "/",
        }
    }
}

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The system has it.
    Normal,
    /// The disk has it.
    Full,
}

/// Where the programs and their files are.
pub struct Place {
    /// Results, databases and logs: `target/bench`.
    pub root: PathBuf,
    /// The server to measure.
    pub server: PathBuf,
    /// Where the other programs are.
    pub binaries: PathBuf,
    /// Threads that answer requests, and threads that hash.
    pub cores: usize,
}

/// A server that answers.
pub struct Running {
    /// The process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

/// What a program finds when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directory {
    /// Nothing: it makes database and secrets.
    Empty,
    /// What it made when it was started before.
    Made,
}

/// How long a program took from exec to its first answer.
#[derive(Clone, Copy, Debug)]
pub struct FirstAnswer {
    /// Wall-clock time.
    pub took: Duration,
    /// CPU time until then, to 10 ms.
    pub cpu: Duration,
}

impl Place {
    /// The file of a program.
    #[must_use]
    pub fn binary(&self, program: Program) -> PathBuf {
        match program {
            Program::Server => self.server.clone(),
            Program::Reference => self.binaries.join("reference"),
        }
    }

    /// Starts `program` on a copy of `filled` and waits until it answers.
    ///
    /// # Errors
    /// If the copy cannot be made or the program does not answer.
    pub fn start(&self, name: &str, program: Program, durability: Durability, filled: &Filled) -> Result<Running> {
        let data = self.fresh_directory(name)?;
        fs::copy(&filled.database, data.join("librechat-auth.db")).context("cannot copy the filled database")?;
        let address = free_address()?;
        let mut command = self.command(program, &data, address, durability);
        let process = Process::start(&mut command, &self.log(name))?;
        let mut running = Running { process, address };
        self.wait(name, program.alive(), &mut running)?;
        Ok(running)
    }

    /// Starts `program` and measures its first answer.
    ///
    /// # Errors
    /// If the program does not answer.
    pub fn first_answer(&self, name: &str, program: Program, directory: Directory) -> Result<FirstAnswer> {
        let data = match directory {
            Directory::Empty => self.fresh_directory(name)?,
            Directory::Made => self.directory(name),
        };
        let address = free_address()?;
        let mut command = self.command(program, &data, address, Durability::Full);
        if program == Program::Server {
            command
                .env_remove("JWT_SECRET")
                .env_remove("JWT_REFRESH_SECRET")
                .env_remove("CREDS_KEY");
        }
        let started = Instant::now();
        let process = Process::start(&mut command, &self.log(name))?;
        let mut running = Running { process, address };
        self.wait(name, program.alive(), &mut running)?;
        Ok(FirstAnswer {
            took: started.elapsed(),
            cpu: running.process.cpu()?,
        })
    }

    /// Starts nginx in front of `app`: `/open/` leads straight to it, every other path only after `door` has said yes.
    ///
    /// # Errors
    /// If it is not installed or does not answer.
    pub fn nginx(&self, door: SocketAddr, app: SocketAddr) -> Result<Running> {
        let name = "nginx";
        let directory = self.fresh_directory(name)?;
        let address = free_address()?;
        let file = directory.join("nginx.conf");
        fs::write(&file, nginx_conf(&directory, address, door, app))?;
        let mut command = Command::new(name);
        command.args(["-e", "stderr", "-c"]).arg(&file);
        let process = Process::start(&mut command, &self.log(name))?;
        let mut running = Running { process, address };
        self.wait(name, "/open/", &mut running)?;
        Ok(running)
    }

    fn directory(&self, name: &str) -> PathBuf {
        self.root.join("run").join(name)
    }

    fn fresh_directory(&self, name: &str) -> Result<PathBuf> {
        let directory = self.directory(name);
        // There may be nothing to remove.
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        Ok(directory)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.root.join("run").join(format!("{name}.log"))
    }

    fn command(&self, program: Program, data: &Path, address: SocketAddr, durability: Durability) -> Command {
        let mut command = Command::new(self.binary(program));
        command.env_clear().current_dir(data);
        let port = address.port().to_string();
        let cores = self.cores.to_string();
        let durability = match durability {
            Durability::Normal => "normal",
            Durability::Full => "full",
        };
        match program {
            Program::Server => {
                command.args(["serve", "--data"]).arg(data);
                command.envs([
                    ("HOST", "127.0.0.1"),
                    ("PORT", &port),
                    ("LIBRECHAT_AUTH_WORKERS", &cores),
                ]);
                command.envs([("JWT_SECRET", JWT_SECRET), ("JWT_REFRESH_SECRET", JWT_REFRESH_SECRET)]);
                command.env("CREDS_KEY", "5a".repeat(32));
                command.envs([
                    ("LOGIN_MAX", "1000000000"),
                    ("LIBRECHAT_AUTH_LIMITS_ACCOUNT_MAX", "unlimited"),
                    ("LIBRECHAT_AUTH_STORE_SYNCHRONOUS", durability),
                ]);
                // A proxy of this machine asks about a program on the site's own host; the rule that fits is not the first.
                let rules = format!(
                    r#"[{{"hosts":["{DOOR_HOST}"],"paths":["/public"],"effect":"bypass"}},{{"hosts":["{DOOR_HOST}"]}}]"#
                );
                command.envs([
                    ("DOMAIN_SERVER", format!("https://{DOOR_HOST}").as_str()),
                    ("LIBRECHAT_AUTH_TRUSTED_PROXIES", "127.0.0.1"),
                    ("LIBRECHAT_AUTH_ACCESS_RULES", &rules),
                ]);
                // Every refresh has to rotate; no duration can be zero.
                command.env("LIBRECHAT_AUTH_REFRESH_GRACE", "1ms");
            }
            Program::Reference => {
                command
                    .arg("serve")
                    .arg("--database")
                    .arg(data.join("librechat-auth.db"));
                command.args(["--port", &port, "--workers", &cores, "--synchronous", durability]);
                command.args(["--jwt-secret", JWT_SECRET, "--jwt-refresh-secret", JWT_REFRESH_SECRET]);
            }
        }
        command
    }

    fn wait(&self, name: &str, path: &str, running: &mut Running) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if answers(running.address, path) {
                return Ok(());
            }
            if !running.process.is_running() {
                break;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        let log = fs::read_to_string(self.log(name)).unwrap_or_default();
        bail!("{name} does not answer; it said:\n{log}")
    }
}

/// One process, so that its CPU time is all there is; the question is asked as in `packaging/proxies/nginx.conf`.
fn nginx_conf(directory: &Path, listen: SocketAddr, door: SocketAddr, app: SocketAddr) -> String {
    let here = directory.display();
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {here}/{what};"))
        .join(" ");
    format!(
        "daemon off;
master_process off;
pid {here}/pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    {paths}
    server {{
        listen {listen};
        server_name {DOOR_HOST};
        location /open/ {{ proxy_pass http://{app}/; }}
        location /guarded/ {{
            auth_request /forward-auth;
            auth_request_set $auth_user $upstream_http_remote_user;
            proxy_set_header Remote-User $auth_user;
            proxy_pass http://{app}/;
        }}
        location = /forward-auth {{
            internal;
            proxy_pass http://{door}/forward-auth/nginx;
            proxy_pass_request_body off;
            proxy_set_header Content-Length \"\";
            proxy_set_header X-Original-URL https://$server_name$request_uri;
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"
    )
}

fn answers(address: SocketAddr, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}

/// A port that was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .context("no free port")?
        .local_addr()?)
}
