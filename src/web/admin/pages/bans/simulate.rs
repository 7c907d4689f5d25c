//! `/admin/bans/simulate`: another policy tried on the record.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::simulate::AT_A_GLANCE;
use crate::config;
use crate::domain::moderation::compare::{Change, Hit, Tally, compare, over_time};
use crate::domain::moderation::policy::Policy;
use crate::domain::moderation::subject::Subject;
use crate::domain::moderation::violation::Violation;
use crate::web::admin::policy_form::{PolicyForm, in_minutes, score_name};
use crate::web::admin::subjects::Names;
use crate::web::admin::{bar, reading};
use crate::web::pages::{Scene, State};
use crate::web::views::admin::Section;
use crate::web::views::admin::bans::chart::TrialChart;
use crate::web::views::admin::bans::simulate::{Dial, Group, HitRow, SimulatePage, label};
use crate::web::views::texts::Texts;

/// Those hit by one change who are named, at most.
const MOST_HITS: usize = 50;

/// Pairs of bars in the chart, at most.
const MOST_BARS: u32 = 45;

/// `GET /admin/bans/simulate`
pub async fn show(web: State, req: HttpRequest) -> HttpResponse {
    let scene = Scene::open(&web, &req);
    let outcome = reading(&scene, async |who| {
        let (app, texts) = (&web.app, scene.lang.texts());
        let present = &app.config.moderation.policy;
        let form = PolicyForm::read(req.query_string(), present);
        let since = app.now().before(Duration::from_hours(24 * u64::from(form.days)));
        let trial = app.simulate(&form.policy, since, Some(AT_A_GLANCE)).await?;
        let hits = compare(&trial.tried, &trial.present);
        let groups: Vec<Vec<&Hit>> = Change::ALL.map(|change| of_change(&hits, change)).to_vec();
        let hit: Vec<Subject> = groups
            .iter()
            .flatten()
            .take(3 * MOST_HITS)
            .map(|hit| hit.subject)
            .collect();
        let names = Names::find(app, &hit, []).await?;
        let count = |change| hits.iter().filter(|hit| hit.change() == change).count();
        let slices = over_time(&trial.tried, &trial.present, form.days, (since, MOST_BARS));
        let view = SimulatePage {
            frame: scene.frame(Some(&who.account.name)),
            bar: bar(who, Section::Bans, None),
            dials: dials(&form, present, texts),
            scores: scores(&form.policy, present, texts),
            scores_open: Violation::ALL
                .iter()
                .any(|kind| form.policy.score(*kind) != present.score(*kind)),
            misread: misread(&form, texts),
            looked: (texts.admin.bans.s_looked)(trial.violations, form.days),
            cut: trial.cut_at.filter(|at| *at > since).map(|at| texts.moment(at)),
            tallies: [Tally::of(&trial.present), Tally::of(&trial.tried)],
            groups: Change::ALL
                .into_iter()
                .zip(&groups)
                .map(|(change, hits)| Group {
                    title: (texts.admin.bans.s_changes)(change),
                    count: count(change),
                    hits: hits.iter().map(|hit| row(hit, &names, texts)).collect(),
                })
                .collect(),
            chart: TrialChart::of(&slices, app.now(), texts),
            lines: config::moderation_lines(&form.policy, present),
        };
        scene.page(StatusCode::OK, &view)
    });
    scene.finish(outcome.await)
}

fn of_change(hits: &[Hit], change: Change) -> Vec<&Hit> {
    hits.iter()
        .filter(|hit| hit.change() == change)
        .take(MOST_HITS)
        .collect()
}

fn row(hit: &Hit, names: &Names, texts: &Texts) -> HitRow {
    HitRow {
        whom: names.subject(hit.subject, texts),
        cause: (texts.admin.bans.kinds)(hit.cause),
        bans: (hit.present, hit.tried),
        first: texts.moment(hit.first_at),
        came_back: hit.came_back_at.map(|at| texts.moment(at)),
    }
}

fn misread(form: &PolicyForm, texts: &Texts) -> Vec<String> {
    let kinds = Violation::ALL
        .iter()
        .map(|kind| (score_name(*kind), (texts.admin.bans.kinds)(*kind)));
    let scores: Vec<(String, &str)> = kinds.collect();
    let named = |name: &str| {
        let score = || scores.iter().find(|(known, _)| known == name).map(|(_, words)| *words);
        label(name, texts).or_else(score).unwrap_or_default()
    };
    form.misread
        .iter()
        .map(|(name, _)| (texts.admin.bans.s_misread)(named(name)))
        .collect()
}

fn dials(form: &PolicyForm, present: &Policy, texts: &Texts) -> Vec<Dial> {
    let life = |policy: &Policy| in_minutes(policy.score_lifetime.unwrap_or_default());
    let policy = &form.policy;
    let dial = |name: &str, value: String, present: String, (most, step)| Dial {
        name: name.to_owned(),
        label: label(name, texts).unwrap_or_default(),
        value,
        present,
        most,
        step,
    };
    let days = form.days.to_string();
    vec![
        dial(
            "interval",
            policy.interval.to_string(),
            present.interval.to_string(),
            ("100", "1"),
        ),
        dial(
            "duration_minutes",
            in_minutes(policy.duration),
            in_minutes(present.duration),
            ("1440", "10"),
        ),
        dial("score_ttl_minutes", life(policy), life(present), ("1440", "10")),
        dial("days", days.clone(), days, ("90", "1")),
    ]
}

fn scores(policy: &Policy, present: &Policy, texts: &Texts) -> Vec<Dial> {
    let dial = |kind: &Violation| Dial {
        name: score_name(*kind),
        label: (texts.admin.bans.kinds)(*kind),
        value: policy.score(*kind).to_string(),
        present: present.score(*kind).to_string(),
        most: "40",
        step: "0.5",
    };
    Violation::ALL.iter().map(dial).collect()
}
