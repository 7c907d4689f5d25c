//! The HTTP server: bound, then run until it is told to stop; requests in flight are finished first.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server as Running, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{Data, PayloadConfig};
use actix_web::{App as Actix, HttpServer, rt};

use crate::app::backup::nightly;
use crate::app::federated_login::watch;
use crate::app::{App, Failure, audit_head, housekeeping, telemetry};
use crate::config::Config;
use crate::domain::secret::Token;
use crate::observe::request::Numbers;
use crate::web::place::Place;
use crate::web::sending::Sending;
pub use crate::web::tls::Certificate;
use crate::web::tls::TlsError;
use crate::web::views::Accent;
use crate::web::{Web, assets, client, extract, observed, proxy_protocol, routes, tls};

/// How often the files of the certificate are looked at.
const RENEW_EVERY: Duration = Duration::from_mins(1);

/// A server that listens already.
pub struct Server {
    running: Running,
    app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it is for its visitors.
    pub place: Place,
    /// What it shows to them, if it speaks https itself.
    pub certificate: Option<Arc<Certificate>>,
}

/// Why the server cannot listen: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error(
        "{host}:{port} is already in use: stop the program that listens there, or choose another port with --port, \
         PORT or [server] port"
    )]
    Taken {
        /// As configured.
        host: String,
        /// As configured.
        port: u16,
    },
    /// The system does not let this user listen there.
    #[error("this user may not listen on port {port}: choose a port from 1024 on, or grant CAP_NET_BIND_SERVICE")]
    NotAllowed {
        /// As configured.
        port: u16,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No such address.
    #[error("cannot listen on {host}:{port} ({source}): check --host, HOST or [server] host")]
    Other {
        /// As configured.
        host: String,
        /// As configured.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

/// Runs `work` where a [`Server`] can run, and waits for it.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    rt::System::new().block_on(work)
}

/// Starts work beside the server, on its thread.
pub fn spawn(work: impl Future<Output = ()> + 'static) -> rt::task::JoinHandle<()> {
    rt::spawn(work)
}

/// The link that opens the set-up page of a server that listens on `port`.
#[must_use]
pub fn set_up_link(config: &Config, port: u16, token: &Token) -> String {
    Place::new(config, port).link(&format!("/setup?token={}", token.reveal()))
}

impl Server {
    /// Listens on the configured address.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn bind(app: &Arc<App>) -> Result<Self, BindError> {
        let server = &app.config.server;
        let (host, port) = (server.host.as_str(), server.port);
        let listener = TcpListener::bind((host, port)).map_err(|error| bind_error(error, host, port))?;
        Self::on(app, listener)
    }

    /// Serves on a socket that listens already, whatever is configured.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn on(app: &Arc<App>, listener: TcpListener) -> Result<Self, BindError> {
        let server = &app.config.server;
        let (host, port) = (server.host.as_str(), server.port);
        let address = listener.local_addr().map_err(|error| bind_error(error, host, port))?;
        app.listens_on(address.port());
        let place = Place::new(&app.config, address.port());
        let accent = Accent::parse(&app.config.site.accent).unwrap_or_default();
        let assets = Data::new(assets::Assets::new(accent));
        let web = Data::new(Web {
            app: Arc::clone(app),
            place: place.clone(),
            proxies: Arc::new(client::Proxies::new(server)),
            assets,
            numbers: Numbers::default(),
        });
        let certificate = match &server.tls {
            Some(files) => Some(Arc::new(Certificate::load(files)?)),
            None => None,
        };
        let running = match &certificate {
            Some(certificate) => tls::serve(listener, &web, certificate),
            None if server.proxy_protocol => proxy_protocol::serve(listener, &web),
            None => serve(listener, &web),
        };
        let running = running.map_err(|error| bind_error(error, host, port))?;
        Ok(Self {
            running,
            address,
            place,
            certificate,
            app: Arc::clone(app),
        })
    }

    /// Serves until `stop` resolves, then finishes requests in flight and the letter in hand, and closes the database.
    ///
    /// # Errors
    /// If the server itself breaks down.
    pub async fn run(self, stop: impl Future<Output = ()> + 'static) -> io::Result<()> {
        if let Err(failure) = self.app.reload_bans().await {
            tracing::error!(error = %failure, "the bans could not be read");
        }
        let handle = self.running.handle();
        let sending = Sending::start(Arc::clone(&self.app));
        let ender = sending.ender();
        rt::spawn(async move {
            stop.await;
            ender.end();
            handle.stop(true).await;
        });
        let chores = [
            rt::spawn(write_touches(Arc::clone(&self.app))),
            rt::spawn(purge(Arc::clone(&self.app))),
            rt::spawn(keep_up(Arc::clone(&self.app))),
            rt::spawn(back_up(Arc::clone(&self.app))),
            rt::spawn(publish_head(Arc::clone(&self.app))),
            rt::spawn(announce_waiting(Arc::clone(&self.app))),
            rt::spawn(fetch_pictures(Arc::clone(&self.app))),
            rt::spawn(renew(self.certificate.clone())),
            rt::spawn(send_traces(Arc::clone(&self.app))),
        ];
        let outcome = self.running.await;
        chores.iter().for_each(rt::task::JoinHandle::abort);
        sending.finish(self.app.config.server.shutdown_timeout).await;
        // What is left is of no use to anybody who has to wait for it.
        let _in_time = rt::time::timeout(telemetry::FAREWELL, self.app.send_traces()).await;
        self.app.close().await;
        outcome
    }
}

