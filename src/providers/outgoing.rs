//! The one client through which the server asks others. It follows no redirect, waits for nobody long, reads no more than
//! it was told to, and reaches only what [`Reach`] allows: addresses are checked after the name was looked up, and the
//! connection goes to the very address that was checked.

use std::error::Error;
use std::future::Future;
use std::io::BufReader;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, NoProxy, Proxy, Request, Response, StatusCode, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::reach::{OutOfReach, Reach, shown};
use crate::config;
use crate::config::federation::proxy_url;
use crate::domain::federation::trouble::Trouble;

/// No description, key set or profile is as long as this.
pub const MOST_BYTES: usize = 512 * 1024;

/// How long a server may take to accept the connection.
const CONNECTING: Duration = Duration::from_secs(5);

/// How servers know us; GitHub answers nobody without a name.
const AGENT: &str = concat!("librechat-auth/", env!("CARGO_PKG_VERSION"));

/// Looks names up.
pub trait Lookup: Send + Sync {
    /// The addresses of a host.
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;
}

/// The system's own way of looking names up.
pub struct System;

impl Lookup for System {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The client.
pub struct Outgoing {
    public: Client,
    anywhere: Client,
    near: Client,
}

/// The certificates or the proxy of the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The file of certificates.
    #[error("the file {path} has no certificates (PEM) that can be used: {reason}")]
    Certificates {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// The proxy.
    #[error("the proxy of the configuration cannot be used")]
    Proxy,
    /// Something else.
    #[error("the client cannot be made")]
    Client(#[from] reqwest::Error),
    /// The TLS library.
    #[error("TLS cannot be prepared")]
    Tls(#[from] rustls::Error),
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it was allowed to be long.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The request may not be sent there.
    #[error(transparent)]
    OutOfReach(#[from] OutOfReach),
    /// It could not be sent, or the answer could not be read.
    #[error("{0}")]
    Failed(String),
    /// The answer sends on to somewhere else.
    #[error("it answers with a redirect to {0}, which is not followed")]
    Redirect(String),
    /// The answer is too long.
    #[error("its answer is longer than {0} bytes")]
    TooLong(usize),
}

impl Outgoing {
    /// Prepares the client.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn new(settings: &config::Outgoing, lookup: &Arc<dyn Lookup>) -> Result<Self, Unusable> {
        let tls = tls(settings)?;
        let proxy = settings
            .proxy
            .as_ref()
            .map(|proxy| proxy_url(proxy.expose()).ok_or(Unusable::Proxy))
            .transpose()?;
        let client = |reach: Reach| -> Result<Client, Unusable> {
            let proxy = proxy.as_ref().filter(|_| reach != Reach::Near);
            let resolver = Guarded {
                lookup: Arc::clone(lookup),
                reach,
                proxy: proxy.and_then(|url| url.host_str().map(str::to_owned)),
            };
            let builder = Client::builder()
                .user_agent(AGENT)
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Arc::new(resolver))
                .redirect(redirect::Policy::none())
                .referer(false)
                .no_proxy()
                // A connection kept for later would skip the look-up of the next request.
                .pool_max_idle_per_host(0)
                .connect_timeout(CONNECTING.min(settings.timeout))
                .timeout(settings.timeout)
                .https_only(reach != Reach::Near);
            let builder = match proxy {
                Some(url) => {
                    let proxy = Proxy::all(url.clone()).map_err(|_| Unusable::Proxy)?;
                    builder.proxy(proxy.no_proxy(NoProxy::from_string(&settings.no_proxy)))
                }
                None => builder,
            };
            Ok(builder.build()?)
        };
        Ok(Self {
            public: client(Reach::Public)?,
            anywhere: client(Reach::Anywhere)?,
            near: client(Reach::Near)?,
        })
    }

    /// Sends a request and reads at most `most` bytes of the answer. Where it may go follows from its address and from whether
    /// the operator allowed the server to be private.
    ///
    /// # Errors
    /// [`Unanswered`], in words for whoever set the server up; none of them contains anything secret.
    pub async fn send(&self, request: Request, allow_private: bool, most: usize) -> Result<Reply, Unanswered> {
        let answered = self.send_or_follow(request, allow_private, most).await?;
        answered.map_err(|target| Unanswered::Redirect(shown(&target)))
    }

    /// The same, where the answer may be that it is elsewhere: `Ok(Err(_))` says where. Whoever asks there sends another
    /// request, which is checked like the first.
    ///
    /// # Errors
    /// As for [`Outgoing::send`], but for redirects to an address.
    pub async fn send_or_follow(
        &self,
        request: Request,
        allow_private: bool,
        most: usize,
    ) -> Result<Result<Reply, Url>, Unanswered> {
        let client = match Reach::of(request.url(), allow_private)? {
            Reach::Public => &self.public,
            Reach::Anywhere => &self.anywhere,
            Reach::Near => &self.near,
        };
        let response = client.execute(request).await.map_err(|error| failed(&error))?;
        if response.status().is_redirection() {
            let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            return match target.and_then(|target| response.url().join(target).ok()) {
                Some(target) => Ok(Err(target)),
                None => Err(Unanswered::Redirect("nowhere".to_owned())),
            };
        }
        Ok(Ok(read(response, most).await?))
    }

    /// A request without a body.
    #[must_use]
    pub fn get(url: Url) -> Request {
        Request::new(reqwest::Method::GET, url)
    }
}

/// The value of `Authorization` for an access token (RFC 6750 §2.1), which no log shows.
///
/// # Errors
/// [`Trouble::Malformed`] if no header can carry it.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, Trouble> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| Trouble::Malformed("an access token that cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(mut response: Response, most: usize) -> Result<Reply, Unanswered> {
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(Unanswered::TooLong(most));
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| failed(&error))? {
        if body.len() + part.len() > most {
            return Err(Unanswered::TooLong(most));
        }
        body.extend_from_slice(&part);
    }
    Ok(Reply {
        status: response.status(),
        headers: response.headers().clone(),
        body,
    })
}

