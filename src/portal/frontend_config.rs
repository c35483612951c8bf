//! What a front end is told before anybody signed in: `/frontend/config`, and
//! the operator's logo.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::parts::PortalParts;
use crate::domain::picture::Picture;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;

const LOGO: &str = "/frontend/logo";
const PICTURE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// What a front end is told. Public, so it holds nothing secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "app_name": "Gatelodge",
    "api_base_url": null,
    "oidc_authority": "https://sso.example.org/realms/main",
    "oidc_client_id": "gatelodge",
    "oidc_redirect_uri": null,
    "docs_html": null,
    "api_docs_path": "/docs",
    "logo_url": "/frontend/logo?v=5f0c1d9e7a3b2846",
    "accent_color": "#2b6a5f",
    "languages": ["en", "de"]
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
    /// Where the operator's logo is, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    logo_url: Option<String>,
    /// The operator's colour: `#rgb` or `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    accent_color: Option<&'c str>,
    /// The languages to offer, the first for whoever speaks none of them; all, if left out.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    languages: &'c [String],
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
        // Another picture has another address, whatever a browser has kept.
        logo_url: options
            .logo
            .as_ref()
            .map(|logo| format!("{LOGO}?v={}", tag(logo))),
        accent_color: options.accent_color.as_deref(),
        languages: &options.languages,
    })
}

/// The operator's logo.
#[utoipa::path(
    get, path = "/frontend/logo", operation_id = "frontend_logo", tag = "frontend",
    security(()),
    responses(
        (status = 200, description = "The picture: SVG, PNG, JPEG or WebP", content_type = "image/*", body = Vec<u8>),
        (status = 404, description = "The operator has set none"),
    ),
)]
pub(super) async fn logo(parts: web::Data<PortalParts>) -> Result<HttpResponse, Problem> {
    let picture = parts.options.frontend.logo.as_ref();
    let picture = picture
        .ok_or_else(|| Problem::new(ProblemType::NotFound, "the operator has set no logo"))?;
    Ok(HttpResponse::Ok()
        .content_type(picture.media_type())
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .insert_header((header::ETAG, format!("\"{}\"", tag(picture))))
        // Opened by itself, an SVG is a document: it may draw and no more.
        .insert_header((header::CONTENT_SECURITY_POLICY, PICTURE_POLICY))
        .body(Bytes::copy_from_slice(picture.bytes())))
}

fn tag(picture: &Picture) -> String {
    blake3::hash(picture.bytes()).to_hex()[..16].to_owned()
}
