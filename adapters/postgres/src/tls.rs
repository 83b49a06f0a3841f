//! Protected connections: libpq's `sslmode` and its files, through rustls.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// How much protection is asked for; libpq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// None.
    Disable,
    /// Only where the server insists.
    Allow,
    /// Where the server can.
    Prefer,
    /// Always.
    Require,
    /// Always, with a certificate signed by a trusted authority.
    VerifyCa,
    /// The same, with the name of the server in it.
    VerifyFull,
}

impl TlsMode {
    const ALL: [Self; 6] =
        [Self::Disable, Self::Allow, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    /// libpq's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// The mode of libpq's word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }

    fn verifies(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }
}

/// Whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RootCertificates {
    /// The authorities that the system trusts.
    System,
    /// Those in a file. Without it, only the modes that verify complain.
    File(Option<PathBuf>),
}

/// How connections are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsSettings {
    pub mode: TlsMode,
    /// The client's own certificate; a file that is not there is passed over, as in libpq.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub roots: RootCertificates,
}

/// What rustls needs; `None` where connections are not protected at all.
pub(crate) fn configure(
    settings: &TlsSettings,
) -> Result<Option<Arc<ClientConfig>>, WarehouseError> {
    if settings.mode == TlsMode::Disable {
        return Ok(None);
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Verifier {
        trust: trusted(settings)?,
        wants_name: settings.mode == TlsMode::VerifyFull,
        provider: provider.clone(),
    });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|failure| wrong(failure.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match own_certificate(settings)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|failure| wrong(format!("the client certificate is of no use: {failure}")))?,
        None => builder.with_no_client_auth(),
    };
    Ok(Some(Arc::new(config)))
}

/// Whom to trust; `None` where nothing is verified.
fn trusted(settings: &TlsSettings) -> Result<Option<Trust>, WarehouseError> {
    let certificates = match &settings.roots {
        RootCertificates::System => rustls_native_certs::load_native_certs().certs,
        RootCertificates::File(Some(path)) if path.exists() => certificates_of(path)?,
        RootCertificates::File(path) if settings.mode.verifies() => {
            let path = path.as_deref().unwrap_or(Path::new("~/.postgresql/root.crt"));
            return Err(wrong(format!(
                "root certificate file \"{}\" does not exist\nEither provide the file, use the system's trusted \
                 roots with sslrootcert=system, or change sslmode to disable server certificate verification.",
                path.display()
            )));
        }
        RootCertificates::File(_) => return Ok(None),
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.iter().cloned());
    Ok(Some(Trust { roots, certificates }))
}

type OwnCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own_certificate(settings: &TlsSettings) -> Result<Option<OwnCertificate>, WarehouseError> {
    let Some(path) = settings.certificate.as_deref().filter(|path| path.exists()) else {
        return Ok(None);
    };
    let chain = certificates_of(path)?;
    let Some(key) = settings.key.as_deref().filter(|path| path.exists()) else {
        let key = settings.key.as_deref().map(|path| path.display().to_string());
        return Err(wrong(format!(
            "certificate present, but not private key file \"{}\"",
            key.unwrap_or_default()
        )));
    };
    refuse_shared_key(key)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|failure| {
        wrong(format!("could not load private key file \"{}\": {failure}", key.display()))
    })?;
    Ok(Some((chain, key)))
}

/// A key that others may read is none, says libpq; root's own may be read by a group.
#[cfg(unix)]
fn refuse_shared_key(path: &Path) -> Result<(), WarehouseError> {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    let shared_bits = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.mode() & shared_bits == 0 {
        return Ok(());
    }
    Err(wrong(format!(
        "private key file \"{}\" has group or world access; file must have permissions u=rw (0600) or less if \
         owned by the current user, or permissions u=rw,g=r (0640) or less if owned by root",
        path.display()
    )))
}

#[cfg(not(unix))]
fn refuse_shared_key(_path: &Path) -> Result<(), WarehouseError> {
    Ok(())
}

fn certificates_of(path: &Path) -> Result<Vec<CertificateDer<'static>>, WarehouseError> {
    let failed = |reason: &str| {
        wrong(format!("could not read certificate file \"{}\": {reason}", path.display()))
    };
    let text = fs::read(path).map_err(|failure| failed(&failure.to_string()))?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|failure| failed(&failure.to_string()))?;
    if certificates.is_empty() {
        return Err(failed("there is no certificate in it"));
    }
    Ok(certificates)
}

fn wrong(message: impl Into<String>) -> WarehouseError {
    WarehouseError::new(WarehouseErrorKind::Configuration, message)
}

/// The trusted authorities, and their certificates as they were written.
#[derive(Debug)]
struct Trust {
    roots: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

/// Verifies as much as the mode asks for.
#[derive(Debug)]
struct Verifier {
    trust: Option<Trust>,
    wants_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trust) = &self.trust else { return Ok(ServerCertVerified::assertion()) };
        let certificate = ParsedCertificate::try_from(end_entity)?;
        // A server's own certificate may be what is trusted, though it is no authority's.
        if !trust.certificates.iter().any(|trusted| trusted.as_ref() == end_entity.as_ref()) {
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                &trust.roots,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )?;
        }
        if self.wants_name {
            verify_server_name(&certificate, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
