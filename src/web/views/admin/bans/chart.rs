//! Charts, drawn here: whole numbers in a box of 1000 by 300, with classes for the style sheet. What they show stands in a
//! table beside them as well.

use std::fmt::Write as _;

use crate::domain::moderation::compare::Slice;
use crate::domain::moderation::timeline::Timeline;
use crate::domain::time::Timestamp;
use crate::web::views::texts::{Moment, Texts};

const WIDTH: i64 = 1000;
const TOP: i64 = 20;
const BOTTOM: i64 = 280;

/// How a score grew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreChart {
    /// The line, as `d` of a path.
    pub line: String,
    /// Where violations stand.
    pub dots: Vec<(i64, i64)>,
    /// Where the threshold is.
    pub threshold: i64,
    /// Beginning and width of the ban.
    pub ban: (i64, i64),
    /// What it shows, in a sentence.
    pub told: String,
    /// The left end.
    pub from: Moment,
    /// The right end.
    pub to: Moment,
    /// When the score is forgotten.
    pub fades: Option<Moment>,
    /// The same as a table: when, what it cost, the score.
    pub rows: Vec<(Moment, String, String)>,
}

/// From a moment to a place on the line of time.
struct Time {
    from: i64,
    span: i64,
}

impl Time {
    fn place(&self, at: Timestamp) -> i64 {
        let since = at.millis().saturating_sub(self.from).clamp(0, self.span);
        since.saturating_mul(WIDTH) / self.span
    }
}

impl ScoreChart {
    /// Draws a timeline.
    #[must_use]
    pub fn of(line: &Timeline, texts: &Texts) -> Self {
        let first = line.steps.first().map_or(line.banned_at, |step| step.at);
        let last = line.steps.last().map_or(line.banned_at, |step| step.at);
        let end = line.fades_at.unwrap_or(last).max(last);
        // A little room on both sides, so that a single moment is a place in the middle.
        let room = ((end.millis() - first.millis()) / 20).max(30_000);
        let time = Time {
            from: first.millis() - room,
            span: end.millis() - first.millis() + 2 * room,
        };
        let top = line.steps.iter().map(|step| step.score).max().unwrap_or_default();
        let most = top.max(line.threshold).thousandths().max(1);
        let height = |thousandths: i64| BOTTOM - thousandths.saturating_mul(BOTTOM - TOP) / most;
        let mut steps: Vec<(i64, i64)> = Vec::new();
        for step in &line.steps {
            let (x, y) = (time.place(step.at), height(step.score.thousandths()));
            // Several within one point of the picture are one step.
            match steps.last_mut() {
                Some(before) if before.0 == x => before.1 = y,
                _ => steps.push((x, y)),
            }
        }
        let start = line
            .steps
            .first()
            .map_or(0, |step| step.score.thousandths() - step.cost.thousandths());
        let fades = line.fades_at.map(|at| time.place(at));
        let (ban, free) = (
            time.place(line.banned_at),
            line.free_at.map_or(WIDTH, |at| time.place(at)),
        );
        let w = texts.admin.bans;
        let moment = |millis: i64| texts.moment(Timestamp::from_millis(millis));
        Self {
            line: path(&steps, height(start), fades),
            dots: steps,
            threshold: height(line.threshold.thousandths()),
            ban: (ban, (free - ban).max(1)),
            told: (w.score_told)(&top.to_string(), &line.threshold.to_string()),
            from: moment(time.from),
            to: moment(time.from + time.span),
            fades: line.fades_at.map(|at| texts.moment(at)),
            rows: line
                .steps
                .iter()
                .map(|step| (texts.moment(step.at), step.cost.to_string(), step.score.to_string()))
                .collect(),
        }
    }
}

/// Up at each step, along between them, and down where the score is forgotten.
fn path(steps: &[(i64, i64)], start: i64, fades: Option<i64>) -> String {
    let mut path = format!("M0 {start}");
    for (x, y) in steps {
        // Writing into a text cannot fail.
        let _ = write!(path, "H{x}V{y}");
    }
    match fades {
        Some(x) => {
            let _ = write!(path, "H{x}V{BOTTOM}H{WIDTH}");
        }
        None => {
            let _ = write!(path, "H{WIDTH}");
        }
    }
    path
}

