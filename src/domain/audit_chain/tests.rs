//! The chain against whoever changes it.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::*;

#[derive(Debug)]
struct Signing(u8);

impl Vault for Signing {
    fn new_key(&self, _: &str) -> Vec<u8> {
        Vec::new()
    }

    fn seal(&self, _: &str, _: &[u8], _: &str, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn open(&self, _: &str, _: &[u8], _: &str, _: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        None
    }

    fn sign(&self, message: &[u8]) -> [u8; 32] {
        Sha256::digest([&[self.0], message].concat()).into()
    }
}

const VAULT: Signing = Signing(1);

fn row(seq: i64) -> Row {
    Row {
        seq,
        at: Timestamp::from_seconds(seq),
        kind: "login_refused".to_owned(),
        subject: None,
        actor: String::new(),
        reference: None,
        detail: "bad_credentials".to_owned(),
        origin: None,
        remark: None,
    }
}

fn chained(count: i64) -> (Vec<(Row, Link)>, Mark) {
    let mut before = NOTHING;
    let rows: Vec<_> = (1..=count)
        .map(|seq| {
            before = row(seq).link(&before);
            (row(seq), before)
        })
        .collect();
    let head = Mark::sign(End::Head, count, before, Timestamp::from_seconds(count), &VAULT);
    (rows, head)
}

fn verify(rows: &[(Row, Link)], anchor: Option<&Mark>, head: &Mark, kept: &[Mark]) -> Result<Whole, Break> {
    let mut walk = Walk::begin(anchor, kept.to_vec(), &VAULT)?;
    rows.iter().try_for_each(|(row, link)| walk.step(row, link))?;
    walk.end(Some(head), &VAULT)
}

#[test]
fn a_chain_that_nobody_touched_is_whole() {
    let (rows, head) = chained(5);
    let whole = verify(&rows, None, &head, std::slice::from_ref(&head)).expect("whole");
    assert_eq!((whole.rows, whole.first, whole.last, whole.compared), (5, 1, 5, 1));
}

#[test]
fn what_was_taken_out_is_named() {
    let (rows, head) = chained(5);
    assert_eq!(
        verify(&[&rows[..2], &rows[3..]].concat(), None, &head, &[]),
        Err(Break::Gone { first: 3, last: 3 })
    );
    assert_eq!(
        verify(&rows[..3], None, &head, &[]),
        Err(Break::Gone { first: 4, last: 5 })
    );
    assert_eq!(
        verify(&rows[2..], None, &head, &[]),
        Err(Break::Gone { first: 1, last: 2 })
    );
}

#[test]
fn what_was_changed_is_named_also_if_its_digest_was_changed_with_it() {
    let (mut rows, head) = chained(5);
    "good_credentials".clone_into(&mut rows[2].0.detail);
    assert_eq!(verify(&rows, None, &head, &[]), Err(Break::Altered { seq: 3 }));
    rows[2].1 = rows[2].0.link(&rows[1].1);
    assert_eq!(verify(&rows, None, &head, &[]), Err(Break::Altered { seq: 4 }));
    for at in 3..5 {
        rows[at].1 = rows[at].0.link(&rows[at - 1].1);
    }
    assert_eq!(verify(&rows, None, &head, &[]), Err(Break::Rewritten { seq: 5 }));
    let forged = Mark::sign(End::Head, 5, rows[4].1, head.at, &Signing(2));
    assert_eq!(verify(&rows, None, &forged, &[]), Err(Break::HeadForged));
    // Whoever has the keys, too, is found by a head that was kept elsewhere.
    let signed = Mark::sign(End::Head, 5, rows[4].1, head.at, &VAULT);
    assert!(verify(&rows, None, &signed, &[]).is_ok());
    assert_eq!(
        verify(&rows, None, &signed, &[head]),
        Err(Break::OtherHistory { seq: 5 })
    );
}

#[test]
fn a_row_behind_the_head_is_named() {
    let (rows, head) = chained(4);
    let more = row(5);
    let link = more.link(&rows[3].1);
    let rows = [rows, vec![(more, link)]].concat();
    assert_eq!(verify(&rows, None, &head, &[]), Err(Break::Added { seq: 5 }));
}

#[test]
fn an_older_copy_is_found_by_a_head_that_was_kept() {
    let ((_, kept), (rows, head)) = (chained(7), chained(5));
    assert_eq!(
        verify(&rows, None, &head, &[kept]),
        Err(Break::RolledBack { kept: 7, last: 5 })
    );
}

#[test]
fn what_retention_cut_is_vouched_for_by_the_anchor() {
    let (rows, head) = chained(5);
    let anchor = Mark::sign(End::Anchor, 2, rows[1].1, head.at, &VAULT);
    let old = Mark::sign(End::Head, 1, rows[0].1, head.at, &VAULT);
    let same = Mark::sign(End::Head, 2, rows[1].1, head.at, &VAULT);
    let whole = verify(&rows[2..], Some(&anchor), &head, &[old, same]).expect("whole");
    assert_eq!((whole.rows, whole.first, whole.too_old, whole.compared), (3, 3, 1, 1));
    let forged = Mark::sign(End::Anchor, 2, rows[1].1, head.at, &Signing(2));
    assert_eq!(verify(&rows[2..], Some(&forged), &head, &[]), Err(Break::AnchorForged));
    // A head is no anchor.
    let head_as_anchor = Mark::sign(End::Head, 2, rows[1].1, head.at, &VAULT);
    assert_eq!(
        verify(&rows[2..], Some(&head_as_anchor), &head, &[]),
        Err(Break::AnchorForged)
    );
}

#[test]
fn heads_are_read_wherever_they_stand() {
    let (_, head) = chained(3);
    let text = format!("<109>1 2026-11-26T12:00:00Z host librechat-auth - - - {head}\nand more\n> {head} (mailed)\n");
    assert_eq!(Mark::read_heads(&text), [head.clone(), head.clone()]);
    let wrapped = format!("> Hello,\n> {}\n", head.to_string().replace(' ', "\n> "));
    assert_eq!(Mark::read_heads(&wrapped), std::slice::from_ref(&head));
    let line = head.to_string();
    for bad in [
        &line[..line.len() - 1],
        &line[4..],
        "",
        &line.replace("seq=3", "seq=-3"),
    ] {
        assert_eq!(Mark::read_heads(bad), [], "{bad}");
    }
}

fn any_sealed() -> impl Strategy<Value = Option<Sealed>> {
    prop::option::of((any::<i64>(), prop::collection::vec(any::<u8>(), 0..40)))
        .prop_map(|sealed| sealed.map(|(key, bytes)| Sealed { key, bytes }))
}

fn any_row() -> impl Strategy<Value = Row> {
    let text = "[a-z|\\PC]{0,6}";
    (
        (1..4_i64, 0..3_i64),
        (text, prop::option::of(text), text, prop::option::of(text), text),
        (any_sealed(), any_sealed()),
    )
        .prop_map(
            |((seq, at), (kind, subject, actor, reference, detail), (origin, remark))| Row {
                seq,
                at: Timestamp::from_millis(at),
                kind,
                subject,
                actor,
                reference,
                detail,
                origin,
                remark,
            },
        )
}

proptest! {
    #[test]
    fn two_rows_have_the_same_bytes_only_if_they_are_the_same(one in any_row(), other in any_row()) {
        prop_assert_eq!(one == other, one.canonical() == other.canonical());
    }

    #[test]
    fn text_that_moves_from_field_to_field_changes_the_bytes(row in any_row(), cut in 0..12_usize) {
        let joined: Vec<char> = row.actor.chars().chain(row.detail.chars()).collect();
        let cut = cut.min(joined.len());
        let moved = Row {
            actor: joined[..cut].iter().collect(),
            detail: joined[cut..].iter().collect(),
            ..row.clone()
        };
        prop_assert_eq!(moved == row, moved.canonical() == row.canonical());
        prop_assert_eq!(moved == row, moved.link(&NOTHING) == row.link(&NOTHING));
    }

    #[test]
    fn a_head_reads_back(seq in 0..i64::MAX, at in any::<i64>(), link: [u8; 32]) {
        let head = Mark::sign(End::Head, seq, link, Timestamp::from_millis(at), &VAULT);
        prop_assert_eq!(Mark::read_heads(&head.to_string()), vec![head]);
    }
}
