//! Form tokens: a keyed code over a random value in the visitor's own cookie, so that no other site can make one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;

const LABEL: &str = "form";

impl App {
    /// A new value for the visitor's form cookie.
    #[must_use]
    pub fn new_form_cookie(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.random::<16>())
    }

    /// The token for the hidden field of a form shown to the holder of `cookie`.
    #[must_use]
    pub fn form_token(&self, cookie: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.signer.mac(LABEL, &[cookie.as_bytes()]))
    }

    /// Whether a form was made for the holder of `cookie`.
    #[must_use]
    pub fn form_token_is_good(&self, cookie: &str, presented: &str) -> bool {
        let mut mac = [0; 32];
        let decoded = URL_SAFE_NO_PAD.decode_slice(presented, &mut mac);
        decoded.is_ok_and(|written| written == mac.len()) && self.signer.check_mac(LABEL, &[cookie.as_bytes()], &mac)
    }
}