/// Bans under two policies, over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialChart {
    /// One pair of bars for each part of the time.
    pub bars: Vec<Bars>,
    /// The left end.
    pub from: Moment,
    /// The right end.
    pub to: Moment,
    /// What it shows, in a sentence.
    pub told: String,
}

/// A pair of bars: place and width of each, then top and height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// Of the policy in force: x, y, height.
    pub present: (i64, i64, i64),
    /// Of the policy tried.
    pub tried: (i64, i64, i64),
    /// How wide one is.
    pub width: i64,
    /// When the part begins.
    pub at: Moment,
    /// How many of each.
    pub counts: (usize, usize),
}

impl TrialChart {
    /// Draws what two policies come to until now.
    #[must_use]
    pub fn of(slices: &[Slice], now: Timestamp, texts: &Texts) -> Self {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let most = slices
            .iter()
            .map(|slice| slice.tried.max(slice.present))
            .max()
            .unwrap_or(0);
        let most = number(most.max(1));
        let parts = number(slices.len().max(1));
        let width = (WIDTH / parts / 3).max(1);
        let bar = |part: i64, second: i64, count: usize| {
            let height = number(count).saturating_mul(BOTTOM - TOP) / most;
            let x = part * WIDTH / parts + second * width + width / 2;
            (x, BOTTOM - height, height)
        };
        let bars = (0..).zip(slices).map(|(part, slice)| Bars {
            present: bar(part, 0, slice.present),
            tried: bar(part, 1, slice.tried),
            width,
            at: texts.moment(slice.from),
            counts: (slice.present, slice.tried),
        });
        let sum = |count: fn(&Slice) -> usize| slices.iter().map(count).sum::<usize>();
        Self {
            bars: bars.collect(),
            from: texts.moment(slices.first().map_or(now, |slice| slice.from)),
            to: texts.moment(now),
            told: (texts.admin.bans.s_chart_told)(sum(|slice| slice.present), sum(|slice| slice.tried)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;
    use crate::domain::moderation::points::Points;
    use crate::domain::moderation::timeline::Step;

    fn line(steps: &[(i64, u32)], fades: Option<i64>) -> Timeline {
        let at = Timestamp::from_seconds;
        Timeline {
            steps: steps
                .iter()
                .map(|(second, score)| Step {
                    at: at(*second),
                    cost: Points::whole(1),
                    score: Points::whole(*score),
                })
                .collect(),
            threshold: Points::whole(20),
            fades_at: fades.map(at),
            banned_at: at(steps.last().expect("one").0),
            free_at: Some(at(100_000)),
        }
    }

    #[test]
    fn everything_stays_inside_the_picture() {
        for line in [
            line(&[(0, 20)], None),
            line(&[(0, 1), (3600, 20)], Some(7200)),
            line(&[(0, 1), (1, 2), (2, 45)], Some(3602)),
        ] {
            let chart = ScoreChart::of(&line, Lang::En.texts());
            let inside = |x: i64, y: i64| (0..=WIDTH).contains(&x) && (TOP..=BOTTOM).contains(&y);
            assert!(chart.dots.iter().all(|(x, y)| inside(*x, *y)), "{chart:?}");
            assert!(
                inside(chart.ban.0, chart.threshold) && chart.ban.0 + chart.ban.1 <= WIDTH,
                "{chart:?}"
            );
            assert_eq!(chart.rows.len(), line.steps.len());
        }
    }

    #[test]
    fn ten_thousand_steps_are_no_more_than_the_picture_has_points() {
        let steps: Vec<_> = (0..10_000).map(|second| (second, 1)).collect();
        let chart = ScoreChart::of(&line(&steps, Some(13_600)), Lang::En.texts());
        assert!(chart.dots.len() <= 1001, "{}", chart.dots.len());
    }
}
