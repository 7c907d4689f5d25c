//! The PROXY protocol, version 1 and 2: proxies that pass on connections say at the start of each whose it is.
//!
//! Each connection's header is read before the first request, and the address in it takes the place of the peer's. Whoever
//! is no trusted proxy is not listened to at all.

mod crc32c;
mod header;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::ServerBuilder;
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::{AppConfig, Server as Running};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use crate::web::Web;
use crate::web::client::{CONNECTION, Derived, Kind};
use crate::web::server::site;

use header::{LONGEST_V1, Malformed, START, V2_FIXED, Version};

/// How long a proxy may take to send the header.
const PATIENCE: Duration = Duration::from_secs(5);

/// As actix's own server waits for a request's head, and for a connection to close.
const REQUEST_PATIENCE: Duration = Duration::from_secs(5);
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Kept with a connection that began with a header.
#[derive(Clone, Copy, Debug)]
pub struct Introduced {
    /// The proxy that sent it.
    pub by: IpAddr,
}

impl Introduced {
    /// What is known of a client whose connection this is, where `derived` takes the header's address for the peer's.
    #[must_use]
    pub fn describe(self, derived: Derived) -> Derived {
        let is_source = derived.by == CONNECTION;
        Derived {
            address: derived.address,
            peer: self.by,
            by: if is_source { "PROXY protocol" } else { derived.by },
        }
    }
}

/// Why a connection is closed before the first request.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it is no trusted proxy")]
    Stranger,
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("no PROXY header came within {} seconds", PATIENCE.as_secs())]
    Slow,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves on a listener whose connections begin with a header.
///
/// # Errors
/// If the listener cannot be used.
pub fn serve(listener: TcpListener, web: &Data<Web>) -> io::Result<Running> {
    let (web, server) = (Data::clone(web), &web.app.config.server);
    let local = listener.local_addr()?;
    let builder = ServerBuilder::new()
        .workers(server.workers)
        .shutdown_timeout(server.shutdown_timeout.as_secs())
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("librechat-auth", listener, move || {
        let (opening, stopping) = (Data::clone(&web), stopping.clone());
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
            .local_addr(local)
            .on_connect_ext(|io: &TcpStream, data| {
                if let Ok(peer) = io.peer_addr() {
                    data.insert(Introduced {
                        by: peer.ip().to_canonical(),
                    });
                }
            })
            .finish(map_config(site, |()| AppConfig::default()));
        fn_service(move |io| open(io, Data::clone(&opening))).and_then(http)
    })?;
    Ok(builder.run())
}

/// Reads the header of a new connection, or closes it.
async fn open(mut io: TcpStream, web: Data<Web>) -> Result<(TcpStream, Protocol, Option<SocketAddr>), DispatchError> {
    let peer = io.peer_addr().map_err(DispatchError::Io)?.ip().to_canonical();
    let introduced = if web.proxies.lists(peer) {
        timeout(PATIENCE, introduction(&mut io))
            .await
            .unwrap_or(Err(Refused::Slow))
    } else {
        Err(Refused::Stranger)
    };
    match introduced {
        Ok(source) => {
            // As actix's own server: small answers go out at once.
            let _ = io.set_nodelay(true);
            Ok((io, Protocol::Http1, source))
        }
        Err(refused) => {
            tell(&web, peer, &refused);
            Err(DispatchError::Io(io::Error::other(refused)))
        }
    }
}

fn tell(web: &Web, peer: IpAddr, refused: &Refused) {
    let kind = match refused {
        Refused::Stranger => Kind::Stranger,
        Refused::Malformed(_) | Refused::Slow | Refused::Io(_) => Kind::Headless,
    };
    if !web.proxies.notices.is_due(kind, peer, web.app.now()) {
        return;
    }
    let remedy = match kind {
        Kind::Stranger => {
            let lines = web.proxies.notices.lines(web.app.config.server.forwarded_header, peer);
            format!("If it is your proxy, write below [server]: {}", lines.join(" and "))
        }
        Kind::Headless | Kind::Header(_) | Kind::Question => {
            "Either let it send the PROXY protocol, or write below [server]: proxy_protocol = false".to_owned()
        }
    };
    tracing::warn!("closed a connection from {peer}: {refused}, and server.proxy_protocol is on. {remedy}");
}

/// Reads exactly the header and nothing of what follows. Gives the address of the client, unless the proxy speaks for
/// itself or does not know.
async fn introduction(io: &mut TcpStream) -> Result<Option<SocketAddr>, Refused> {
    let mut start = [0; START];
    io.read_exact(&mut start).await?;
    match Version::of(&start)? {
        Version::One => {
            let mut line = start.to_vec();
            read_line(io, &mut line).await?;
            Ok(header::version_1(&line)?)
        }
        Version::Two => {
            let mut bytes = start.to_vec();
            bytes.resize(V2_FIXED, 0);
            io.read_exact(&mut bytes[START..]).await?;
            bytes.resize(header::length_2(&bytes)?, 0);
            io.read_exact(&mut bytes[V2_FIXED..]).await?;
            Ok(header::version_2(&bytes)?)
        }
    }
}

/// Completes a line: looks at what has come, and takes no more of it than belongs to the line.
async fn read_line(io: &mut TcpStream, line: &mut Vec<u8>) -> Result<(), Refused> {
    let mut ahead = [0; LONGEST_V1];
    while line.last() != Some(&b'\n') {
        let room = LONGEST_V1 - line.len();
        let seen = io.peek(&mut ahead[..room]).await?;
        if seen == 0 {
            return Err(Malformed::Unfinished.into());
        }
        let of_line = ahead[..seen].iter().position(|&c| c == b'\n').map_or(seen, |at| at + 1);
        io.read_exact(&mut ahead[..of_line]).await?;
        line.extend_from_slice(&ahead[..of_line]);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
