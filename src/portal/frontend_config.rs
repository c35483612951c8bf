//! What a front end is told before anybody signed in: `/frontend/config`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::parts::PortalParts;

/// What a front end is told. Public, so it holds nothing secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "app_name": "Gatelodge",
    "api_base_url": null,
    "oidc_authority": "https://sso.example.org/realms/main",
    "oidc_client_id": "gatelodge",
    "oidc_redirect_uri": null,
    "docs_html": null,
    "api_docs_path": "/docs"
}))]
pub(super) struct FrontendConfig<'c> {
    /// What to call the service.
    app_name: &'c str,
    /// Where the API is, if not where the page came from.
    #[schema(required)]
    api_base_url: Option<&'c str>,
    /// The issuer to sign in with.
    #[schema(required)]
    oidc_authority: Option<&'c str>,
    /// The client that the front end is to that issuer.
    #[schema(required)]
    oidc_client_id: Option<&'c str>,
    /// Where the issuer sends people back to.
    #[schema(required)]
    oidc_redirect_uri: Option<&'c str>,
    /// The operator's own words, as HTML; to be sanitised before it is shown.
    #[schema(required)]
    docs_html: Option<&'c str>,
    /// Where this documentation is.
    api_docs_path: &'c str,
}

/// What a front end needs to begin.
#[utoipa::path(
    get, path = "/frontend/config", operation_id = "frontend_config", tag = "frontend",
    security(()),
    responses((status = 200, description = "The settings", body = FrontendConfig<'_>)),
)]
pub(super) async fn show(parts: web::Data<PortalParts>) -> HttpResponse {
    let options = &parts.options.frontend;
    HttpResponse::Ok().json(FrontendConfig {
        app_name: &options.app_name,
        api_base_url: options.api_base_url.as_deref(),
        oidc_authority: options.oidc_authority.as_deref(),
        oidc_client_id: options.oidc_client_id.as_deref(),
        oidc_redirect_uri: options.oidc_redirect_uri.as_deref(),
        docs_html: options.docs_html.as_deref(),
        api_docs_path: &options.api_docs_path,
    })
}
