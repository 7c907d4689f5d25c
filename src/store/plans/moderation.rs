//! The statements about violations, bans and refusals.

use crate::domain::ids::UserId;
use crate::domain::moderation::ban::{Ban, SparedNetwork};
use crate::domain::moderation::network::Network;
use crate::domain::moderation::points::Points;
use crate::domain::moderation::policy::Score;
use crate::domain::moderation::refused::Refused;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::{Recorded, Violation};
use crate::domain::tally::Tally;
use crate::store::{StoreError, Tx, bans, refusals, scores, spared, tallies};

use super::NOW;

fn network() -> Network {
    "203.0.113.7".parse().expect("a network")
}

pub(super) fn use_violations(tx: &mut Tx<'_>, id: UserId) -> Result<(), StoreError> {
    let recorded = Recorded {
        id: 0,
        at: NOW,
        kind: Violation::Logins,
        points: Points::whole(1),
        user: Some(id),
        address: "203.0.113.7".to_owned(),
        source: String::new(),
        detail: String::new(),
    };
    scores::record(tx, &recorded, Some(network()))?;
    let subjects = [Subject::User(id), Subject::Network(network())];
    for subject in subjects.map(Some).into_iter().chain([None]) {
        let filter = scores::Filter {
            subject,
            since: Some(NOW),
            after: 0,
            limit: 9,
        };
        scores::violations(tx, filter)?;
        scores::newest(tx, subject, Some(Violation::Logins), (i64::MAX, 9))?;
    }
    for subject in subjects {
        scores::leading_to(tx, subject, Violation::Logins, NOW, 9)?;
    }
    scores::counts(tx, NOW)?;
    scores::last(tx)?;
    scores::is_any_up_to(tx, 1)?;
    scores::counted(tx, 0, 9)?;
    scores::purge_violations(tx, NOW, 9)?;
    tallies::bump(tx, Tally::Violations, NOW)?;
    tallies::since(tx, 0, 24)?;
    tallies::purge(tx, NOW, 9)?;
    use_scores(tx, Subject::User(id), id)
}

fn use_scores(tx: &mut Tx<'_>, subject: Subject, id: UserId) -> Result<(), StoreError> {
    let score = Score {
        points: Points::whole(1),
        updated_at: NOW,
    };
    scores::put_score(tx, subject, Violation::Logins, score)?;
    scores::score(tx, subject, Violation::Logins)?;
    scores::scores_of(tx, subject)?;
    scores::clear_scores(tx, subject)?;
    scores::purge_scores(tx, NOW, 9)?;
    scores::note_good_login(tx, network(), id, NOW)?;
    scores::last_good_login(tx, network())?;
    scores::purge_good_logins(tx, NOW, 9).map(drop)
}

pub(super) fn use_bans(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let subject = Subject::Network(network());
    let ban = Ban {
        id: 0,
        reference: "K7QW-3M9P".to_owned(),
        subject,
        cause: "manual".to_owned(),
        points: Points::ZERO,
        interval: Points::ZERO,
        by: String::new(),
        note: String::new(),
        started_at: NOW,
        ends_at: None,
        lifted_at: None,
        shadow: false,
    };
    bans::insert(tx, &ban)?;
    bans::in_force(tx, NOW)?;
    bans::history(tx, i64::MAX, 9)?;
    bans::of_subject(tx, subject)?;
    bans::by_reference(tx, &ban.reference)?;
    bans::lift(tx, 1, NOW)?;
    let spare = SparedNetwork {
        network: network(),
        note: String::new(),
        by: String::new(),
        created_at: NOW,
    };
    spared::add(tx, &spare)?;
    spared::networks(tx)?;
    spared::remove(tx, network())?;
    Ok(())
}

pub(super) fn use_refusals(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let refused = Refused {
        reference: "K7QW-3M9P".to_owned(),
        at: NOW,
        status: 403,
        cause: String::new(),
        route: String::new(),
        address: String::new(),
        derived: String::new(),
        user: None,
    };
    refusals::append(tx, &[refused])?;
    refusals::by_reference(tx, "K7QW-3M9P")?;
    refusals::keep_newest(tx, 9).map(drop)
}
