//! Queries of long lists: order, place and length of a page.

use crate::domain::field::{Issue, Rule};
use crate::domain::list::{Order, Place, Sorting, Start};
use crate::web::extract::Pairs;

/// That a field makes no sense.
fn bad(field: &'static str) -> Vec<Issue> {
    vec![Issue::new(field, Rule::InvalidInput)]
}

/// Makes sure that each of these fields is there once at most.
///
/// # Errors
/// The first one that is not.
pub fn once(query: &Pairs, fields: &[&'static str]) -> Result<(), Vec<Issue>> {
    let times = |field: &str| query.all().filter(|(name, _)| *name == field).count();
    let twice = fields.iter().find(|field| times(field) > 1);
    twice.map_or(Ok(()), |field| Err(bad(field)))
}

/// Makes sure that none of these fields is empty: where something has a form, nothing has not.
///
/// # Errors
/// The first one that is.
pub fn filled(query: &Pairs, fields: &[&'static str]) -> Result<(), Vec<Issue>> {
    let is_empty = |field: &str| query.all().any(|(name, value)| name == field && value.is_empty());
    let empty = fields.iter().find(|field| is_empty(field));
    empty.map_or(Ok(()), |field| Err(bad(field)))
}

/// `sort`, or the usual order.
///
/// # Errors
/// The field.
pub fn order<S: Sorting>(query: &Pairs) -> Result<Order<S>, Vec<Issue>> {
    let text = query.first("sort");
    text.map_or_else(
        || Ok(Order::default()),
        |text| Order::parse(text).ok_or_else(|| bad("sort")),
    )
}

/// `after` or `before`, or the beginning of the list.
///
/// # Errors
/// The field.
pub fn start(query: &Pairs, place: impl Fn(&str) -> Option<Place>) -> Result<Start, Vec<Issue>> {
    match (query.first("after"), query.first("before")) {
        (Some(_), Some(_)) => Err(bad("before")),
        (Some(text), None) => place(text).map(Start::After).ok_or_else(|| bad("after")),
        (None, Some("end")) => Ok(Start::End),
        (None, Some(text)) => place(text).map(Start::Before).ok_or_else(|| bad("before")),
        (None, None) => Ok(Start::Beginning),
    }
}

/// `limit`, or as many as usual.
///
/// # Errors
/// The field, if it is no number from 1 to `most`.
pub fn limit(query: &Pairs, usual: usize, most: usize) -> Result<usize, Vec<Issue>> {
    let Some(text) = query.first("limit") else {
        return Ok(usual);
    };
    let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| bad("limit"))
}
