//! Tests of the administration: accounts in a file, out and in.

use librechat_auth::domain::account::Role;
use serde_json::{Value, json};

use super::kit::{ask, post};
use crate::support::{Answer, PASSWORD, Person, Site, credentials};

const IMPORT: &str = "/api/admin/users/import";

fn send(person: &Person, path: &str, file: &str) -> Answer {
    let request = person.client.request("POST", path).bearer(&person.token);
    request.body("text/csv", file.as_bytes().to_vec()).send()
}

/// Says what a file would do, and does it.
fn import(person: &Person, file: &str) -> Value {
    let said = send(person, IMPORT, file);
    assert_eq!(said.status, 200, "{said:?}");
    let digest = said.json()["digest"].as_str().expect("a digest").to_owned();
    let done = send(person, &format!("{IMPORT}?digest={digest}"), file);
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(done.json(), said.json(), "what was said is what was done");
    done.json()
}

fn counts(plan: &Value) -> [u64; 4] {
    ["new", "changed", "unchanged", "refused"].map(|key| plan[key].as_u64().expect("a number"))
}

#[test]
fn what_is_exported_changes_nothing_when_it_is_imported_again_and_makes_the_same_elsewhere() {
    let site = Site::start();
    let root = site.admin();
    for name in ["ada", "'bob", "=cyd", "eve"] {
        let body =
            json!({ "email": format!("{name}@example.org"), "name": format!("=1+{name}, \"x\""), "role": "Team lead" });
        assert_eq!(ask(&root, "POST", "/api/admin/users", &body).status, 201, "{name}");
    }
    let all = json!({ "action": "add_to_group", "value": "family", "matching": {} });
    assert_eq!(ask(&root, "POST", "/api/admin/users/bulk", &all).status, 200);
    let eve = json!({ "action": "disable", "matching": { "q": "eve" } });
    assert_eq!(ask(&root, "POST", "/api/admin/users/bulk", &eve).json()["done"], 1);
    for format in ["csv", "json"] {
        let path = format!("/api/admin/users/export?format={format}");
        let file = ask(&root, "GET", &path, &Value::Null).text().to_owned();
        assert!(!file.contains("argon2"), "{file}");
        assert!(format == "json" || !file.contains("\"=1"), "no formulas: {file}");
        assert_eq!(counts(&import(&root, &file)), [0, 0, 5, 0], "{format}: {file}");
        let other = Site::start();
        let root_there = other.admin();
        let plan = import(&root_there, &file);
        // The other root has an id of its own.
        assert_eq!(counts(&plan), [4, 0, 0, 1], "{format}: {plan}");
        let again = ask(&root_there, "GET", &path, &Value::Null).text().to_owned();
        let lines = |file: &str| -> Vec<String> {
            let mut lines: Vec<String> = file
                .lines()
                .filter(|line| !line.contains("root@"))
                .map(str::to_owned)
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(&again), lines(&file), "{format}");
        assert_eq!(counts(&import(&root_there, &file)), [0, 0, 4, 1], "{format}");
    }
}

#[test]
fn each_row_is_told_with_its_line_and_its_reason() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    let file = "email,name,role,groups,disabled,password_hash\n\
                ada@example.org,Countess,Team lead,b;a,true,\n\
                new@example.org,New One,USER,,,\n\
                nobody,No One,,,,\n\
                new@example.org,Twice,USER,,,\n\
                root@example.org,Root,USER,,,\n\
                bad@example.org,Bad,USER,,,secret\n";
    let plan = import(&root, file);
    assert_eq!(counts(&plan), [1, 1, 0, 4]);
    let rows = plan["rows"].as_array().expect("rows");
    let told: Vec<(u64, &str)> = rows
        .iter()
        .map(|row| {
            (
                row["line"].as_u64().expect("a line"),
                row["fate"].as_str().expect("a fate"),
            )
        })
        .collect();
    let fates = ["changed", "new", "refused", "refused", "refused", "refused"];
    assert_eq!(told, (2..).zip(fates).collect::<Vec<_>>());
    assert!(rows[2]["reason"].as_str().expect("why").contains("address"));
    assert!(rows[3]["reason"].as_str().expect("why").contains("row 3"));
    assert!(rows[4]["reason"].as_str().expect("why").contains("administrator"));
    assert!(rows[5]["reason"].as_str().expect("why").contains("hash"));
    let ada = site.account("ada").expect("there");
    assert_eq!(
        (ada.name.as_str(), ada.is_disabled(), ada.groups.len()),
        ("Countess", true, 2)
    );
    assert!(root.account(&site).role.is_admin());
}

