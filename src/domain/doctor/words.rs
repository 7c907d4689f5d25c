//! What is said about findings, in every language.

use crate::domain::doctor::{Arrival, Guarded, Here, Proxy, Way};
use crate::domain::lang::Lang;

/// The same in the language that is spoken.
macro_rules! say {
    ($lang:expr, $english:literal, $french:literal) => {
        match $lang {
            Lang::En => format!($english),
            Lang::Fr => format!($french),
        }
    };
}

impl Way {
    pub(super) fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::NameFound { host, addresses } => {
                let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                let addresses = addresses.join(", ");
                say!(lang, "{host} is {addresses}", "{host} est {addresses}")
            }
            Self::NameUnknown { host, reason } => {
                say!(
                    lang,
                    "{host} has no address ({reason})",
                    "{host} n’a pas d’adresse ({reason})"
                )
            }
            Self::Unreachable { url, reason } => {
                say!(
                    lang,
                    "{url} cannot be reached: {reason}",
                    "{url} n’est pas joignable\u{202f}: {reason}"
                )
            }
            Self::Encrypted { days } => say!(
                lang,
                "the certificate is trusted, for {days} more days",
                "le certificat est reconnu, pour {days} jours encore"
            ),
            Self::EncryptionEnds { days } => say!(
                lang,
                "the certificate ends in {days} days",
                "le certificat expire dans {days} jours"
            ),
            Self::Untrusted { reason } => say!(
                lang,
                "browsers do not trust the certificate: {reason}",
                "les navigateurs ne reconnaissent pas le certificat\u{202f}: {reason}"
            ),
            Self::Unencrypted { .. } => say!(
                lang,
                "the address begins with http: whoever is in between reads passwords",
                "l’adresse commence par http\u{202f}: quiconque se trouve entre les deux lit les mots de passe"
            ),
            Self::Answered => say!(lang, "this server answers there", "ce serveur y répond"),
            Self::Elsewhere { status } => say!(
                lang,
                "something else answers there, with status {status}",
                "autre chose y répond, avec le statut {status}"
            ),
            Self::Stranger => say!(
                lang,
                "another installation of this program answers there",
                "une autre installation de ce programme y répond"
            ),
        }
    }

    pub(super) fn remedy(&self, lang: Lang) -> Option<String> {
        Some(match self {
            Self::NameFound { .. } | Self::Encrypted { .. } | Self::Answered => return None,
            Self::NameUnknown { host, .. } => say!(
                lang,
                "add a DNS record for {host}, or put it into /etc/hosts of this machine",
                "ajoutez un enregistrement DNS pour {host}, ou inscrivez-le dans /etc/hosts de cette machine"
            ),
            Self::Unreachable { .. } => say!(
                lang,
                "start the proxy, and let its port through the firewall and the router",
                "démarrez le proxy, et laissez passer son port dans le pare-feu et le routeur"
            ),
            Self::EncryptionEnds { .. } => say!(
                lang,
                "renew the certificate; look why that did not happen by itself",
                "renouvelez le certificat, et cherchez pourquoi cela ne s’est pas fait tout seul"
            ),
            Self::Untrusted { .. } => say!(
                lang,
                "get a certificate for this name from a public authority; if it is your own authority: --ca FILE",
                "obtenez un certificat pour ce nom auprès d’une autorité publique\u{202f}; si c’est la vôtre\u{202f}: --ca FICHIER"
            ),
            Self::Unencrypted { .. } => say!(
                lang,
                "let the proxy speak https, and write that address in public_url",
                "faites parler https au proxy, et inscrivez cette adresse dans public_url"
            ),
            Self::Elsewhere { .. } => say!(
                lang,
                "let the proxy pass this address on to this server, with /api below it",
                "faites suivre cette adresse par le proxy vers ce serveur, /api compris"
            ),
            Self::Stranger => say!(
                lang,
                "run this with the data directory of the server that answers: --data DIR",
                "lancez ceci avec le dossier de données du serveur qui répond\u{202f}: --data DOSSIER"
            ),
        })
    }
}

