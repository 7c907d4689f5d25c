//! What goes in comes out, and nothing else gets in.

use std::fs;
use std::path::Path;

use flate2::write::GzEncoder;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn about() -> About {
    About {
        version: "0.1.0",
        made_at: Timestamp::from_seconds(1_700_000_000),
        schema: 4,
        key: "abc".to_owned(),
        elsewhere: vec!["server.port (environment)".to_owned()],
    }
}

fn piece(name: &'static str, text: &str) -> Piece {
    Piece {
        name,
        content: Content::Text(Secret::new(text)),
    }
}

fn packed() -> Vec<u8> {
    let pieces = [piece(DATABASE, &"pages ".repeat(50_000)), piece(SECRETS, "KEY=1\n")];
    pack(Vec::new(), about(), &pieces).expect("packed").0
}

/// An archive of these entries behind a manifest that announces the usual two.
fn with_entries(add: impl FnOnce(&mut Builder<GzEncoder<Vec<u8>>>)) -> Vec<u8> {
    let (_, manifest) = pack(Vec::new(), about(), &[piece(DATABASE, "db"), piece(SECRETS, "KEY=1\n")]).expect("packed");
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let text = serde_json::to_vec(&manifest).expect("JSON");
    append(
        &mut archive,
        MANIFEST,
        text.len() as u64,
        text.as_slice(),
        about().made_at,
    )
    .expect("appended");
    add(&mut archive);
    archive.into_inner().expect("ended").finish().expect("compressed")
}

fn entry(archive: &mut Builder<GzEncoder<Vec<u8>>>, name: &str, kind: EntryType, content: &str) {
    let mut header = Header::new_ustar();
    let bytes = name.as_bytes();
    header.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
    header.set_entry_type(kind);
    if kind == EntryType::Symlink || kind == EntryType::Link {
        header.set_link_name("/etc/passwd").expect("a target");
    }
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    archive.append(&header, content.as_bytes()).expect("appended");
}

fn refused(bytes: &[u8]) -> (ArchiveError, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let inner = dir.path().join("inner");
    fs::create_dir(&inner).expect("made");
    let error = unpack(bytes, Some(&inner)).expect_err("refused");
    assert!(unpack(bytes, None).is_err(), "checked and written alike");
    (error, dir)
}

fn files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder").flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn parts_come_out_as_they_went_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let manifest = unpack(packed().as_slice(), Some(dir.path())).expect("unpacked");
    assert_eq!((manifest.schema, manifest.key.as_str()), (4, "abc"));
    assert_eq!(manifest.made_at(), about().made_at);
    let database = fs::read_to_string(dir.path().join(DATABASE)).expect("there");
    assert_eq!(database, "pages ".repeat(50_000));
    assert_eq!(fs::read_to_string(dir.path().join(SECRETS)).expect("there"), "KEY=1\n");
}

#[test]
fn an_archive_is_an_ordinary_tar_archive() {
    let bytes = packed();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let names: Vec<_> = archive
        .entries()
        .expect("entries")
        .map(|entry| entry.expect("an entry").path().expect("a name").display().to_string())
        .collect();
    assert_eq!(names, [MANIFEST, DATABASE, SECRETS]);
}

#[test]
fn names_and_kinds_that_are_not_ours_are_refused_and_nothing_is_written() {
    for name in [
        "../escaped",
        "/tmp/escaped",
        "inner/../../escaped",
        "./librechat-auth.db",
        "authorized_keys",
    ] {
        let bytes = with_entries(|archive| entry(archive, name, EntryType::Regular, "evil"));
        let (error, dir) = refused(&bytes);
        assert!(
            matches!(&error, ArchiveError::Stranger(found) if found == name),
            "{error}"
        );
        assert_eq!(files(dir.path()), ["inner"]);
        assert_eq!(files(&dir.path().join("inner")), Vec::<String>::new());
    }
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Char,
        EntryType::Fifo,
        EntryType::GNULongName,
        EntryType::XHeader,
        EntryType::GNUSparse,
    ] {
        let bytes = with_entries(|archive| entry(archive, DATABASE, kind, ""));
        let (error, dir) = refused(&bytes);
        assert!(matches!(error, ArchiveError::Stranger(_)), "{kind:?}: {error}");
        assert_eq!(files(&dir.path().join("inner")), Vec::<String>::new());
    }
}

