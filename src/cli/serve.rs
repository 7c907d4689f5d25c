//! `serve`: run the server until Ctrl-C or SIGTERM; SIGHUP reads the configuration again.

use std::io::{self, Write as _};
use std::rc::Rc;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

use crate::app::{App, ServeLock};
use crate::cli::reload::{Reloader, on_hangup};
use crate::cli::{Outcome, Stop, context};
use crate::config::{Inputs, Origin};
use crate::supervisor::Supervisor;
use crate::web::server::{self, Certificate, Server, block_on, renew_certificate, set_up_link, spawn};
use crate::{observe, supervisor};

/// Settings that can be given as flags; they are stronger than every other source.
#[derive(Debug, Default, Args)]
pub struct Arguments {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long)]
    host: Option<String>,
    /// Port to listen on; 0 takes a free one [default: 3081]
    #[arg(long)]
    port: Option<String>,
    /// The address that people type into their browser, such as <https://login.example.org>
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Arguments {
    /// As pairs of setting and value.
    #[must_use]
    pub fn flags(&self) -> Vec<(String, String)> {
        let given = [
            ("server.host", &self.host),
            ("server.port", &self.port),
            ("server.public_url", &self.public_url),
        ];
        given
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
            .collect()
    }
}

/// Runs the server.
///
/// # Errors
/// One sentence that says what to do: configuration, lock, database, port.
pub fn run(inputs: &Inputs) -> Outcome {
    let supervisor = Rc::new(Supervisor::new(inputs));
    let handed_over = supervisor::handed_over()?;
    let (config, origins) = context::configuration(inputs)?;
    let filter = observe::start(&config.log)?;
    let settings = shown(&origins);
    let reloader = Reloader::new(inputs.clone(), origins, filter);
    let _lock = ServeLock::acquire(&config.data_dir)?;
    let app = context::open(config)?;
    block_on(async {
        let bound = match handed_over {
            Some(listener) => Server::on(&app, listener),
            None => Server::bind(&app),
        };
        let server = match bound {
            Ok(server) => server,
            Err(error) => {
                app.close().await;
                return Err(error.into());
            }
        };
        if let Err(stop) = announce(&app, &server, &settings).await {
            app.close().await;
            return Err(stop);
        }
        let signals = Signals::new()?;
        let status = format!("serving {} on {}", server.place.url, server.address);
        supervisor.ready(&status);
        let life = spawn(show_life(Arc::clone(&app), Rc::clone(&supervisor)));
        let chores = [
            spawn(server::watch_providers(Arc::clone(&app))),
            spawn(server::renew_upstream(Arc::clone(&app))),
        ];
        let hangup = OnHangup {
            reloader,
            certificate: server.certificate.clone(),
            supervisor,
            status,
        };
        server.run(signals.until_stop(hangup)).await?;
        life.abort();
        chores.iter().for_each(JoinHandle::abort);
        tracing::info!("stopped");
        Ok(())
    })
}

/// What others may ask of the server.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Resolves when the server is to end; reads the configuration again whenever it is asked to.
    async fn until_stop(mut self, mut on_hangup: OnHangup) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => break,
                _ = self.terminate.recv() => break,
                _ = self.hangup.recv() => on_hangup.reload(),
            }
        }
        on_hangup.supervisor.stopping();
        tracing::info!("told to stop: finishing requests in flight");
    }
}

/// What is read again while the server runs.
struct OnHangup {
    reloader: Reloader,
    certificate: Option<Arc<Certificate>>,
    supervisor: Rc<Supervisor>,
    status: String,
}

impl OnHangup {
    fn reload(&mut self) {
        self.supervisor.reloading();
        on_hangup(&mut self.reloader);
        if let Some(certificate) = &self.certificate {
            renew_certificate(certificate);
        }
        self.supervisor.ready(&self.status);
    }
}

/// Tells the supervisor twice per period that the database reads and writes; when it does not, the supervisor starts us anew.
async fn show_life(app: Arc<App>, supervisor: Rc<Supervisor>) {
    let Some(period) = supervisor.watchdog() else {
        return;
    };
    let mut every = interval(period / 2);
    loop {
        every.tick().await;
        if timeout(period / 4, app.is_alive()).await == Ok(true) {
            supervisor.alive();
        } else {
            tracing::error!("the database does not answer: no sign of life for the supervisor");
        }
    }
}

/// Settings and their values, but for secrets.
fn shown(origins: &[Origin]) -> Vec<(&'static str, String)> {
    let public = origins.iter().filter(|origin| !origin.setting.is_secret());
    public
        .map(|origin| (origin.setting.key, origin.value.shown().to_string()))
        .collect()
}

const NEW_LINK: &str = "librechat-auth setup-link prints a new one.";

/// One short block for whoever started the server.
async fn announce(app: &Arc<App>, server: &Server, settings: &[(&'static str, String)]) -> Result<(), Stop> {
    app.take_audit_notes().await?;
    app.note_settings(settings).await?;
    app.note_version().await?;
    let token = app.new_set_up_token().await?;
    let policy = app.live().accounts.policy(app.config.mail.is_configured());
    let mut block = format!(
        "librechat-auth {}\n  address   {} (listening on {})\n  data      {}\n  accounts  {}\n",
        env!("CARGO_PKG_VERSION"),
        server.place.url,
        server.address,
        app.config.data_dir.display(),
        policy.sentence()
    );
    if let Some(token) = token {
        let link = set_up_link(&app.config, server.address.port(), &token);
        let hint = "Open this link to make the first admin. It works once, for an hour;";
        block += &[
            "  set-up    ",
            &link,
            "\n            ",
            hint,
            "\n            ",
            NEW_LINK,
            "\n",
        ]
        .concat();
    }
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(block.as_bytes()).and_then(|()| out.flush()) {
        // Nobody reads it; that is no reason not to serve.
        tracing::warn!(%error, "the address could not be written to standard output");
    }
    Ok(())
}
