//! What the doctor finds: each finding is a fact with a grade, a sentence in every language, and the one thing to change.

use std::net::IpAddr;

use crate::domain::lang::Lang;

mod words;

/// How good that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As it should be.
    Good,
    /// Worth a look.
    Fair,
    /// To be changed.
    Bad,
}

impl Grade {
    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Good => "green",
            Self::Fair => "yellow",
            Self::Bad => "red",
        }
    }
}

/// Which proxy is in front, as far as it says so: remedies are written in its language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// It does not say.
    #[default]
    Unknown,
    /// nginx.
    Nginx,
    /// Caddy.
    Caddy,
}

impl Proxy {
    /// From the headers `Server` and `Via` of an answer.
    #[must_use]
    pub fn recognised(server: &str, via: &str) -> Self {
        let named = |name: &str| {
            [server, via]
                .iter()
                .any(|text| text.to_ascii_lowercase().contains(name))
        };
        if named("nginx") || named("openresty") {
            Self::Nginx
        } else if named("caddy") {
            Self::Caddy
        } else {
            Self::Unknown
        }
    }
}

/// The way to the front door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The name has addresses.
    NameFound {
        /// The name.
        host: String,
        /// Its addresses.
        addresses: Vec<IpAddr>,
    },
    /// The name has none.
    NameUnknown {
        /// The name.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// Nobody accepts the connection, or speaks as expected.
    Unreachable {
        /// The address asked for.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The certificate is good for so many days.
    Encrypted {
        /// Days until its end.
        days: i64,
    },
    /// The certificate ends soon.
    EncryptionEnds {
        /// Days until its end.
        days: i64,
    },
    /// Browsers do not trust the certificate.
    Untrusted {
        /// Why.
        reason: String,
    },
    /// The address begins with http.
    Unencrypted {
        /// Whether it is on this machine or in a private network.
        is_near: bool,
    },
    /// This server answers there.
    Answered,
    /// Something answers, and not this server.
    Elsewhere {
        /// With this status.
        status: u16,
    },
    /// Another installation of this program answers.
    Stranger,
}

/// How a request arrives that went through the front door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// `public_url` is the address asked for.
    UrlRight,
    /// `public_url` is not set.
    UrlMissing {
        /// The address asked for.
        asked: String,
    },
    /// `public_url` is another address.
    UrlOther {
        /// As configured.
        configured: String,
        /// The address asked for.
        asked: String,
    },
    /// `Host` arrived as it was sent.
    HostKept,
    /// It did not.
    HostReplaced {
        /// What arrived.
        arrived: String,
        /// What was sent.
        sent: String,
    },
    /// No proxy is between.
    Direct,
    /// A proxy says whose request it is, and is believed.
    Through {
        /// Whose.
        address: IpAddr,
        /// The proxy.
        peer: IpAddr,
        /// How it says so.
        by: String,
    },
    /// A proxy says whose request it is, and is not believed.
    Distrusted {
        /// The proxy.
        peer: IpAddr,
        /// The header in which it says so.
        header: String,
    },
    /// A proxy does not say whose request it is.
    Mute {
        /// The proxy.
        peer: IpAddr,
        /// The header in which it should.
        header: String,
    },
    /// A client cannot choose its address.
    ForgeryRefused,
    /// A client can.
    ForgeryBelieved {
        /// By this header.
        header: String,
    },
    /// A cookie comes back, and is renewed.
    CookieKept,
    /// A cookie does not come back.
    CookieLost,
    /// A cookie is changed on the way.
    CookieChanged {
        /// What is missing or new, such as `Secure`.
        what: String,
    },
    /// A request to speak the `WebSocket` protocol comes through.
    UpgradePassed,
    /// It does not.
    UpgradeLost,
    /// Long headers come through.
    HeadersPassed,
    /// They do not.
    HeadersRefused {
        /// How the proxy answers; 0 if not at all.
        status: u16,
    },
    /// The clocks agree.
    ClockRight,
    /// The proxy's clock differs by so many seconds.
    ClockWrong {
        /// Positive if ours is ahead.
        seconds: i64,
    },
}

