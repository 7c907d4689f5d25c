//! `/avatars/…`: pictures of people, made by us from what their providers have. They are served so that nothing but a
//! picture can come of them.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::web::assets::matches;
use crate::web::pages::error;
use crate::web::{Web, reply};

/// Another picture has another address; a day later it is asked whether this one is still there.
const CACHE: &str = "private, max-age=86400";

/// `GET /avatars/{name}.png`
pub async fn serve(web: Data<Web>, req: HttpRequest, name: Path<String>) -> HttpResponse {
    match web.app.picture(&name).await {
        Ok(Some(body)) => picture(&req, &name, body),
        Ok(None) => error::not_found(web, req).await,
        Err(failure) => reply::failed(&failure),
    }
}

fn picture(req: &HttpRequest, name: &str, body: Vec<u8>) -> HttpResponse {
    let tag = format!("\"{name}\"");
    let asked = req.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = asked.is_some_and(|asked| matches(asked, &tag));
    let status = if is_known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, CACHE))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        // LibreChat's client may be at another address.
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .insert_header((ETAG, tag));
    if is_known {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, "image/png")).body(body)
}
