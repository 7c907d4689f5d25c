//! The accent colour of pages and letters, and the style sheet made from it. An operator may configure any colour; what is
//! derived from it is always legible (WCAG 2.2 §1.4.3 and §1.4.11, level AA), in the light and in the dark scheme.

/// Backgrounds of `static/app.css`, which must stay legible below accent-coloured text.
const LIGHT: Scheme = Scheme {
    card: Rgb(0xff, 0xff, 0xff),
    page: Rgb(0xf5, 0xf5, 0xf7),
    away: BLACK,
    tint: 0.09,
};
const DARK: Scheme = Scheme {
    card: Rgb(0x1d, 0x1e, 0x23),
    page: Rgb(0x13, 0x14, 0x17),
    away: WHITE,
    tint: 0.16,
};

const BLACK: Rgb = Rgb(0, 0, 0);
const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
const TEXT_CONTRAST: f64 = 4.5;
const SHAPE_CONTRAST: f64 = 3.0;

/// A colour, 8 bits of sRGB per channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

impl Rgb {
    fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Relative luminance, WCAG 2.2.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio, WCAG 2.2: 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour with `share` (0 to 1) of another one mixed in.
    fn mixed(self, other: Self, share: f64) -> Self {
        let channel = |a: u8, b: u8| {
            let value = f64::from(a) + (f64::from(b) - f64::from(a)) * share;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between two channels"
            )]
            let value = value.round() as u8;
            value
        };
        Self(
            channel(self.0, other.0),
            channel(self.1, other.1),
            channel(self.2, other.2),
        )
    }

    /// The nearest colour on the way to `target` that satisfies `enough`; `target` itself if none does.
    fn until(self, target: Self, enough: impl Fn(Self) -> bool) -> Self {
        (0..=100)
            .map(|step| self.mixed(target, f64::from(step) / 100.0))
            .find(|&colour| enough(colour))
            .unwrap_or(target)
    }
}

/// The backgrounds of one colour scheme.
#[derive(Clone, Copy)]
struct Scheme {
    card: Rgb,
    page: Rgb,
    /// Where colours move for more contrast with the background.
    away: Rgb,
    /// How much accent is in the soft background.
    tint: f64,
}

/// The colours of one scheme.
#[derive(Clone, Copy, Debug)]
struct Palette {
    /// Background of the main button.
    fill: Rgb,
    /// The same under the pointer.
    hover: Rgb,
    /// Text on both.
    on_fill: Rgb,
    /// Links and focus rings.
    text: Rgb,
    /// Background of badges.
    soft: Rgb,
}

impl Scheme {
    fn palette(self, accent: Rgb) -> Palette {
        let visible = |colour: Rgb| colour.contrast(self.card) >= SHAPE_CONTRAST;
        let fill = accent.until(self.away, |colour| {
            visible(colour) && colour.contrast(self.page) >= SHAPE_CONTRAST
        });
        let on_fill = if fill.contrast(WHITE) >= TEXT_CONTRAST {
            WHITE
        } else {
            BLACK
        };
        let hover = fill.mixed(if on_fill == WHITE { BLACK } else { WHITE }, 0.12);
        let soft = self.card.mixed(accent, self.tint);
        let legible = |colour: Rgb| {
            [self.card, self.page, soft]
                .iter()
                .all(|&on| colour.contrast(on) >= TEXT_CONTRAST)
        };
        Palette {
            fill,
            hover,
            on_fill,
            text: accent.until(self.away, legible),
            soft,
        }
    }
}

impl Palette {
    fn css(self) -> String {
        format!(
            "--accent:{};--accent-hover:{};--on-accent:{};--accent-text:{};--accent-soft:{}",
            self.fill.hex(),
            self.hover.hex(),
            self.on_fill.hex(),
            self.text.hex(),
            self.soft.hex()
        )
    }
}

/// What a letter needs of one scheme, as `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterColours {
    /// Background of the button.
    pub fill: String,
    /// Text on it.
    pub on_fill: String,
    /// Links.
    pub link: String,
}

/// The configured accent colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent(Rgb);

impl Default for Accent {
    fn default() -> Self {
        Self(Rgb(0x1a, 0x6b, 0x54))
    }
}

impl Accent {
    /// Reads `#rrggbb`, in any case; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let channel = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self(Rgb(channel(0)?, channel(2)?, channel(4)?)))
    }

    /// The style sheet that sets the accent colours of both schemes.
    #[must_use]
    pub fn stylesheet(self) -> String {
        let (light, dark) = (LIGHT.palette(self.0).css(), DARK.palette(self.0).css());
        format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
    }

    /// Background and foreground of the icon, as `#rrggbb`.
    #[must_use]
    pub fn icon_colours(self) -> (String, String) {
        let palette = LIGHT.palette(self.0);
        (palette.fill.hex(), palette.on_fill.hex())
    }

    /// The colours of buttons and links in the light scheme and in the dark one.
    #[must_use]
    pub fn letter_colours(self) -> [LetterColours; 2] {
        [LIGHT, DARK].map(|scheme| {
            let palette = scheme.palette(self.0);
            LetterColours {
                fill: palette.fill.hex(),
                on_fill: palette.on_fill.hex(),
                link: palette.text.hex(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        assert_eq!(Accent::parse("#1A6b54"), Some(Accent::default()));
        for bad in [
            "", "#", "1a6b54", "#fff", "#1a6b540", "#1a6b5g", "#+17a5c", "#éé12", "red;}",
        ] {
            assert_eq!(Accent::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn every_accent_is_legible_in_both_schemes() {
        let steps = [0, 0x33, 0x66, 0x80, 0x99, 0xcc, 0xff];
        for index in 0..343 {
            let (red, green, blue) = (steps[index / 49], steps[index / 7 % 7], steps[index % 7]);
            for (name, scheme) in [("light", LIGHT), ("dark", DARK)] {
                let palette = scheme.palette(Rgb(red, green, blue));
                let about = format!("{red:02x}{green:02x}{blue:02x} {name} {palette:?}");
                assert!(
                    palette.on_fill.contrast(palette.fill) >= TEXT_CONTRAST,
                    "text on accent: {about}"
                );
                assert!(
                    palette.on_fill.contrast(palette.hover) >= TEXT_CONTRAST,
                    "text on hover: {about}"
                );
                for background in [scheme.card, scheme.page] {
                    assert!(
                        palette.fill.contrast(background) >= SHAPE_CONTRAST,
                        "accent on background: {about}"
                    );
                    assert!(palette.text.contrast(background) >= TEXT_CONTRAST, "link: {about}");
                }
                assert!(palette.text.contrast(palette.soft) >= TEXT_CONTRAST, "badge: {about}");
            }
        }
    }

    #[test]
    fn a_legible_accent_is_used_as_it_is() {
        assert_eq!(LIGHT.palette(Accent::default().0).fill, Accent::default().0);
    }

    #[test]
    fn the_backgrounds_are_those_of_the_style_sheet() {
        let css = include_str!("../../static/app.css");
        for (scheme, name) in [(LIGHT, "light"), (DARK, "dark")] {
            for (variable, colour) in [("--card", scheme.card), ("--page", scheme.page)] {
                assert!(
                    css.contains(&format!("{variable}: {};", colour.hex())),
                    "{name} {variable}"
                );
            }
        }
    }

    #[test]
    fn contrast_is_computed_as_wcag_says() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.001);
        assert!((Rgb(0x77, 0x77, 0x77).contrast(WHITE) - 4.48).abs() < 0.01);
    }
}
