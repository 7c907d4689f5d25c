//! Every letter with made-up content: to be looked at before anybody gets one, and to be tested.

use crate::domain::time::Timestamp;
use crate::mail::Letter;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const HEAD: &str = "librechat-auth-audit-head v1 seq=42 at=1717788018000 \
                    digest=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \
                    mac=60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

/// Links as they stand in letters. They open nothing.
#[derive(Clone, Debug)]
pub struct Links {
    verify: String,
    reset: String,
    change: String,
    register: String,
    login: String,
    forgot: String,
    disown: String,
}

impl Links {
    /// To pages of the site that `link` makes whole addresses of.
    #[must_use]
    pub fn new(link: impl Fn(&str) -> String) -> Self {
        Self {
            verify: link("/verify?token=bWFkZS11cA&email=ada%40example.org"),
            reset: link("/reset-password?token=bWFkZS11cA&userId=6662f0ab01020304050607ff"),
            change: link("/verify?type=email-change&userId=6662f0ab01020304050607ff&token=bWFkZS11cA"),
            register: link("/register?token=bWFkZS11cA"),
            login: link("/login"),
            forgot: link("/forgot-password"),
            disown: link("/not-me?token=bWFkZS11cA"),
        }
    }
}

/// What made-up letters are about.
#[derive(Clone, Copy, Debug)]
pub struct Props<'a> {
    /// Where their links lead.
    pub links: &'a Links,
    /// What somebody else is called.
    pub name: &'a str,
    /// The address of somebody else.
    pub email: &'a str,
    /// With whom people log in.
    pub provider: &'a str,
    /// What a browser calls itself.
    pub device: &'a str,
    /// Where its request came from.
    pub address: &'a str,
    /// Until when something is good.
    pub until: Timestamp,
}

impl<'a> Props<'a> {
    /// People and things that are made up.
    #[must_use]
    pub const fn new(links: &'a Links, until: Timestamp) -> Self {
        Self {
            links,
            name: "Grace Hopper",
            email: "grace@example.org",
            provider: "Google",
            device: FIREFOX,
            address: "203.0.113.7",
            until,
        }
    }
}

/// A letter with made-up content.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Its key, and what is different if there are several of a kind.
    pub name: &'static str,
    /// The letter.
    pub letter: Letter<'a>,
}

impl<'a> Sample<'a> {
    const fn of(letter: Letter<'a>) -> Self {
        Self {
            name: letter.key(),
            letter,
        }
    }
}

/// Every kind of letter, and each way in which letters of a kind differ.
#[must_use]
pub fn samples<'a>(props: &Props<'a>) -> Vec<Sample<'a>> {
    [
        entrance(props),
        address(props),
        deeds(props),
        admins(props),
        ends(props),
    ]
    .concat()
}

/// Who comes in, and how.
fn entrance<'a>(props: &Props<'a>) -> Vec<Sample<'a>> {
    let Props { links, until, .. } = *props;
    let (name, email) = (props.name, props.email);
    let invitation = |from| Letter::Invitation {
        link: &links.register,
        from,
        until,
    };
    vec![
        Sample::of(Letter::VerifyAddress { link: &links.verify }),
        Sample::of(Letter::ResetPassword { link: &links.reset }),
        Sample::of(Letter::ResetByAdmin {
            link: &links.reset,
            until,
        }),
        Sample::of(Letter::AddressHasAccount {
            login_link: &links.login,
            reset_link: Some(&links.forgot),
        }),
        Sample::of(invitation(Some(name))),
        Sample {
            name: "invitation_unsigned",
            letter: invitation(None),
        },
        Sample::of(Letter::WaitingForApproval),
        Sample::of(Letter::ApprovalWanted { name, email }),
        Sample::of(Letter::Approved { link: &links.login }),
        Sample::of(Letter::Rejected),
    ]
}

/// An address that is replaced.
fn address<'a>(props: &Props<'a>) -> Vec<Sample<'a>> {
    let (new, link) = (props.email, &*props.links.change);
    let all = [
        Letter::LeaveAddress { new, link },
        Letter::JoinAddress { link },
        Letter::AddressChanged { new },
    ];
    all.map(Sample::of).to_vec()
}

/// What was done to an account, from where.
fn deeds<'a>(props: &Props<'a>) -> Vec<Sample<'a>> {
    let Props { device, address, .. } = *props;
    let disown = &*props.links.disown;
    let factor = |enabled| Letter::TwoFactorChanged {
        enabled,
        device,
        address,
        disown,
    };
    let provider = |connected| Letter::ProviderChanged {
        connected,
        provider: props.provider,
        device,
        address,
        disown,
    };
    vec![
        Sample::of(Letter::NewDevice {
            device,
            address,
            disown,
        }),
        Sample::of(Letter::PasswordWasReset {
            device,
            address,
            disown,
        }),
        Sample::of(Letter::PasswordChanged {
            device,
            address,
            disown,
        }),
        Sample::of(factor(true)),
        Sample {
            name: "two_factor_changed_off",
            letter: factor(false),
        },
        Sample::of(Letter::BackupCodesMade {
            device,
            address,
            disown,
        }),
        Sample::of(provider(true)),
        Sample {
            name: "provider_changed_off",
            letter: provider(false),
        },
    ]
}

/// What admins are told.
fn admins<'a>(props: &Props<'a>) -> Vec<Sample<'a>> {
    let all = [
        Letter::Recovered {
            who: props.email,
            by_console: true,
        },
        Letter::AuditHead { line: HEAD },
        Letter::Test,
    ];
    all.map(Sample::of).to_vec()
}

/// How an account ends.
fn ends<'a>(props: &Props<'a>) -> Vec<Sample<'a>> {
    let until = props.until;
    vec![
        Sample::of(Letter::AccessEnds { until }),
        Sample::of(Letter::AccountDeleted { until: Some(until) }),
        Sample {
            name: "account_deleted_for_good",
            letter: Letter::AccountDeleted { until: None },
        },
    ]
}
