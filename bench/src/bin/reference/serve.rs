//! The bare server: actix-web and four handlers.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::AUTHORIZATION;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result};
use askama::Template;
use rusqlite::Connection;
use serde_json::json;
use tokio::sync::oneshot;

use crate::Serve;
use crate::sessions::{self, Job, User};
use crate::tokens::{self, Access, Key, Refresh};

/// What one worker owns.
struct Worker {
    reader: RefCell<Connection>,
    access: Key,
    refresh: Key,
    writer: Sender<Job>,
}

/// Serves until killed.
pub fn run(options: &Serve) -> Result<()> {
    let writer = sessions::writer(options).context("cannot open the database")?;
    let factory = {
        let options = options.clone();
        move || {
            let worker = Rc::new(Worker {
                reader: RefCell::new(sessions::reader(&options).expect("the writer could open the same file")),
                access: Key::new(&options.jwt_secret),
                refresh: Key::new(&options.jwt_refresh_secret),
                writer: writer.clone(),
            });
            App::new()
                .app_data(worker)
                .route("/", web::get().to(hello))
                .route("/session", web::get().to(session))
                .route("/page", web::get().to(page))
                .route("/refresh", web::post().to(refresh))
        }
    };
    let server = HttpServer::new(factory)
        .workers(options.workers)
        .bind(("127.0.0.1", options.port))?;
    actix_web::rt::System::new().block_on(server.run())?;
    Ok(())
}

async fn hello() -> &'static str {
    "Hello world!"
}

async fn session(request: HttpRequest) -> HttpResponse {
    match owner(&request) {
        Some(user) => HttpResponse::Ok().json(described(&user)),
        None => HttpResponse::Unauthorized().finish(),
    }
}

fn owner(request: &HttpRequest) -> Option<User> {
    let worker = request.app_data::<Rc<Worker>>()?;
    let token = request
        .headers()
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")?;
    let claims: Access = worker.access.read(token)?;
    sessions::look_up(&worker.reader.borrow(), claims.sid.parse().ok()?, now()).ok()?
}

async fn refresh(request: HttpRequest) -> HttpResponse {
    rotated(&request)
        .await
        .unwrap_or_else(|| HttpResponse::Forbidden().finish())
}

async fn rotated(request: &HttpRequest) -> Option<HttpResponse> {
    let worker = request.app_data::<Rc<Worker>>()?;
    let cookie = request.cookie("refreshToken")?;
    let claims: Refresh = worker.refresh.read(cookie.value())?;
    let old = tokens::digest(cookie.value());
    let successor = worker.refresh.sign(&tokens::successor(&claims, &old));
    let (answer, written) = oneshot::channel();
    let session = claims.session.parse().ok()?;
    worker
        .writer
        .send(Job {
            session,
            old,
            new: tokens::digest(&successor),
            now: now(),
            answer,
        })
        .ok()?;
    let user = written.await.ok()??;
    let access = worker
        .access
        .sign(&tokens::access(user.id.clone(), user.email.clone(), claims.session));
    Some(
        HttpResponse::Ok()
            .append_header((
                "Set-Cookie",
                format!("refreshToken={successor}; Path=/; HttpOnly; SameSite=Strict"),
            ))
            .append_header((
                "Set-Cookie",
                "token_provider=librechat; Path=/; HttpOnly; SameSite=Strict",
            ))
            .json(json!({ "token": access, "user": described(&user) })),
    )
}

fn described(user: &User) -> serde_json::Value {
    json!({ "_id": user.id, "id": user.id, "email": user.email, "name": user.name, "role": user.role, "provider": "local" })
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    title: &'static str,
    csrf: String,
}

async fn page() -> HttpResponse {
    // As many characters as an HMAC in base64url, and different for each visitor.
    let csrf = format!("{:043x}", now());
    match (Page {
        title: "LibreChat",
        csrf,
    })
    .render()
    {
        Ok(html) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// Milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "a bare reference asks the system")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
