//! Long lists that are read page by page: where a page begins, and what is on it. Nothing shifts when rows come and go.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// By what a list can be sorted.
pub trait Sorting: Copy + Default + Eq + 'static {
    /// Every column that it can be sorted by.
    const EVERY: &'static [Self];

    /// One word, the same everywhere.
    fn key(self) -> &'static str;

    /// In which direction people expect to see it first.
    fn usual(self) -> Order<Self>;
}

/// In which order a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<S> {
    /// By what.
    pub sort: S,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

impl<S: Sorting> Default for Order<S> {
    fn default() -> Self {
        S::default().usual()
    }
}

impl<S: Sorting> Order<S> {
    /// Reads `name`, `-created` and the like; the minus means descending.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (is_descending, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text),
        };
        let sort = S::EVERY.iter().copied().find(|sort| sort.key() == key)?;
        Some(Self { sort, is_descending })
    }

    /// The other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            is_descending: !self.is_descending,
            ..self
        }
    }

    /// The order after somebody chose a column: as usual, or the other way round if the list is sorted by it.
    #[must_use]
    pub fn chosen(self, sort: S) -> Self {
        if self.sort == sort {
            self.reversed()
        } else {
            sort.usual()
        }
    }

    /// The value of `aria-sort` of a column.
    #[must_use]
    pub fn aria(self, sort: S) -> &'static str {
        match (self.sort == sort, self.is_descending) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }
}

impl<S: Sorting> fmt::Display for Order<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_descending { "-" } else { "" };
        write!(f, "{sign}{}", self.sort.key())
    }
}

/// What a row is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A time in milliseconds.
    Number(i64),
    /// An address or a name.
    Text(String),
}

/// A place between two rows of a sorted list: that of a row, which may be gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What the row is sorted by.
    pub key: SortKey,
    /// Its number, which decides among equals.
    pub row: i64,
}

impl Place {
    /// Reads what [`Place`] prints, for a list that is sorted by numbers.
    #[must_use]
    pub fn parse_numbered(text: &str) -> Option<Self> {
        let (row, key) = parts(text)?;
        let key = SortKey::Number(key.parse().ok()?);
        Some(Self { key, row })
    }

    /// The same for a list that is sorted by texts.
    #[must_use]
    pub fn parse_lettered(text: &str) -> Option<Self> {
        let (row, key) = parts(text)?;
        let key = SortKey::Text(key);
        Some(Self { key, row })
    }
}

fn parts(text: &str) -> Option<(i64, String)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (row, key) = text.split_once('.')?;
    Some((row.parse().ok()?, key.to_owned()))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row;
        let plain = match &self.key {
            SortKey::Number(key) => format!("{row}.{key}"),
            SortKey::Text(key) => format!("{row}.{key}"),
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(plain))
    }
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// At the beginning of the list.
    #[default]
    Beginning,
    /// After that place.
    After(Place),
    /// It ends before that place.
    Before(Place),
    /// It ends with the list.
    End,
}

/// How many there are, as far as it was worth counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// All were counted.
    Exactly(u64),
    /// Counting stopped here.
    AtLeast(u64),
}

impl Total {
    /// The number, whether or not it is all.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Exactly(number) | Self::AtLeast(number) => number,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<R> {
    /// What is on it.
    pub rows: Vec<R>,
    /// Where the page before this one ends.
    pub previous: Option<Place>,
    /// Where the next one begins.
    pub next: Option<Place>,
    /// How many match.
    pub total: Total,
    /// Whether the page is not full although more may match: looking went on long enough, and can go on from here.
    pub is_cut_short: bool,
}

impl<R> Found<R> {
    /// The page of a list that nothing is on.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            rows: Vec::new(),
            previous: None,
            next: None,
            total: Total::Exactly(0),
            is_cut_short: false,
        }
    }
}
