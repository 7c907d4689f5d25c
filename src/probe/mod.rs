//! Knocking at our own front door as a browser would, byte by byte: names, connections, certificates, requests with any
//! headers. It follows nothing, and waits for nobody long.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

mod certificate;
mod http;
mod trust;

pub use certificate::Seen;
pub use http::Answer;
pub use trust::Authority;

/// How long a connection, and then an answer, may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The address has no host.
    #[error("the address has no host")]
    NoHost,
    /// Nobody took long enough.
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Slow,
    /// The system, or the other side, refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What came was no answer of a web server.
    #[error("what came back is no HTTP")]
    NotHttp,
}

/// A place where requests go.
#[derive(Clone, Debug)]
pub struct Door {
    host: String,
    authority: String,
    path: String,
    is_encrypted: bool,
    addresses: Vec<SocketAddr>,
}

/// An answer, and what was seen on the way to it.
#[derive(Debug)]
pub struct Visit {
    /// The answer.
    pub answer: Answer,
    /// Our own end of the connection.
    pub local: SocketAddr,
    /// The certificate; `None` without encryption.
    pub certificate: Option<Seen>,
}

impl Door {
    /// Looks the host of an address up.
    ///
    /// # Errors
    /// If it has none, or no addresses.
    pub async fn find(url: &Url) -> Result<Self, NoAnswer> {
        let host = url.host_str().ok_or(NoAnswer::NoHost)?;
        let is_encrypted = url.scheme() == "https";
        let port = url.port_or_known_default().ok_or(NoAnswer::NoHost)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let found = timeout(PATIENCE, lookup_host((bare.as_str(), port)));
        let addresses: Vec<SocketAddr> = found.await.map_err(|_| NoAnswer::Slow)??.collect();
        let authority = url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self {
            host: bare,
            authority,
            path: url.path().trim_end_matches('/').to_owned(),
            is_encrypted,
            addresses,
        })
    }

    /// The name in the address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The name with the port, unless that is the usual one: what `Host` says.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Where it is.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Sends a GET for `path` below the address, with these headers as well, and reads the answer.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn knock(&self, path: &str, headers: &[(&str, &str)], trust: &Authority) -> Result<Visit, NoAnswer> {
        let request = http::request(&self.authority, &format!("{}{path}", self.path), headers);
        timeout(PATIENCE * 2, self.exchange(&request, trust))
            .await
            .unwrap_or(Err(NoAnswer::Slow))
    }

    async fn exchange(&self, request: &str, trust: &Authority) -> Result<Visit, NoAnswer> {
        let stream = self.connect().await?;
        let local = stream.local_addr()?;
        if !self.is_encrypted {
            return Ok(Visit {
                answer: ask(stream, request).await?,
                local,
                certificate: None,
            });
        }
        let (config, witness) = trust.witness();
        let name = ServerName::try_from(self.host.clone()).map_err(|_| NoAnswer::NoHost)?;
        let stream = TlsConnector::from(config).connect(name, stream).await?;
        Ok(Visit {
            answer: ask(stream, request).await?,
            local,
            certificate: witness.seen(),
        })
    }

    /// The first address that accepts.
    async fn connect(&self) -> Result<TcpStream, NoAnswer> {
        let mut last = NoAnswer::NoHost;
        for address in &self.addresses {
            match timeout(PATIENCE, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = error.into(),
                Err(_) => last = NoAnswer::Slow,
            }
        }
        Err(last)
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Result<Answer, NoAnswer> {
    http::send(&mut stream, request).await?;
    http::read(&mut stream).await
}

/// Whether somebody accepts connections at this name and port.
///
/// # Errors
/// [`NoAnswer`].
pub async fn accepts(host: &str, port: u16) -> Result<(), NoAnswer> {
    let connecting = timeout(PATIENCE, TcpStream::connect((host, port)));
    connecting.await.map_err(|_| NoAnswer::Slow)??;
    Ok(())
}