#[test]
fn parts_that_are_missing_doubled_or_other_than_announced_are_noticed() {
    let says = |add: fn(&mut Builder<GzEncoder<Vec<u8>>>)| refused(&with_entries(add)).0.to_string();
    assert!(says(|archive| entry(archive, DATABASE, EntryType::Regular, "db")).contains("secrets.env is missing"));
    let twice = says(|archive| {
        entry(archive, DATABASE, EntryType::Regular, "db");
        entry(archive, DATABASE, EntryType::Regular, "db");
    });
    assert!(twice.contains("belongs to no backup"), "{twice}");
    let changed = says(|archive| entry(archive, DATABASE, EntryType::Regular, "DB"));
    assert!(changed.contains("librechat-auth.db was changed"), "{changed}");
    let longer = says(|archive| entry(archive, DATABASE, EntryType::Regular, "db and more"));
    assert!(longer.contains("another length"), "{longer}");
}

/// An archive whose manifest says this.
fn with_manifest(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let (_, manifest) = pack(Vec::new(), about(), &[piece(DATABASE, "db"), piece(SECRETS, "KEY=1\n")]).expect("packed");
    let mut json = serde_json::to_value(manifest).expect("JSON");
    change(&mut json);
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let text = json.to_string();
    append(
        &mut archive,
        MANIFEST,
        text.len() as u64,
        text.as_bytes(),
        about().made_at,
    )
    .expect("appended");
    entry(&mut archive, DATABASE, EntryType::Regular, "db");
    entry(&mut archive, SECRETS, EntryType::Regular, "KEY=1\n");
    archive.into_inner().expect("ended").finish().expect("compressed")
}

#[test]
fn manifests_of_others_of_later_times_and_of_liars_are_refused() {
    let says = |change: fn(&mut serde_json::Value)| refused(&with_manifest(change)).0.to_string();
    assert!(unpack(with_manifest(|_| {}).as_slice(), None).is_ok());
    assert!(says(|json| json["program"] = "other".into()).contains("no backup of this program"));
    let newer = says(|json| {
        json["format"] = 2.into();
        json["version"] = "9.9\u{1b}[2J".into();
        json["parts"] = "something else".into();
    });
    assert!(newer.contains("version 9.9[2J of the program"), "{newer}");
    assert!(says(|json| json["parts"][0]["name"] = "../../etc/cron.d/evil".into()).contains("belongs to no backup"));
    assert!(says(|json| json["parts"][1]["bytes"] = 10_000_000.into()).contains("odd things of secrets.env"));
    assert!(says(|json| json["parts"][1]["name"] = DATABASE.into()).contains("odd things"));
    assert!(says(|json| json["parts"] = serde_json::json!([])).contains("librechat-auth.db is missing"));
    assert!(says(|json| json["schema"] = "four".into()).contains("its manifest"));
    let huge = with_manifest(|json| json["parts"][0]["bytes"] = (1_u64 << 62).into());
    assert!(matches!(refused(&huge).0, ArchiveError::NoRoom { .. }));
}

#[test]
fn whatever_is_cut_off_or_added_is_noticed() {
    let bytes = packed();
    for at in [0, 1, 10, bytes.len() / 2, bytes.len() - 9, bytes.len() - 1] {
        assert!(unpack(&bytes[..at], None).is_err(), "cut at {at}");
    }
    let longer = [bytes.as_slice(), b"more"].concat();
    let error = unpack(longer.as_slice(), None).expect_err("refused").to_string();
    assert!(error.contains("goes on after its end"), "{error}");
}

#[test]
fn other_files_are_no_backups() {
    for other in [&b"SQLite format 3\0 and so on"[..], b"", &[0; 4096]] {
        assert!(matches!(unpack(other, None), Err(ArchiveError::NotOurs)), "{other:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_changed_byte_changes_what_comes_out(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let bytes = packed();
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= flip;
        // Some bytes of the container, such as its time stamp, mean nothing.
        if let Ok(manifest) = unpack(changed.as_slice(), None) {
            prop_assert_eq!(manifest, unpack(bytes.as_slice(), None).expect("sound"));
        }
    }

    #[test]
    fn rubbish_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut compressed = GzEncoder::new(Vec::new(), Compression::fast());
        compressed.write_all(&bytes).expect("written");
        prop_assert!(unpack(compressed.finish().expect("compressed").as_slice(), None).is_err());
        prop_assert!(unpack(bytes.as_slice(), None).is_err());
    }
}