/// A program behind the door, asked by somebody who is not signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// Nobody gets through without a session.
    Closed {
        /// Its host.
        host: String,
    },
    /// It answers to anybody.
    Open {
        /// Its host.
        host: String,
        /// With this status.
        status: u16,
    },
    /// It answers to anybody who writes a name into the headers.
    Forged {
        /// Its host.
        host: String,
    },
    /// Neither it nor the login answers.
    Lost {
        /// Its host.
        host: String,
        /// With this status.
        status: u16,
    },
    /// Nobody accepts the connection.
    Unreachable {
        /// Its host.
        host: String,
        /// What happened.
        reason: String,
    },
}

/// The machine and the installation on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Here {
    /// There is room on the disk.
    DiskRoomy {
        /// Bytes that are free.
        free: u64,
    },
    /// There is little.
    DiskTight {
        /// Bytes that are free.
        free: u64,
    },
    /// There is next to none.
    DiskFull {
        /// Bytes that are free.
        free: u64,
    },
    /// The database is sound.
    DatabaseSound {
        /// Its schema version.
        schema: i64,
    },
    /// It is not.
    DatabaseDamaged {
        /// What SQLite says.
        verdict: String,
    },
    /// The mail server accepts connections.
    MailReached {
        /// Its name and port.
        server: String,
    },
    /// It does not.
    MailSilent {
        /// Its name and port.
        server: String,
        /// What happened.
        reason: String,
    },
    /// Mail is not configured.
    MailOff,
    /// A provider answers as it should.
    ProviderReached {
        /// Its name in addresses.
        provider: String,
    },
    /// It does not.
    ProviderSilent {
        /// Its name in addresses.
        provider: String,
        /// What is wrong.
        reason: String,
    },
    /// The newest backup is young.
    BackupFresh {
        /// Hours since it was made.
        hours: u64,
    },
    /// It is old.
    BackupOld {
        /// Days since it was made.
        days: u64,
    },
    /// There is none.
    BackupMissing,
    /// Nightly backups are switched off.
    BackupOff,
    /// The last one could not be made, or the folder not be read.
    BackupFailing {
        /// Why.
        reason: String,
    },
    /// Only the server's user can read keys and database.
    FilesPrivate,
    /// Others can read one.
    FileOpen {
        /// Which.
        path: String,
        /// What its mode should be.
        mode: &'static str,
    },
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// On the way to the front door.
    Way(Way),
    /// In how a request arrives.
    Arrival(Arrival),
    /// At a program behind the door.
    Guarded(Guarded),
    /// On the machine.
    Here(Here),
}

impl Finding {
    /// What it is about: the stable key.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Way(way) => way.key(),
            Self::Arrival(arrival) => arrival.key(),
            Self::Guarded(_) => "guarded",
            Self::Here(here) => here.key(),
        }
    }

    /// How good that is.
    #[must_use]
    pub fn grade(&self) -> Grade {
        match self {
            Self::Way(way) => way.grade(),
            Self::Arrival(arrival) => arrival.grade(),
            Self::Guarded(guarded) => guarded.grade(),
            Self::Here(here) => here.grade(),
        }
    }

    /// The finding in words.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::Way(way) => way.sentence(lang),
            Self::Arrival(arrival) => arrival.sentence(lang),
            Self::Guarded(guarded) => guarded.sentence(lang),
            Self::Here(here) => here.sentence(lang),
        }
    }

    /// The one thing to change, unless all is well.
    #[must_use]
    pub fn remedy(&self, lang: Lang, proxy: Proxy) -> Option<String> {
        match self {
            Self::Way(way) => way.remedy(lang),
            Self::Arrival(arrival) => arrival.remedy(lang, proxy),
            Self::Guarded(guarded) => guarded.remedy(lang),
            Self::Here(here) => here.remedy(lang),
        }
    }
}