impl Arrival {
    pub(super) fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::UrlRight => say!(lang, "public_url is this address", "public_url est cette adresse"),
            Self::UrlMissing { .. } => say!(
                lang,
                "public_url is not set: links and cookies do not fit the address",
                "public_url n’est pas défini\u{202f}: liens et cookies ne conviennent pas à l’adresse"
            ),
            Self::UrlOther { configured, .. } => {
                say!(
                    lang,
                    "public_url is {configured}, another address",
                    "public_url est {configured}, une autre adresse"
                )
            }
            Self::HostKept => say!(
                lang,
                "the host arrives as it was sent",
                "l’hôte arrive tel qu’il a été envoyé"
            ),
            Self::HostReplaced { arrived, sent } => say!(
                lang,
                "the proxy writes {arrived} as the host instead of {sent}",
                "le proxy inscrit {arrived} comme hôte au lieu de {sent}"
            ),
            Self::Direct => say!(lang, "no proxy is in between", "aucun proxy n’est entre les deux"),
            Self::Through { address, peer, by } => {
                say!(
                    lang,
                    "seen as {address}, through {peer}, by {by}",
                    "vu comme {address}, par {peer}, selon {by}"
                )
            }
            Self::Distrusted { peer, header } => say!(
                lang,
                "the proxy {peer} sends {header}, but is not trusted: everybody counts as the proxy",
                "le proxy {peer} envoie {header}, mais n’est pas reconnu\u{202f}: tout le monde compte comme le proxy"
            ),
            Self::Mute { peer, .. } => say!(
                lang,
                "the proxy {peer} does not say whose request it passes on: everybody counts as the proxy",
                "le proxy {peer} ne dit pas de qui vient la requête\u{202f}: tout le monde compte comme le proxy"
            ),
            other => other.conduct(lang),
        }
    }

    fn conduct(&self, lang: Lang) -> String {
        match self {
            Self::ForgeryRefused => {
                say!(
                    lang,
                    "a client cannot choose its address",
                    "un client ne peut pas choisir son adresse"
                )
            }
            Self::ForgeryBelieved { header } => say!(
                lang,
                "a client chooses its address by sending {header}: limits and bans are worth nothing",
                "un client choisit son adresse en envoyant {header}\u{202f}: limites et bannissements ne valent rien"
            ),
            Self::CookieKept => {
                say!(
                    lang,
                    "a cookie comes back and is renewed",
                    "un cookie revient et se renouvelle"
                )
            }
            Self::CookieLost => say!(lang, "a cookie does not come back", "un cookie ne revient pas"),
            Self::CookieChanged { what } => {
                say!(
                    lang,
                    "the proxy changes cookies: {what}",
                    "le proxy modifie les cookies\u{202f}: {what}"
                )
            }
            Self::UpgradePassed => say!(lang, "WebSockets come through", "les WebSockets passent"),
            Self::UpgradeLost => say!(lang, "WebSockets do not come through", "les WebSockets ne passent pas"),
            Self::HeadersPassed => say!(lang, "long headers come through", "les longs en-têtes passent"),
            Self::HeadersRefused { status } => say!(
                lang,
                "headers of 7 KiB are refused, with status {status}",
                "des en-têtes de 7 Kio sont refusés, avec le statut {status}"
            ),
            Self::ClockRight => say!(lang, "the clocks agree", "les horloges concordent"),
            Self::ClockWrong { seconds } => say!(
                lang,
                "the clocks of proxy and server differ by {seconds} seconds",
                "les horloges du proxy et du serveur diffèrent de {seconds} secondes"
            ),
            Self::UrlRight
            | Self::UrlMissing { .. }
            | Self::UrlOther { .. }
            | Self::HostKept
            | Self::HostReplaced { .. }
            | Self::Direct
            | Self::Through { .. }
            | Self::Distrusted { .. }
            | Self::Mute { .. } => String::new(),
        }
    }

    pub(super) fn remedy(&self, lang: Lang, proxy: Proxy) -> Option<String> {
        Some(match self {
            Self::UrlMissing { asked } | Self::UrlOther { asked, .. } => {
                format!("[server] public_url = \"{asked}\"")
            }
            Self::Distrusted { peer, .. } => format!("[server] trusted_proxies = [\"{peer}\"]"),
            Self::ClockWrong { .. } => say!(
                lang,
                "let both machines follow a time server (timedatectl set-ntp true)",
                "faites suivre un serveur de temps aux deux machines (timedatectl set-ntp true)"
            ),
            other => return other.proxy_line(lang, proxy),
        })
    }

    /// What to write in the configuration of the proxy.
    fn proxy_line(&self, lang: Lang, proxy: Proxy) -> Option<String> {
        let for_caddy = proxy == Proxy::Caddy;
        let line = match self {
            Self::HostReplaced { .. } if for_caddy => "reverse_proxy … { header_up Host {host} }".to_owned(),
            Self::HostReplaced { .. } => "proxy_set_header Host $http_host;".to_owned(),
            Self::Mute { .. } | Self::ForgeryBelieved { .. } if for_caddy => {
                return Some(say!(
                    lang,
                    "Caddyfile: delete every line with header_up X-Forwarded-For / trusted_proxies",
                    "Caddyfile\u{202f}: supprimez toute ligne avec header_up X-Forwarded-For / trusted_proxies"
                ));
            }
            Self::Mute { header, .. } | Self::ForgeryBelieved { header } => match header.as_str() {
                "X-Forwarded-For" => "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;".to_owned(),
                "X-Real-IP" => "proxy_set_header X-Real-IP $remote_addr;".to_owned(),
                _ => "proxy_set_header Forwarded \"for=$remote_addr\";".to_owned(),
            },
            Self::CookieLost | Self::CookieChanged { .. } => return Some(cookie_line(lang, for_caddy)),
            Self::UpgradeLost if for_caddy => {
                return Some(say!(
                    lang,
                    "Caddyfile: delete every line with header_up -Upgrade / -Connection",
                    "Caddyfile\u{202f}: supprimez toute ligne avec header_up -Upgrade / -Connection"
                ));
            }
            Self::UpgradeLost => "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header \
                                  Connection \"upgrade\";"
                .to_owned(),
            Self::HeadersRefused { .. } if for_caddy => "servers { max_header_size 32KB }".to_owned(),
            Self::HeadersRefused { .. } => "large_client_header_buffers 4 16k;".to_owned(),
            Self::UrlRight
            | Self::UrlMissing { .. }
            | Self::UrlOther { .. }
            | Self::HostKept
            | Self::Direct
            | Self::Through { .. }
            | Self::Distrusted { .. }
            | Self::ForgeryRefused
            | Self::CookieKept
            | Self::UpgradePassed
            | Self::HeadersPassed
            | Self::ClockRight
            | Self::ClockWrong { .. } => return None,
        };
        let kind = match proxy {
            Proxy::Caddy => "Caddyfile",
            Proxy::Nginx | Proxy::Unknown => "nginx",
        };
        Some(format!("{kind}: {line}"))
    }
}