#[test]
fn librechats_users_come_with_their_passwords_and_nobodys_password_is_replaced() {
    let site = Site::start();
    let root = site.admin();
    site.create("ada", Role::User);
    // bcrypt of "correct horse battery", as LibreChat stores it.
    let hash = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
    let file = format!(
        "{{\"_id\":{{\"$oid\":\"6662f0ab01020304050607ff\"}},\"email\":\"new@example.org\",\"emailVerified\":true,\
         \"name\":\"New One\",\"username\":\"\",\"provider\":\"local\",\"role\":\"USER\",\"password\":\"{hash}\",\"__v\":0,\
         \"createdAt\":{{\"$date\":\"2024-06-07T19:20:18.005Z\"}}}}\n\
         {{\"email\":\"ada@example.org\",\"password\":\"{hash}\"}}\n"
    );
    assert_eq!(counts(&import(&root, &file)), [1, 0, 1, 0]);
    let new = site.account("new").expect("there");
    assert_eq!(new.id.to_string(), "6662f0ab01020304050607ff");
    assert_eq!(new.created_at.to_string(), "2024-06-07T19:20:18.005Z");
    assert!(site.run(site.app.has_password(new.key)).expect("known"));
    assert_eq!(
        site.client().post("/api/auth/login", &credentials("ada")).status,
        200,
        "{PASSWORD} still opens"
    );
}

#[test]
fn what_was_not_said_is_not_done() {
    let site = Site::start();
    let root = site.admin();
    let ada = site.create("ada", Role::User);
    let file = "email,name\nada@example.org,Countess\n";
    let said = send(&root, IMPORT, file).json();
    assert_eq!(site.account("ada").expect("there").name, ada.name, "nothing yet");
    let digest = said["digest"].as_str().expect("a digest");
    site.sql("UPDATE users SET name = 'Somebody' WHERE email = 'ada@example.org'");
    let late = send(&root, &format!("{IMPORT}?digest={digest}"), file);
    assert_eq!((late.status, late.json()["changed"].as_u64()), (409, Some(1)));
    let other = send(
        &root,
        &format!("{IMPORT}?digest={digest}"),
        "email,name\nada@example.org,Other\n",
    );
    assert_eq!(other.status, 409);
    assert_eq!(site.account("ada").expect("there").name, "Somebody");
    for bad in ["", "name\nAda\n", "email,emial\na@b.cd,x\n", "[{"] {
        assert_eq!(send(&root, IMPORT, bad).status, 400, "{bad:?}");
    }
    let large = "x".repeat(4 * 1024 * 1024 + 1);
    assert_eq!(send(&root, IMPORT, &large).status, 413);
}

#[test]
fn a_file_is_uploaded_on_the_page_without_a_script() {
    let site = Site::start();
    let root = site.admin();
    let csrf = root.client.get("/admin/users/import").csrf();
    let body = format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--xyz\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"people.csv\"\r\nContent-Type: text/csv\r\n\r\nemail,name\r\nada@example.org,Ada \"L\"\
         \r\n\r\n--xyz--\r\n"
    );
    let upload = |body: &str| {
        let request = root.client.request("POST", "/admin/users/import");
        request
            .body("multipart/form-data; boundary=xyz", body.as_bytes().to_vec())
            .send()
    };
    let said = upload(&body.replace("Ada \"L\"", "Ada Lovelace"));
    assert!(said.says("This would happen") && said.says("1 new"), "{said:?}");
    assert!(site.account("ada").is_none(), "nothing yet");
    let (file, digest) = (
        said.value_of("file").expect("carried"),
        said.value_of("digest").expect("carried"),
    );
    let done = post(&root, "/admin/users/import", &[("file", &file), ("digest", &digest)]);
    assert!(done.says("It is done."), "{done:?}");
    assert_eq!(site.account("ada").expect("there").name, "Ada Lovelace");
    let large = upload(&body.replace("ada@example.org", &"x".repeat(5 * 1024 * 1024)));
    assert_eq!(large.status, 413);
    assert!(large.says("larger than 4 MB"), "{}", large.status);
}
