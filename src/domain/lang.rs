//! The languages of pages and letters, and which of them a browser asks for.

/// A language that pages and letters speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English; also the answer to everything else.
    #[default]
    En,
    /// French.
    Fr,
}

impl Lang {
    /// Every language, in the order of the switch.
    pub const ALL: &'static [Self] = &[Self::En, Self::Fr];

    /// Language tag (BCP 47), as in `lang` attributes and `?lang=`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// What the language calls itself.
    #[must_use]
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
        }
    }

    /// Reads a language tag; a region (`fr-CA`) does not matter. `None` for languages that are not spoken here.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL
            .iter()
            .copied()
            .find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    /// The language that suits an `Accept-Language` header best (RFC 9110 §12.5.4); English if none does.
    /// Malformed parts are skipped.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best: Option<(u16, Self)> = None;
        for range in accept_language.split(',').take(32) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let Some(weight) = parts.next().map_or(Some(1000), weight) else {
                continue;
            };
            let lang = if tag == "*" {
                Some(Self::default())
            } else {
                Self::parse(tag)
            };
            if let Some(lang) = lang
                && weight > best.map_or(0, |(heaviest, _)| heaviest)
            {
                best = Some((weight, lang));
            }
        }
        best.map_or_else(Self::default, |(_, lang)| lang)
    }
}

/// A quality value such as `q=0.8`, in thousandths (RFC 9110 §12.4.2).
fn weight(parameter: &str) -> Option<u16> {
    let value = parameter
        .trim()
        .strip_prefix(['q', 'Q'])?
        .trim_start()
        .strip_prefix('=')?
        .trim();
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" if digits => Some(1000),
        "0" if digits => format!("{fraction:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_is_spoken_wins() {
        for (header, lang) in [
            ("", Lang::En),
            ("fr", Lang::Fr),
            ("fr-CA,fr;q=0.9,en;q=0.8", Lang::Fr),
            ("en;q=0.3, fr;q=0.7", Lang::Fr),
            ("de, fr;q=0.5, en;q=0.4", Lang::Fr),
            ("de", Lang::En),
            ("*", Lang::En),
            ("fr;q=0, en", Lang::En),
            ("fr;q=0", Lang::En),
            ("en, fr", Lang::En),
        ] {
            assert_eq!(Lang::negotiate(header), lang, "{header:?}");
        }
    }

    #[test]
    fn malformed_headers_fall_back_to_english() {
        for header in [
            ";;;",
            "fr;q=",
            "fr;q=2",
            "fr;q=abc",
            "é;q=é",
            "\u{0}",
            "fr;q=0.99999",
            ",,,,",
            "=;q=1",
            "fr;x",
        ] {
            assert_eq!(Lang::negotiate(header), Lang::En, "{header:?}");
        }
        assert_eq!(Lang::negotiate(&"fr;q=0.1,".repeat(100_000)), Lang::Fr);
    }

    #[test]
    fn tags_parse_with_or_without_a_region() {
        assert_eq!(Lang::parse("FR-ca"), Some(Lang::Fr));
        assert_eq!(Lang::parse("en"), Some(Lang::En));
        assert_eq!(Lang::parse("frr"), None);
        assert_eq!(Lang::parse(""), None);
    }
}