/// What answers requests on one thread.
pub(super) fn site(
    web: &Data<Web>,
) -> Actix<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = actix_web::Error, InitError = ()>
    + use<>,
> {
    let web = Data::new(web.for_thread());
    Actix::new()
        .app_data(PayloadConfig::new(extract::MOST_BYTES))
        .app_data(extract::query())
        .app_data(extract::path())
        .app_data(Data::clone(&web.assets))
        .app_data(Data::clone(&web))
        .wrap(from_fn(observed::watch))
        .configure(routes::all(&web.place.base))
}

fn serve(listener: TcpListener, web: &Data<Web>) -> io::Result<Running> {
    let (web, server) = (Data::clone(web), &web.app.config.server);
    let (workers, patience) = (server.workers, server.shutdown_timeout.as_secs());
    let running = HttpServer::new(move || site(&web))
        .workers(workers)
        .shutdown_timeout(patience)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(running)
}

async fn write_touches(app: Arc<App>) {
    let mut every = rt::time::interval(housekeeping::TOUCH_EVERY);
    loop {
        every.tick().await;
        if let Err(fault) = app.flush_touches().await {
            fault.log();
        }
    }
}

/// Learns of bans and settings that another process changed, and writes down refusals.
async fn keep_up(app: Arc<App>) {
    let mut every = rt::time::interval(housekeeping::KEEP_UP_EVERY);
    loop {
        every.tick().await;
        follow_bans(&app).await;
        follow_settings(&app).await;
        for outcome in [app.flush_refusals().await, app.flush_flights().await] {
            outcome.unwrap_or_else(|fault| fault.log());
        }
        run_errands(&app).await;
    }
}

async fn follow_bans(app: &App) {
    if let Err(failure) = app.reload_bans().await {
        tracing::warn!(error = %failure, "the bans could not be read again");
    }
}

async fn follow_settings(app: &App) {
    if let Err(failure) = app.reload_settings().await {
        tracing::warn!(error = %failure, "changed settings could not be read again");
    }
}

async fn run_errands(app: &App) {
    if let Err(failure) = app.run_errands().await {
        tracing::warn!(error = %failure, "letters that were asked for have to wait");
    }
}

/// Shows a new certificate once its files have changed: those who renew it need not tell us.
async fn renew(certificate: Option<Arc<Certificate>>) {
    let Some(certificate) = certificate else {
        return;
    };
    let mut every = rt::time::interval(RENEW_EVERY);
    loop {
        every.tick().await;
        renew_certificate(&certificate);
    }
}

/// Reads the certificate again if its files have changed, and tells the log.
pub fn renew_certificate(certificate: &Certificate) {
    match certificate.renew() {
        Ok(false) => {}
        Ok(true) => tell_renewed(),
        Err(error) => tell_unfit(&error),
    }
}