impl Guarded {
    pub(super) fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::Closed { host } => say!(
                lang,
                "{host} lets nobody in who is not signed in",
                "{host} ne laisse entrer personne sans connexion"
            ),
            Self::Open { host, status } => say!(
                lang,
                "{host} answers with status {status} to somebody who is not signed in",
                "{host} répond avec le statut {status} à qui n’est pas connecté"
            ),
            Self::Forged { host } => say!(
                lang,
                "{host} lets in whoever writes a name into Remote-User",
                "{host} laisse entrer quiconque inscrit un nom dans Remote-User"
            ),
            Self::Lost { host, status } => say!(
                lang,
                "at {host} neither the program nor the login answers: status {status}",
                "sur {host}, ni le programme ni la connexion ne répond\u{202f}: statut {status}"
            ),
            Self::Unreachable { host, reason } => say!(
                lang,
                "{host} cannot be reached: {reason}",
                "{host} n’est pas joignable\u{202f}: {reason}"
            ),
        }
    }

    pub(super) fn remedy(&self, lang: Lang) -> Option<String> {
        match self {
            Self::Closed { .. } => None,
            Self::Open { host, .. } | Self::Forged { host } => Some(say!(
                lang,
                "let the proxy ask before it passes requests to {host} on: docs/forward-auth.md has the lines",
                "faites interroger ce serveur par le proxy avant tout passage vers {host}\u{202f}: voir docs/forward-auth.md"
            )),
            Self::Lost { host, .. } | Self::Unreachable { host, .. } => Some(say!(
                lang,
                "start the program behind {host}, or take {host} out of the rules",
                "démarrez le programme derrière {host}, ou retirez {host} des règles"
            )),
        }
    }
}

/// What changes cookies on their way.
fn cookie_line(lang: Lang, for_caddy: bool) -> String {
    if for_caddy {
        return say!(
            lang,
            "Caddyfile: delete every line with header Set-Cookie / header_up Cookie",
            "Caddyfile\u{202f}: supprimez toute ligne avec header Set-Cookie / header_up Cookie"
        );
    }
    say!(
        lang,
        "nginx: delete every line with proxy_cookie_* / proxy_hide_header Set-Cookie / proxy_set_header Cookie",
        "nginx\u{202f}: supprimez toute ligne avec proxy_cookie_* / proxy_hide_header Set-Cookie / proxy_set_header Cookie"
    )
}

