//! How violations added up to a score: which ones, and the sum as people write it.

use crate::domain::moderation::points::Points;
use crate::domain::moderation::violation::Recorded;

/// More terms than this are written as products.
const MOST_TERMS: usize = 20;

/// The violations that a score is the sum of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addition {
    /// Oldest first.
    pub events: Vec<Recorded>,
    /// The score they came to.
    pub total: Points,
    /// Whether all of them are still recorded.
    pub is_complete: bool,
}

impl Addition {
    /// Goes back from the last violation until the points come to `total`. What comes before had faded or was forgiven.
    #[must_use]
    pub fn backwards(newest_first: impl IntoIterator<Item = Recorded>, total: Points) -> Self {
        let mut sum = Points::ZERO;
        let mut events = Vec::new();
        for event in newest_first {
            if sum >= total {
                break;
            }
            if event.points > Points::ZERO {
                sum = sum + event.points;
                events.push(event);
            }
        }
        events.reverse();
        Self {
            events,
            total,
            is_complete: sum == total,
        }
    }

    /// The sum, such as `1 + 1 + 20 = 22`; many equal terms in a row become a product, and `…` stands for what is no longer
    /// recorded.
    #[must_use]
    pub fn written(&self) -> String {
        let points: Vec<Points> = self.events.iter().map(|event| event.points).collect();
        let mut terms: Vec<String> = if points.len() > MOST_TERMS {
            points.chunk_by(PartialEq::eq).map(product).collect()
        } else {
            points.iter().map(ToString::to_string).collect()
        };
        if !self.is_complete {
            terms.insert(0, "…".to_owned());
        }
        format!("{} = {}", terms.join(" + "), self.total)
    }
}

fn product(equal: &[Points]) -> String {
    let each = equal.first().copied().unwrap_or_default();
    match equal.len() {
        1 => each.to_string(),
        times => format!("{times} × {each}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moderation::violation::Violation;
    use crate::domain::time::Timestamp;

    /// Newest first.
    fn events(points: &[u32]) -> Vec<Recorded> {
        let event = |(at, points): (i64, &u32)| Recorded {
            id: at,
            at: Timestamp::from_seconds(at),
            kind: Violation::Logins,
            points: Points::whole(*points),
            user: None,
            address: String::new(),
            source: String::new(),
            detail: String::new(),
        };
        (0..)
            .zip(points)
            .map(event)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect()
    }

    fn sum(points: &[u32], total: u32) -> Addition {
        Addition::backwards(events(points), Points::whole(total))
    }

    #[test]
    fn only_what_the_score_is_made_of_is_added() {
        assert_eq!(sum(&[1, 1, 20], 22).written(), "1 + 1 + 20 = 22");
        assert_eq!(sum(&[7, 1, 0, 20], 21).written(), "1 + 20 = 21");
        assert_eq!(sum(&[7, 1, 20], 21).events.len(), 2);
    }

    #[test]
    fn many_terms_become_products_and_what_is_gone_becomes_dots() {
        assert_eq!(
            sum(&[[1; 25].as_slice(), &[20, 5, 5]].concat(), 55).written(),
            "25 × 1 + 20 + 2 × 5 = 55"
        );
        let gone = sum(&[1, 1], 20);
        assert_eq!((gone.written().as_str(), gone.is_complete), ("… + 1 + 1 = 20", false));
    }
}
