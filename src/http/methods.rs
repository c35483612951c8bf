//! Paths with their methods: a method that a path lacks is answered with those
//! that it has (RFC 9110, section 15.5.6).

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, Resource, ResponseError as _, Route, guard, web};

use super::problem::Problem;
use super::problem_type::ProblemType;

/// A path that answers to these methods; to `HEAD` wherever it does to `GET`.
/// The routes have no guard of their own: the methods are set here.
pub fn resource(path: &str, routes: Vec<(Method, Route)>) -> Resource {
    let mut allow = Vec::new();
    let mut resource = web::resource(path.to_owned());
    for (method, route) in routes {
        allow.push(method.as_str().to_owned());
        let route = if method == Method::GET {
            allow.push(Method::HEAD.as_str().to_owned());
            route.guard(guard::Any(guard::Get()).or(guard::Head()))
        } else {
            route.guard(guard::Method(method))
        };
        resource = resource.route(route);
    }
    let allow = allow.join(", ");
    resource.default_service(web::to(move || {
        let answer = not_allowed(&allow);
        async move { answer }
    }))
}

/// The answer that lists what is allowed.
pub fn not_allowed(allow: &str) -> HttpResponse {
    let detail = format!("the methods of this path are {allow}");
    let mut answer = Problem::new(ProblemType::MethodNotAllowed, detail).error_response();
    if let Ok(allow) = HeaderValue::from_str(allow) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// The answer to a path that nobody knows.
pub async fn unknown_path() -> HttpResponse {
    Problem::new(ProblemType::NotFound, "there is no such path").error_response()
}
