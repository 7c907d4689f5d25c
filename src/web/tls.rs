//! Built-in TLS, for servers without a proxy: certificate and key come from files, and are read again when these change,
//! without a word to connections that are open.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::ServerBuilder;
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::{AppConfig, Server as Running};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Tls;
use crate::web::Web;
use crate::web::server::site;

/// How long a client may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// As actix's own server waits for a request's head, and for a connection to close.
const REQUEST_PATIENCE: Duration = Duration::from_secs(5);
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Why a certificate cannot be used: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{setting} names {}, which cannot be read: {reason}", path.display())]
    Unreadable {
        /// `server.tls_cert` or `server.tls_key`.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A file has something else in it.
    #[error("{setting} names {}, which holds no {what} in the PEM form", path.display())]
    Empty {
        /// `server.tls_cert` or `server.tls_key`.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
    },
    /// Certificate and key do not belong together, or are of no use.
    #[error(
        "{} and {} cannot be used together ({reason}): the key must be the one that the first certificate was made for",
        cert.display(),
        key.display()
    )]
    Unfit {
        /// The certificate.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
        /// What is wrong.
        reason: rustls::Error,
    },
}

/// The certificate in use.
pub struct Certificate {
    files: Tls,
    current: RwLock<(Arc<ServerConfig>, Stamp)>,
}

/// When the files were written.
type Stamp = [Option<SystemTime>; 2];

impl Certificate {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: &Tls) -> Result<Self, TlsError> {
        // The stamp comes first: what changes while it is read is read again.
        let stamp = stamp(files);
        Ok(Self {
            current: RwLock::new((read(files)?, stamp)),
            files: files.clone(),
        })
    }

    /// Reads them again if they have changed; the old ones stay in use if the new ones are of no use. True if they count now.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn renew(&self) -> Result<bool, TlsError> {
        let stamp = stamp(&self.files);
        if self.current().1 == stamp {
            return Ok(false);
        }
        let read = read(&self.files);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Even a mistake is told only once.
        current.1 = stamp;
        current.0 = read?;
        Ok(true)
    }

    fn current(&self) -> (Arc<ServerConfig>, Stamp) {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current().0)
    }
}

fn stamp(files: &Tls) -> Stamp {
    [&files.cert, &files.key].map(|file| fs::metadata(file).and_then(|found| found.modified()).ok())
}

fn read(files: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&bytes("server.tls_cert", &files.cert)?)
            .filter_map(Result::ok)
            .collect();
    if certificates.is_empty() {
        return Err(empty("server.tls_cert", &files.cert, "certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(&bytes("server.tls_key", &files.key)?)
        .map_err(|_| empty("server.tls_key", &files.key, "private key"))?;
    let unfit = |reason| TlsError::Unfit {
        cert: files.cert.clone(),
        key: files.key.clone(),
        reason,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn bytes(setting: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|reason| TlsError::Unreadable {
        setting,
        path: path.to_owned(),
        reason,
    })
}

fn empty(setting: &'static str, path: &Path, what: &'static str) -> TlsError {
    TlsError::Empty {
        setting,
        path: path.to_owned(),
        what,
    }
}

/// Serves on a listener whose connections are encrypted.
///
/// # Errors
/// If the listener cannot be used.
pub fn serve(listener: TcpListener, web: &Data<Web>, certificate: &Arc<Certificate>) -> io::Result<Running> {
    let (web, server) = (Data::clone(web), &web.app.config.server);
    let certificate = Arc::clone(certificate);
    let local = listener.local_addr()?;
    let builder = ServerBuilder::new()
        .workers(server.workers)
        .shutdown_timeout(server.shutdown_timeout.as_secs())
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("librechat-auth", listener, move || {
        let (certificate, stopping) = (Arc::clone(&certificate), stopping.clone());
        let site = site(&web)
            .into_factory()
            .map_err(|error: actix_web::Error| error.as_response_error().error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(REQUEST_PATIENCE)
            .client_disconnect_timeout(CLOSE_PATIENCE)
            .h1_allow_half_closed(true)
            .secure()
            .local_addr(local)
            .finish(map_config(site, |()| AppConfig::default()));
        fn_service(move |io| open(io, Arc::clone(&certificate))).and_then(http)
    })?;
    Ok(builder.run())
}

/// Agrees on keys with a new client.
async fn open(
    io: TcpStream,
    certificate: Arc<Certificate>,
) -> Result<(TlsStream<TcpStream>, Protocol, Option<SocketAddr>), DispatchError> {
    let peer = io.peer_addr().map_err(DispatchError::Io)?;
    // As actix's own server: small answers go out at once.
    let _ = io.set_nodelay(true);
    match timeout(HANDSHAKE, certificate.acceptor().accept(io)).await {
        Ok(Ok(encrypted)) => Ok((encrypted, Protocol::Http1, Some(peer))),
        Ok(Err(error)) => Err(DispatchError::Io(error)),
        Err(_) => Err(DispatchError::SlowRequestTimeout),
    }
}
