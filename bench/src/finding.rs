//! What a run shows about one goal: a figure, the bounds it is held against, and whether it keeps them.

use serde::Serialize;

use crate::duel::median;

/// What a figure has to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Bound {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Bound {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "≥ {}", rounded(*least)),
            Self::AtMost(most) => write!(f, "≤ {}", rounded(*most)),
        }
    }
}

/// How a figure stands to its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// As good as we hope for.
    Aim,
    /// Good enough.
    Must,
    /// Not good enough.
    Missed,
}

/// One line of the results.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The goal's number, such as `G4`.
    pub goal: &'static str,
    /// What was compared with what.
    pub what: String,
    /// The figure: the median where there are rounds.
    pub figure: f64,
    /// Its unit; empty for ratios.
    pub unit: &'static str,
    /// The figure of each round.
    pub rounds: Vec<f64>,
    /// What it must be.
    pub must: Bound,
    /// What it should be.
    pub aim: Bound,
    /// What came of it.
    pub verdict: Verdict,
}

impl Finding {
    /// The median of `rounds` against the bounds.
    #[must_use]
    pub fn new(goal: &'static str, what: impl Into<String>, rounds: Vec<f64>, must: Bound, aim: Bound) -> Self {
        let figure = median(rounds.clone());
        let verdict = match (must.holds(figure), aim.holds(figure)) {
            (true, true) => Verdict::Aim,
            (true, false) => Verdict::Must,
            (false, _) => Verdict::Missed,
        };
        Self {
            goal,
            what: what.into(),
            figure,
            unit: "",
            rounds,
            must,
            aim,
            verdict,
        }
    }

    /// The same in a unit.
    #[must_use]
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// The figure with its unit, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{} {}", rounded(self.figure), self.unit).trim_end().to_owned()
    }

    /// The smallest and the largest round, for people; empty if there was one only.
    #[must_use]
    pub fn range(&self) -> String {
        let least = self.rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if self.rounds.len() < 2 {
            String::new()
        } else {
            format!("{} to {}", rounded(least), rounded(most))
        }
    }
}

/// Three decimals below one, two below ten, one below a hundred, none above; no zeros at the end.
#[must_use]
pub fn rounded(figure: f64) -> String {
    let text = match figure.abs() {
        ..1.0 => format!("{figure:.3}"),
        1.0..10.0 => format!("{figure:.2}"),
        10.0..100.0 => format!("{figure:.1}"),
        _ => return format!("{figure:.0}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(figure: f64) -> Verdict {
        Finding::new("G0", "", vec![figure], Bound::AtLeast(0.4), Bound::AtLeast(0.5)).verdict
    }

    #[test]
    fn a_figure_meets_the_aim_the_must_or_neither() {
        assert_eq!(
            (verdict(0.5), verdict(0.4), verdict(0.39)),
            (Verdict::Aim, Verdict::Must, Verdict::Missed)
        );
    }

    #[test]
    fn figures_are_rounded_to_what_they_can_say() {
        assert_eq!(
            [0.3987, 0.4, 2.346, 23.46, 150.4, 3.0].map(rounded),
            ["0.399", "0.4", "2.35", "23.5", "150", "3"]
        );
    }
}