impl Here {
    pub(super) fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::DiskRoomy { free } | Self::DiskTight { free } | Self::DiskFull { free } => {
                let free = free / (1024 * 1024);
                say!(
                    lang,
                    "{free} MiB are free on the disk",
                    "{free} Mio sont libres sur le disque"
                )
            }
            Self::DatabaseSound { schema } => {
                say!(
                    lang,
                    "the database is sound, schema {schema}",
                    "la base de données est saine, schéma {schema}"
                )
            }
            Self::DatabaseDamaged { verdict } => {
                say!(
                    lang,
                    "the database is damaged: {verdict}",
                    "la base de données est abîmée\u{202f}: {verdict}"
                )
            }
            Self::MailReached { server } => {
                say!(
                    lang,
                    "the mail server {server} answers",
                    "le serveur de courrier {server} répond"
                )
            }
            Self::MailSilent { server, reason } => say!(
                lang,
                "the mail server {server} does not answer: {reason}",
                "le serveur de courrier {server} ne répond pas\u{202f}: {reason}"
            ),
            Self::MailOff => say!(
                lang,
                "mail is not configured: nobody can reset a password alone",
                "le courrier n’est pas configuré\u{202f}: personne ne peut réinitialiser seul son mot de passe"
            ),
            Self::ProviderReached { provider } => {
                say!(
                    lang,
                    "the provider {provider} answers",
                    "le fournisseur {provider} répond"
                )
            }
            Self::ProviderSilent { provider, reason } => say!(
                lang,
                "nobody can log in with the provider {provider}: {reason}",
                "personne ne peut se connecter avec le fournisseur {provider}\u{202f}: {reason}"
            ),
            other => other.keeping(lang),
        }
    }

    /// Backups and files.
    fn keeping(&self, lang: Lang) -> String {
        match self {
            Self::BackupFresh { hours } => say!(
                lang,
                "the newest backup is {hours} hours old",
                "la sauvegarde la plus récente a {hours} heures"
            ),
            Self::BackupOld { days } => say!(
                lang,
                "the newest backup is {days} days old",
                "la sauvegarde la plus récente a {days} jours"
            ),
            Self::BackupMissing => say!(lang, "there is no backup yet", "il n’y a pas encore de sauvegarde"),
            Self::BackupOff => say!(
                lang,
                "nightly backups are switched off",
                "les sauvegardes nocturnes sont désactivées"
            ),
            Self::BackupFailing { reason } => say!(
                lang,
                "backups fail: {reason}",
                "les sauvegardes échouent\u{202f}: {reason}"
            ),
            Self::FilesPrivate => say!(
                lang,
                "only the server’s user can read keys and database",
                "seul l’utilisateur du serveur peut lire les clés et la base de données"
            ),
            Self::FileOpen { path, .. } => say!(
                lang,
                "other users of this machine can read {path}",
                "d’autres utilisateurs de cette machine peuvent lire {path}"
            ),
            Self::DiskRoomy { .. }
            | Self::DiskTight { .. }
            | Self::DiskFull { .. }
            | Self::DatabaseSound { .. }
            | Self::DatabaseDamaged { .. }
            | Self::MailReached { .. }
            | Self::MailSilent { .. }
            | Self::ProviderReached { .. }
            | Self::ProviderSilent { .. }
            | Self::MailOff => String::new(),
        }
    }

    pub(super) fn remedy(&self, lang: Lang) -> Option<String> {
        Some(match self {
            Self::DiskTight { .. } | Self::DiskFull { .. } => say!(
                lang,
                "free some space, or move the data directory",
                "libérez de la place, ou déplacez le dossier de données"
            ),
            Self::DatabaseDamaged { .. } => "librechat-auth restore".to_owned(),
            Self::MailSilent { .. } => say!(
                lang,
                "check host, port and encryption below [mail]",
                "vérifiez host, port et encryption sous [mail]"
            ),
            Self::ProviderSilent { .. } => say!(
                lang,
                "check issuer, allow_private and outgoing.ca_file below [openid] and [outgoing]",
                "vérifiez issuer, allow_private et outgoing.ca_file sous [openid] et [outgoing]"
            ),
            Self::MailOff => "[mail] host = \"…\", from = \"…\"".to_owned(),
            Self::BackupOld { .. } | Self::BackupMissing => "librechat-auth backup".to_owned(),
            Self::BackupOff => "[store] backup = true".to_owned(),
            Self::BackupFailing { .. } => say!(
                lang,
                "put right what the sentence says, then: librechat-auth backup",
                "corrigez ce que dit la phrase, puis\u{202f}: librechat-auth backup"
            ),
            Self::FileOpen { path, mode } => format!("chmod {mode} {path}"),
            Self::DiskRoomy { .. }
            | Self::DatabaseSound { .. }
            | Self::MailReached { .. }
            | Self::ProviderReached { .. }
            | Self::BackupFresh { .. }
            | Self::FilesPrivate => return None,
        })
    }
}
