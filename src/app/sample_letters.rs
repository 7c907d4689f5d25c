//! Letters that nobody gets: each with made-up content, as the server would write it now.

use std::time::Duration;

use crate::app::App;
use crate::domain::lang::Lang;
pub use crate::mail::Rendered;
use crate::mail::samples::{Links, Props, samples};

/// Who gets them.
const ADDRESSEE: &str = "Ada Lovelace";

/// How long what they offer is good.
const LIFE: Duration = Duration::from_hours(24 * 7);

impl App {
    /// Every letter in a language, by its name.
    #[must_use]
    pub fn sample_letters(&self, lang: Lang) -> Vec<(&'static str, Rendered)> {
        let links = Links::new(|path| self.link(path));
        let props = Props::new(&links, self.now().after(LIFE));
        samples(&props)
            .iter()
            .map(|sample| (sample.name, self.written(&sample.letter, lang, Some(ADDRESSEE))))
            .collect()
    }

    /// The letter of that name in a language; `None` if there is none.
    #[must_use]
    pub fn sample_letter(&self, name: &str, lang: Lang) -> Option<Rendered> {
        let links = Links::new(|path| self.link(path));
        let props = Props::new(&links, self.now().after(LIFE));
        let sample = samples(&props).into_iter().find(|sample| sample.name == name)?;
        Some(self.written(&sample.letter, lang, Some(ADDRESSEE)))
    }
}
