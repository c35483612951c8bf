//! As much of a browser as signing in takes: it keeps cookies, fills in forms,
//! and follows where it is sent, one step at a time.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use url::{Url, form_urlencoded};

use super::lodge::Answer;

/// More steps than any journey has.
const STEPS_MAX: usize = 20;

/// A browser. Like all of them it sends the cookies of a host to all its ports.
#[derive(Clone)]
pub struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    /// Where it is.
    pub at: Url,
    /// What it sees.
    pub sees: Answer,
}

impl Browser {
    /// One that was nowhere yet.
    pub fn new() -> Self {
        Self {
            http: http(),
            cookies: BTreeMap::new(),
            at: "about:blank".parse().unwrap(),
            sees: Answer {
                status: 0,
                headers: HeaderMap::new(),
                body: String::new(),
            },
        }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Forgets a cookie.
    pub fn forget(&mut self, name: &str) {
        self.cookies.remove(name);
    }

    /// Opens an address, and follows nothing.
    pub async fn open(&mut self, address: &str) -> &Answer {
        let url = self.at.join(address);
        let url = url.unwrap_or_else(|_| address.parse().unwrap());
        let request = self.http.get(url.clone());
        self.send(url, request).await
    }

    /// Where the answer sends it to.
    pub fn is_sent_to(&self) -> Option<Url> {
        let location = self.sees.headers.get(LOCATION)?.to_str().ok()?;
        self.at.join(location).ok()
    }

    /// Opens an address, and follows until nothing sends it on, or on to where
    /// `until` says to stop: then it stands before that step.
    pub async fn follow_until(&mut self, address: &str, until: impl Fn(&Url) -> bool) {
        self.open(address).await;
        self.go_on_until(until).await;
    }

    /// The same from where it is.
    pub async fn go_on_until(&mut self, until: impl Fn(&Url) -> bool) {
        for _ in 0..STEPS_MAX {
            match self.is_sent_to() {
                Some(next) if !until(&next) => {
                    self.open(next.as_str()).await;
                }
                _ => return,
            }
        }
        panic!("it goes round in circles at {}", self.at);
    }

    /// Fills in the form that it sees: its hidden fields, and these.
    pub async fn submit(&mut self, fields: &[(&str, &str)]) -> &Answer {
        let action = attribute(&self.sees.body, "action");
        let action = action.unwrap_or_else(|| panic!("no form at {}: {:?}", self.at, self.sees));
        let url = self.at.join(&action).unwrap();
        let mut form = form_urlencoded::Serializer::new(String::new());
        for input in self.sees.body.split("<input").skip(1) {
            let input = input.split('>').next().unwrap_or_default();
            if attribute(input, "type").as_deref() == Some("hidden") {
                let name = attribute(input, "name").unwrap_or_default();
                form.append_pair(&name, &attribute(input, "value").unwrap_or_default());
            }
        }
        form.extend_pairs(fields);
        let request = self
            .http
            .post(url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        self.send(url, request).await
    }

    /// Sends what a page of the place where it is would send.
    pub async fn call(&mut self, method: &str, path: &str, csrf: &str) -> Answer {
        let url = self.at.join(path).unwrap();
        let request = self
            .http
            .request(method.parse().unwrap(), url.clone())
            .header("origin", url.origin().ascii_serialization())
            .header("x-csrf-token", csrf);
        let (at, sees) = (self.at.clone(), self.sees.clone());
        self.send(url, request).await;
        self.at = at;
        std::mem::replace(&mut self.sees, sees)
    }

    async fn send(&mut self, url: Url, request: reqwest::RequestBuilder) -> &Answer {
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let answer = request.header(COOKIE, pairs.join("; ")).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{url} does not answer: {error}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for field in headers.get_all(SET_COOKIE) {
            self.keep(field.to_str().unwrap());
        }
        let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        self.at = url;
        self.sees = Answer {
            status,
            headers,
            body,
        };
        &self.sees
    }

    fn keep(&mut self, field: &str) {
        let (name, rest) = field.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap_or_default();
        if value.is_empty()
            || field.contains("Max-Age=0")
            || field.contains("expires=Thu, 01 Jan 1970")
        {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The value of an attribute of the first element that has it.
fn attribute(html: &str, name: &str) -> Option<String> {
    let rest = html.split_once(&format!("{name}=\""))?.1;
    let value = rest.split('"').next()?;
    Some(value.replace("&amp;", "&"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client of tests, not of the product"
)]
fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(20))
        .build()
        .unwrap()
}