/// What really happened is said by the innermost causes; the address, which may contain secrets, is left out.
fn failed(error: &reqwest::Error) -> Unanswered {
    if let Some(out_of_reach) = causes(error).find_map(|cause| cause.downcast_ref::<OutOfReach>()) {
        return Unanswered::OutOfReach(out_of_reach.clone());
    }
    if error.is_timeout() {
        return Unanswered::Failed("it takes too long".to_owned());
    }
    let innermost = causes(error).last().map(ToString::to_string);
    Unanswered::Failed(innermost.unwrap_or_else(|| "the connection failed".to_owned()))
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let below = |cause: &&'e (dyn Error + 'static)| -> Option<&'e (dyn Error + 'static)> { (*cause).source() };
    std::iter::successors(error.source(), below)
}

/// Looks names up and lets only addresses through that may be reached.
struct Guarded {
    lookup: Arc<dyn Lookup>,
    reach: Reach,
    /// The operator's own proxy, wherever it is.
    proxy: Option<String>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let found = self.lookup.lookup(host.clone());
        let reach = self.reach;
        let is_proxy = self.proxy.as_deref() == Some(host.as_str());
        Box::pin(async move {
            let addresses = found.await?;
            let mut refused = None;
            let admitted: Vec<SocketAddr> = addresses
                .into_iter()
                .filter(|address| match reach.admit(&host, *address) {
                    Err(error) if !is_proxy => {
                        refused = Some(error);
                        false
                    }
                    Ok(()) | Err(_) => true,
                })
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            match refused {
                Some(error) if admitted.is_empty() => Err(error.into()),
                _ => Ok(Box::new(admitted.into_iter()) as Addrs),
            }
        })
    }
}

/// The public authorities, and those that the operator added.
fn tls(settings: &config::Outgoing) -> Result<ClientConfig, Unusable> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    if let Some(path) = &settings.ca_file {
        let unusable = |reason: String| Unusable::Certificates {
            path: path.display().to_string(),
            reason,
        };
        let file = std::fs::File::open(path).map_err(|error| unusable(error.to_string()))?;
        let mut count = 0_usize;
        for certificate in CertificateDer::pem_reader_iter(BufReader::new(file)) {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(unusable("there is none in it".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
