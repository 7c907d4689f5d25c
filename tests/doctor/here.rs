//! What the doctor finds on the machine, and how the command says it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use librechat_auth::config::{Encryption, Smtp, Transport};
use librechat_auth::domain::doctor::{Finding, Grade, Here};

use super::kit::found;
use crate::cli::kit::Home;
use crate::cli::server::Server;
use crate::support::{Site, days};

fn grade(site: &Site, key: &str) -> Grade {
    found(&site.run(site.app.examine_here()), key).grade()
}

#[test]
fn backups_turn_red_when_the_newest_is_older_than_three_days() {
    let site = Site::start();
    assert_eq!(grade(&site, "backup"), Grade::Fair, "a new server has none");
    site.app.back_up();
    assert_eq!(grade(&site, "backup"), Grade::Good);
    site.clock.advance(days(3));
    assert_eq!(grade(&site, "backup"), Grade::Good);
    site.clock.advance(days(1));
    let report = site.run(site.app.examine_here());
    assert_eq!(found(&report, "backup"), &Finding::Here(Here::BackupOld { days: 4 }));
    assert_eq!(report.worst(), Grade::Bad);
}

#[test]
fn a_backup_that_fails_is_said_with_its_reason() {
    let site = Site::start();
    fs::write(&site.app.config.backups.dir, "in the way").expect("written");
    site.app.back_up();
    let report = site.run(site.app.examine_here());
    assert!(matches!(
        found(&report, "backup"),
        Finding::Here(Here::BackupFailing { reason }) if reason.contains("backups")
    ));
}

#[test]
fn files_that_others_can_read_are_named_with_the_command_against_it() {
    let site = Site::start();
    let data = site.app.config.data_dir.clone();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("set");
    assert_eq!(grade(&site, "files"), Grade::Good);
    let database = data.join("librechat-auth.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).expect("set");
    let report = site.run(site.app.examine_here());
    let finding = found(&report, "files");
    let remedy = finding.remedy(librechat_auth::domain::lang::Lang::En, report.proxy);
    assert_eq!(remedy, Some(format!("chmod 600 {}", database.display())));
}

#[test]
fn a_mail_server_answers_or_not() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let site = Site::with(|config| {
        config.mail.transport = Some(Transport::Smtp(Smtp {
            host: "127.0.0.1".to_owned(),
            port,
            encryption: Encryption::None,
            certificate_name: "127.0.0.1".to_owned(),
            allow_selfsigned: false,
            credentials: None,
        }));
    });
    assert_eq!(grade(&site, "mail"), Grade::Good);
    drop(listener);
    assert_eq!(grade(&site, "mail"), Grade::Bad);
    assert_eq!(grade(&Site::start(), "mail"), Grade::Fair, "not configured");
}

#[test]
fn a_sound_database_is_green() {
    assert_eq!(grade(&Site::start(), "database"), Grade::Good);
}

#[test]
fn the_command_speaks_to_people_and_to_programs_and_fails_on_red() {
    let home = Home::with_people();
    let server = Server::start(&home);
    let url = format!("http://{}", server.address);
    let ended = home.run(&["doctor", "--url", &url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("✘ public_url"), "{ended:?}");
    assert!(
        ended.out.contains(&format!("→ [server] public_url = \"{url}\"")),
        "{ended:?}"
    );
    let mut command = home.command();
    let run = command
        .env("DOMAIN_SERVER", &url)
        .args(["doctor", "--json"])
        .output()
        .expect("it runs");
    let said: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(
        (run.status.code(), &said["worst"]),
        (Some(0), &"yellow".into()),
        "{said}"
    );
    let findings = said["findings"].as_array().expect("a list");
    let checks: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding["check"].as_str())
        .collect();
    assert_eq!(
        checks,
        [
            "name",
            "certificate",
            "answer",
            "public_url",
            "host",
            "address",
            "clock",
            "cookie",
            "forged_address",
            "websockets",
            "header_size",
            "disk",
            "database",
            "mail",
            "backup",
            "files"
        ]
    );
    let without = home.run(&["doctor"]);
    assert!(without.err.contains("add --url URL"), "{without:?}");
    home.run(&["doctor", "--ca", "missing"]).refused(1, "cannot read");
    home.run(&["doctor", "--url", "not an address"]).refused(2, "--url");
}
