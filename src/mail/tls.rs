//! TLS to mail servers: Mozilla's authorities and those the owner names, or any certificate at all if the owner says so.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::domain::time::Timestamp;
use crate::mail::trouble::Trouble;

/// How certificates are judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trust<'a> {
    /// More authorities, as PEM.
    pub(super) authorities: Option<&'a Path>,
    /// Any certificate will do.
    pub(super) any: bool,
}

impl Trust<'_> {
    /// The client's side of TLS 1.2 and 1.3.
    pub(super) fn client(&self) -> Result<ClientConfig, Trouble> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Trouble::Tls {
                reason: error.to_string(),
            })?;
        if self.any {
            let verifier = Arc::new(AnyCertificate(provider));
            return Ok(builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth());
        }
        Ok(builder.with_root_certificates(self.roots()?).with_no_client_auth())
    }

    fn roots(&self) -> Result<RootCertStore, Trouble> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let Some(file) = self.authorities else {
            return Ok(roots);
        };
        let unusable = |reason: String| Trouble::Authorities {
            file: file.display().to_string(),
            reason,
        };
        let found = CertificateDer::pem_file_iter(file).map_err(|error| unusable(error.to_string()))?;
        let mut count = 0;
        for certificate in found {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(unusable("there is none in it".to_owned()));
        }
        Ok(roots)
    }
}

/// Takes every certificate, but whoever presents it must hold its key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// What an error of TLS means for the owner of the site; `wanted` is the name that the certificate should have.
pub(super) fn explained(error: &Error, wanted: &str) -> Trouble {
    match error {
        Error::InvalidCertificate(problem) => certificate(problem, wanted),
        Error::InvalidMessage(_) => Trouble::NotTls,
        other => Trouble::Tls {
            reason: other.to_string(),
        },
    }
}

fn certificate(problem: &CertificateError, wanted: &str) -> Trouble {
    let at = |moment: &UnixTime| {
        let seconds = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_seconds(seconds).to_string()
    };
    match problem {
        CertificateError::NotValidForNameContext { presented, .. } => Trouble::CertificateName {
            wanted: wanted.to_owned(),
            found: presented.iter().map(|name| bare(name)).collect(),
        },
        CertificateError::NotValidForName => Trouble::CertificateName {
            wanted: wanted.to_owned(),
            found: Vec::new(),
        },
        CertificateError::ExpiredContext { not_after, .. } => Trouble::CertificateTime {
            reason: format!("it expired at {}", at(not_after)),
        },
        CertificateError::NotValidYetContext { not_before, .. } => Trouble::CertificateTime {
            reason: format!("it starts at {}", at(not_before)),
        },
        CertificateError::Expired | CertificateError::NotValidYet => Trouble::CertificateTime {
            reason: problem.to_string(),
        },
        CertificateError::UnknownIssuer => Trouble::CertificateUnknown,
        // A certificate that signs itself and says that it is an authority.
        CertificateError::Other(_) if problem.to_string().contains("CaUsedAsEndEntity") => Trouble::CertificateUnknown,
        other => Trouble::Tls {
            reason: format!("the certificate cannot be used: {other}"),
        },
    }
}

/// The library writes `DnsName("mail.example.org")`.
fn bare(name: &str) -> String {
    match name.split_once('(') {
        Some((_, inner)) => inner.trim_end_matches(')').trim_matches('"').to_owned(),
        None => name.to_owned(),
    }
}