fn tell_renewed() {
    tracing::info!("a new certificate is shown from now on");
}

fn tell_unfit(error: &TlsError) {
    tracing::error!(%error, "the new certificate is of no use, so the old one is shown");
}

/// Makes the daily backup, on a thread of its own.
async fn back_up(app: Arc<App>) {
    let mut every = rt::time::interval(nightly::LOOK_EVERY);
    loop {
        every.tick().await;
        if app.backup_is_due() {
            let app = Arc::clone(&app);
            make_backup(&app).await;
        }
    }
}

async fn make_backup(app: &Arc<App>) {
    let its_app = Arc::clone(app);
    match rt::task::spawn_blocking(move || its_app.back_up()).await {
        Ok(Some(file)) => note_backup(app, &file).await,
        Ok(None) => {}
        Err(_) => tracing::error!("the daily backup broke down"),
    }
}

async fn note_backup(app: &App, file: &Path) {
    if let Err(failure) = app.note_backup(file, "").await {
        tracing::warn!(error = %failure, "a backup could not be written into the audit log");
    }
}

/// Sends the head of the audit log to where it is kept.
async fn publish_head(app: Arc<App>) {
    let mut every = rt::time::interval(audit_head::LOOK_EVERY);
    loop {
        every.tick().await;
        if let Err(failure) = app.publish_audit_head().await {
            tracing::warn!(error = %failure, "the head of the audit log could not be sent");
        }
    }
}

/// Tells the admins who waits for them.
async fn announce_waiting(app: Arc<App>) {
    let mut every = rt::time::interval(housekeeping::ANNOUNCE_EVERY);
    loop {
        every.tick().await;
        if let Err(failure) = app.announce_waiting().await {
            tracing::warn!(error = %failure, "the admins could not be told who waits for them");
        }
    }
}

/// Asks the providers when the server starts and now and then, beside everything else.
pub async fn watch_providers(app: Arc<App>) {
    let mut every = rt::time::interval(watch::LOOK_EVERY);
    loop {
        every.tick().await;
        app.watch_providers().await;
    }
}

/// Renews providers' tokens before they run out.
pub async fn renew_upstream(app: Arc<App>) {
    let mut every = rt::time::interval(housekeeping::RENEW_UPSTREAM_EVERY);
    loop {
        every.tick().await;
        if let Err(failure) = app.renew_upstream().await {
            tracing::warn!(error = %failure, "providers' tokens could not be renewed");
        }
    }
}

/// Sends traces to their collector, a batch at a time.
async fn send_traces(app: Arc<App>) {
    loop {
        // Whichever comes first: enough of them, or time.
        let _filled = rt::time::timeout(telemetry::SEND_EVERY, app.traces_waiting()).await;
        app.send_traces().await;
    }
}

/// Fetches the pictures of people who came from a provider.
async fn fetch_pictures(app: Arc<App>) {
    loop {
        app.picture_wanted().await;
        if let Err(failure) = app.fetch_pictures().await {
            tracing::warn!(error = %failure, "a picture could not be kept");
        }
    }
}

async fn purge(app: Arc<App>) {
    let mut every = rt::time::interval(housekeeping::PURGE_EVERY);
    loop {
        every.tick().await;
        let outcomes = [
            app.purge_sessions().await,
            app.purge_guesses().await,
            app.purge_history().await,
            app.purge_outbox().await,
        ];
        warn_of(outcomes);
        sweep_accounts(&app).await;
    }
}

/// Accounts whose time is over, or soon will be.
async fn sweep_accounts(app: &App) {
    warn_of([
        app.purge_unproved().await,
        app.purge_deleted().await,
        app.end_overdue().await,
        app.warn_of_ends().await,
    ]);
}

fn warn_of(outcomes: [Result<u64, Failure>; 4]) {
    for failure in outcomes.into_iter().filter_map(Result::err) {
        tracing::warn!(error = %failure, "what is over could not be removed");
    }
}

fn bind_error(source: io::Error, host: &str, port: u16) -> BindError {
    let host = host.to_owned();
    match source.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken { host, port },
        io::ErrorKind::PermissionDenied => BindError::NotAllowed { port },
        _ => BindError::Other { host, port, source },
    }
}