impl Way {
    fn key(&self) -> &'static str {
        match self {
            Self::NameFound { .. } | Self::NameUnknown { .. } => "name",
            Self::Unreachable { .. } | Self::Answered | Self::Elsewhere { .. } | Self::Stranger => "answer",
            Self::Encrypted { .. }
            | Self::EncryptionEnds { .. }
            | Self::Untrusted { .. }
            | Self::Unencrypted { .. } => "certificate",
        }
    }

    fn grade(&self) -> Grade {
        match self {
            Self::NameFound { .. } | Self::Encrypted { .. } | Self::Answered => Grade::Good,
            Self::Unencrypted { is_near: true } | Self::EncryptionEnds { .. } => Grade::Fair,
            Self::NameUnknown { .. }
            | Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::Unencrypted { is_near: false }
            | Self::Elsewhere { .. }
            | Self::Stranger => Grade::Bad,
        }
    }
}

impl Arrival {
    fn key(&self) -> &'static str {
        match self {
            Self::UrlRight | Self::UrlMissing { .. } | Self::UrlOther { .. } => "public_url",
            Self::HostKept | Self::HostReplaced { .. } => "host",
            Self::Direct | Self::Through { .. } | Self::Distrusted { .. } | Self::Mute { .. } => "address",
            Self::ForgeryRefused | Self::ForgeryBelieved { .. } => "forged_address",
            Self::CookieKept | Self::CookieLost | Self::CookieChanged { .. } => "cookie",
            Self::UpgradePassed | Self::UpgradeLost => "websockets",
            Self::HeadersPassed | Self::HeadersRefused { .. } => "header_size",
            Self::ClockRight | Self::ClockWrong { .. } => "clock",
        }
    }

    fn grade(&self) -> Grade {
        match self {
            Self::UrlRight
            | Self::HostKept
            | Self::Direct
            | Self::Through { .. }
            | Self::ForgeryRefused
            | Self::CookieKept
            | Self::UpgradePassed
            | Self::HeadersPassed
            | Self::ClockRight => Grade::Good,
            Self::HostReplaced { .. } | Self::UpgradeLost | Self::HeadersRefused { .. } => Grade::Fair,
            // Codes of a second factor are good for a minute or so.
            Self::ClockWrong { seconds } if seconds.abs() < 60 => Grade::Fair,
            Self::UrlMissing { .. }
            | Self::UrlOther { .. }
            | Self::Distrusted { .. }
            | Self::Mute { .. }
            | Self::ForgeryBelieved { .. }
            | Self::CookieLost
            | Self::CookieChanged { .. }
            | Self::ClockWrong { .. } => Grade::Bad,
        }
    }
}

impl Guarded {
    fn grade(&self) -> Grade {
        match self {
            Self::Closed { .. } => Grade::Good,
            Self::Lost { .. } | Self::Unreachable { .. } => Grade::Fair,
            Self::Open { .. } | Self::Forged { .. } => Grade::Bad,
        }
    }
}

impl Here {
    fn key(&self) -> &'static str {
        match self {
            Self::DiskRoomy { .. } | Self::DiskTight { .. } | Self::DiskFull { .. } => "disk",
            Self::DatabaseSound { .. } | Self::DatabaseDamaged { .. } => "database",
            Self::MailReached { .. } | Self::MailSilent { .. } | Self::MailOff => "mail",
            Self::ProviderReached { .. } | Self::ProviderSilent { .. } => "provider",
            Self::BackupFresh { .. }
            | Self::BackupOld { .. }
            | Self::BackupMissing
            | Self::BackupOff
            | Self::BackupFailing { .. } => "backup",
            Self::FilesPrivate | Self::FileOpen { .. } => "files",
        }
    }

    fn grade(&self) -> Grade {
        match self {
            Self::DiskRoomy { .. }
            | Self::DatabaseSound { .. }
            | Self::MailReached { .. }
            | Self::ProviderReached { .. }
            | Self::BackupFresh { .. }
            | Self::FilesPrivate => Grade::Good,
            Self::DiskTight { .. } | Self::MailOff | Self::BackupMissing | Self::BackupOff => Grade::Fair,
            Self::DiskFull { .. }
            | Self::DatabaseDamaged { .. }
            | Self::MailSilent { .. }
            | Self::ProviderSilent { .. }
            | Self::BackupOld { .. }
            | Self::BackupFailing { .. }
            | Self::FileOpen { .. } => Grade::Bad,
        }
    }
}
