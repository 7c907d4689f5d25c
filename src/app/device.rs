//! Devices from which somebody has logged in before. The proof is a keyed code over the account's id and a random number,
//! kept by the device alone: it opens nothing, it only says that its holder is no stranger to the account. People share
//! browsers, so one keeps a proof for each of several accounts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::domain::account::Account;
use crate::domain::account_key::GuessKey;
use crate::domain::ids::UserId;
use crate::domain::secret::Secret;

const LABEL: &str = "device";

/// Between the proofs of a browser.
const SEPARATOR: char = '~';

/// As many proofs as one browser keeps; the oldest goes first.
const MOST: usize = 5;

/// `<account>.<number>.<code>`, taken apart; nothing of it is proved.
struct Claim {
    account: UserId,
    number: [u8; 16],
    code: [u8; 32],
}

impl Claim {
    fn parse(text: &str) -> Option<Self> {
        let (account, rest) = text.split_once('.')?;
        let (number, code) = rest.split_once('.')?;
        Some(Self {
            account: account.parse().ok()?,
            number: decoded(number)?,
            code: decoded(code)?,
        })
    }
}

/// What changes when an account forgets its devices.
fn epoch(account: &Account) -> [u8; 8] {
    account.devices_forgotten.to_le_bytes()
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (written == N).then_some(bytes)
}

impl App {
    /// What a browser keeps after a login to `account`, and whether the account knew it: `held` is what it kept so far,
    /// unchecked.
    pub(super) fn device_after_login(&self, account: &Account, held: Option<&Secret>) -> (Secret, bool) {
        match held {
            Some(held) if self.known_device(held, account).is_some() => (held.clone(), true),
            held => (self.new_device(account, held), false),
        }
    }

    /// A new proof for `account`, beside those for other accounts.
    fn new_device(&self, account: &Account, held: Option<&Secret>) -> Secret {
        let number: [u8; 16] = self.random();
        let id = account.id.to_string();
        let code = self.signer.mac(LABEL, &[id.as_bytes(), &number, &epoch(account)]);
        let mut cookie = format!(
            "{id}.{}.{}",
            URL_SAFE_NO_PAD.encode(number),
            URL_SAFE_NO_PAD.encode(code)
        );
        let held = held.map_or("", Secret::expose).split(SEPARATOR);
        let others = held.filter(|text| Claim::parse(text).is_some_and(|claim| claim.account != account.id));
        for proof in others.take(MOST - 1) {
            cookie.push(SEPARATOR);
            cookie.push_str(proof);
        }
        Secret::new(cookie)
    }

    /// Under which key a device's failures are counted, if one of its proofs is ours, about `account`, and not forgotten
    /// since.
    pub(super) fn known_device(&self, held: &Secret, account: &Account) -> Option<GuessKey> {
        let proofs = held.expose().split(SEPARATOR).take(MOST);
        let claim = proofs
            .filter_map(Claim::parse)
            .find(|claim| claim.account == account.id)?;
        let id = account.id.to_string();
        let is_ours = self
            .signer
            .check_mac(LABEL, &[id.as_bytes(), &claim.number, &epoch(account)], &claim.code);
        is_ours.then(|| GuessKey::device(account.id, &claim.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "6662f0ab01020304050607ff";

    #[test]
    fn only_three_parts_of_the_right_length_are_a_claim() {
        let (number, code) = ("A".repeat(22), "A".repeat(43));
        assert!(Claim::parse(&format!("{ACCOUNT}.{number}.{code}")).is_some());
        for bad in [
            String::new(),
            ACCOUNT.to_owned(),
            format!("{ACCOUNT}.{number}"),
            format!("{ACCOUNT}.{code}.{number}"),
            format!("{ACCOUNT}.{number}.{code}."),
            format!("{ACCOUNT}.{number}.{code}A"),
            format!("{}.{number}.{code}", &ACCOUNT[1..]),
            format!("{ACCOUNT}.{}\u{e9}.{code}", &number[2..]),
        ] {
            assert!(Claim::parse(&bad).is_none(), "{bad}");
        }
    }
}
