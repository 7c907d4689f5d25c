//! What all pages share: language, site title, links, who is signed in.

use crate::domain::lang::Lang;
use crate::web::assets::Names;
use crate::web::views::texts::Texts;

/// What every page needs besides its own content.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// All words, in the language of the page.
    pub texts: &'static Texts,
    /// The language of the page.
    pub lang: Lang,
    /// Title of the site, as configured.
    pub title: &'a str,
    /// Path under which the site lives: empty, or like `/auth` (no trailing slash).
    pub base: &'a str,
    /// Path of this page below `base`, with its query but without `lang`: target of the language switch.
    pub path: &'a str,
    /// Display name of the person who is signed in.
    pub signed_in_as: Option<&'a str>,
    /// Value of the hidden field `csrf` of every form.
    pub csrf: &'a str,
    /// Names of the style sheets, the script and the icon.
    pub assets: &'a Names,
    /// The number by which an admin finds out why this page refuses something.
    pub reference: Option<&'a str>,
    /// What every admin has to know: in red, above everything.
    pub alarm: Option<&'a str>,
    /// Link in the footer.
    pub privacy_url: Option<&'a str>,
    /// Link in the footer.
    pub terms_url: Option<&'a str>,
    /// Link in the footer.
    pub help_url: Option<&'a str>,
}

impl Frame<'_> {
    /// Address of this page in another language. Always a path of this site, whatever was asked for.
    #[must_use]
    pub fn language_url(&self, lang: Lang) -> String {
        let whole = format!("{}{}", self.base, self.path);
        let local = whole.starts_with('/') && !whole[1..].starts_with(['/', '\\']);
        let whole = if local { whole } else { format!("{}/", self.base) };
        let joint = if whole.contains('?') { '&' } else { '?' };
        format!("{whole}{joint}lang={}", lang.code())
    }

    /// Every language with the address of this page in it.
    #[must_use]
    pub fn languages(&self) -> Vec<(Lang, String)> {
        Lang::ALL.iter().map(|&lang| (lang, self.language_url(lang))).collect()
    }

    /// A frame with sample values.
    #[must_use]
    pub fn sample(lang: Lang, path: &'static str) -> Frame<'static> {
        Frame {
            texts: lang.texts(),
            lang,
            title: "Maple Street",
            base: "",
            path,
            signed_in_as: None,
            csrf: "sample-csrf-value",
            assets: &Names::PLAIN,
            reference: None,
            alarm: None,
            privacy_url: Some("https://example.org/privacy"),
            terms_url: None,
            help_url: Some("https://example.org/help"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_switch_keeps_the_query_and_never_leaves_the_site() {
        let url = |base, path| {
            Frame {
                base,
                path,
                ..Frame::sample(Lang::En, "/")
            }
            .language_url(Lang::Fr)
        };
        assert_eq!(url("", "/login"), "/login?lang=fr");
        assert_eq!(
            url("/auth", "/login?redirect_to=%2Fc"),
            "/auth/login?redirect_to=%2Fc&lang=fr"
        );
        assert_eq!(url("", "//evil.example"), "/?lang=fr");
        assert_eq!(url("", "/\\evil.example"), "/?lang=fr");
        assert_eq!(url("", "https://evil.example"), "/?lang=fr");
        assert_eq!(url("", ""), "/?lang=fr");
    }
}
