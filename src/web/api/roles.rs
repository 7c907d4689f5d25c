//! `GET /api/roles/:name`: LibreChat's client unlocks its screens by what a role permits there. This server grants every
//! permission of a plain LibreChat; what a role may do *here* is decided in `domain`.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde_json::{Value, json};

use crate::domain::account::Role;
use crate::domain::api_key::Need;
use crate::domain::refusal::Refusal;
use crate::web::Web;
use crate::web::api::anybody;
use crate::web::reply::{self, Reply};

/// `GET /api/roles/:name`: one's own role, or any for an admin.
///
/// # Errors
/// 401 without a valid access token; 403 for somebody else's role; 404 for what is no role name.
pub async fn show(web: Data<Web>, req: HttpRequest, name: Path<String>) -> Reply {
    let who = anybody(&req, &web, Need::ApiRead).await?;
    let role = Role::parse(&name).map_err(|_| Refusal::NotFound)?;
    if role != who.account.role && !who.account.role.is_admin() {
        return Err(Refusal::Forbidden.into());
    }
    let body = json!({ "name": role.as_str(), "permissions": permissions(role.is_admin()) });
    Ok(reply::ok(&body))
}

/// LibreChat's permission groups; sharing with everybody is for admins.
fn permissions(admin: bool) -> Value {
    json!({
        "PROMPTS": { "SHARED_GLOBAL": admin, "USE": true, "CREATE": true },
        "BOOKMARKS": { "USE": true },
        "MEMORIES": { "USE": true, "CREATE": true, "UPDATE": true, "READ": true, "OPT_OUT": true },
        "AGENTS": { "SHARED_GLOBAL": admin, "USE": true, "CREATE": true },
        "MULTI_CONVO": { "USE": true },
        "TEMPORARY_CHAT": { "USE": true },
        "RUN_CODE": { "USE": true },
        "WEB_SEARCH": { "USE": true },
        "FILE_SEARCH": { "USE": true },
        "FILE_CITATIONS": { "USE": true },
        "PEOPLE_PICKER": { "VIEW_USERS": admin, "VIEW_GROUPS": admin, "VIEW_ROLES": admin },
        "MARKETPLACE": { "USE": admin },
        "MCP_SERVERS": { "SHARED_GLOBAL": admin, "USE": true, "CREATE": admin },
    })
}
