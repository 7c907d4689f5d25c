//! QR codes (ISO/IEC 18004): a text as a square of dark and light modules, drawn as one path for SVG and as half blocks
//! for terminals. The text may be a secret, so a code is as little to be logged as the text is.

use std::fmt;
use std::fmt::Write as _;

use qrcode::{Color, EcLevel};

/// The light margin that readers need on every side, in modules.
pub const QUIET_ZONE: usize = 4;

/// A text as a QR code.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    /// Modules on a side, without the margin.
    width: usize,
    /// Row by row: whether a module is dark.
    dark: Vec<bool>,
}

/// More text than the largest code holds, about 2,300 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is too long for a QR code")]
pub struct TooLong;

impl QrCode {
    /// The smallest code that holds the text and still reads with 15 % of it damaged.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn of(text: &str) -> Result<Self, TooLong> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
        let width = code.width();
        let dark = code.into_colors().into_iter().map(|color| color == Color::Dark);
        Ok(Self {
            width,
            dark: dark.collect(),
        })
    }

    /// Modules on a side, with the margin: the drawing's view box is `0 0 side side`.
    #[must_use]
    pub fn side(&self) -> usize {
        self.width + 2 * QUIET_ZONE
    }

    /// Whether the module in that place is dark; places count from the corner of the margin.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |place: usize| place.checked_sub(QUIET_ZONE).filter(|place| *place < self.width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.dark[y * self.width + x],
            _ => false,
        }
    }

    /// The dark modules as the data of one SVG path: a rectangle for each run within a row.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.side() {
            let mut x = 0;
            while x < self.side() {
                let run = (x..self.side()).take_while(|place| self.is_dark(*place, y)).count();
                if run > 0 {
                    write!(path, "M{x} {y}h{run}v1h-{run}z").expect("a string takes all that is written");
                }
                x += run.max(1);
            }
        }
        path
    }

    /// The code for a terminal, two rows a line. Light modules are drawn and dark ones left out: the code is as it should
    /// be where letters are lighter than what is behind them.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |y: usize| {
            let block = |x| match (self.is_dark(x, y), y + 1 < self.side() && !self.is_dark(x, y + 1)) {
                (false, true) => '█',
                (false, false) => '▀',
                (true, true) => '▄',
                (true, false) => ' ',
            };
            (0..self.side()).map(block).collect()
        };
        (0..self.side()).step_by(2).map(line).collect()
    }
}

impl fmt::Debug for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QrCode")
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://login.example.org/register?token=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

    /// What the library says, with a margin around it.
    fn expected(text: &str) -> Vec<Vec<bool>> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).expect("short enough");
        let width = code.width();
        let mut rows = vec![vec![false; width + 2 * QUIET_ZONE]; width + 2 * QUIET_ZONE];
        for y in 0..width {
            for x in 0..width {
                rows[y + QUIET_ZONE][x + QUIET_ZONE] = code[(x, y)] == Color::Dark;
            }
        }
        rows
    }

    /// Fills the rectangles of a path as a browser does.
    fn filled(path: &str, side: usize) -> Vec<Vec<bool>> {
        let mut rows = vec![vec![false; side]; side];
        for piece in path.split('M').skip(1) {
            let (corner, outline) = piece.split_once('h').expect("a horizontal line follows");
            let (x, y) = corner.split_once(' ').expect("two coordinates");
            let (run, rest) = outline.split_once('v').expect("down");
            assert_eq!(rest, format!("1h-{run}z"));
            let (x, y, run): (usize, usize, usize) = (x.parse().unwrap(), y.parse().unwrap(), run.parse().unwrap());
            for module in &mut rows[y][x..x + run] {
                assert!(!*module, "drawn twice: {x} {y}");
                *module = true;
            }
        }
        rows
    }

    /// Reads half blocks, bright where something is drawn.
    fn read(lines: &[String], side: usize) -> Vec<Vec<bool>> {
        let mut rows = vec![Vec::new(); lines.len() * 2];
        for (at, line) in lines.iter().enumerate() {
            for block in line.chars() {
                let (upper, lower) = match block {
                    '█' => (false, false),
                    '▀' => (false, true),
                    '▄' => (true, false),
                    ' ' => (true, true),
                    other => panic!("{other:?}"),
                };
                rows[2 * at].push(upper);
                rows[2 * at + 1].push(lower);
            }
        }
        rows.truncate(side);
        rows
    }

    #[test]
    fn both_drawings_show_the_modules_of_the_code() {
        for text in [
            "",
            "1",
            LINK,
            "otpauth://totp/LibreChat:ada@example.org?secret=JBSWY3DPEHPK3PXP",
            &"é".repeat(900),
        ] {
            let code = QrCode::of(text).expect("short enough");
            assert_eq!(filled(&code.path(), code.side()), expected(text), "{text}");
            assert_eq!(read(&code.lines(), code.side()), expected(text), "{text}");
        }
    }

    #[test]
    fn the_margin_is_light_all_around() {
        let code = QrCode::of(LINK).expect("short enough");
        let last = code.side() - 1;
        for along in 0..code.side() {
            for depth in 0..QUIET_ZONE {
                for (x, y) in [
                    (along, depth),
                    (along, last - depth),
                    (depth, along),
                    (last - depth, along),
                ] {
                    assert!(!code.is_dark(x, y), "{x} {y}");
                }
            }
        }
        assert!(
            code.is_dark(QUIET_ZONE, QUIET_ZONE),
            "a finder pattern starts in the corner"
        );
        assert!(!code.is_dark(code.side(), 0) && !code.is_dark(usize::MAX, usize::MAX));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(QrCode::of(&"x".repeat(3000)), Err(TooLong));
    }

    #[test]
    fn a_code_does_not_log_its_text() {
        assert_eq!(
            format!("{:?}", QrCode::of("secret").expect("short enough")),
            "QrCode { width: 21, .. }"
        );
    }
}
