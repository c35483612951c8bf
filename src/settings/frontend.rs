//! What a front end is told, and how its pages look.

use super::model::FrontendSettings;
use super::reader::Reader;
use crate::domain::picture::{PICTURE_BYTES_MAX, Picture};

/// What the pages are translated into, as the front end calls it.
const LANGUAGES: [&str; 4] = ["en", "de", "fr", "zh-Hans"];

pub(super) fn frontend(reader: &mut Reader<'_>) -> FrontendSettings {
    let authority = reader.filled("frontend.oidc_authority");
    let html = reader.filled("frontend.docs_html");
    let html_from_file = reader.file("frontend.docs_html_file");
    let api_docs_path = reader.filled("frontend.api_docs_path").unwrap_or_default();
    if !api_docs_path.starts_with('/') || api_docs_path.len() < 2 {
        reader.fault("frontend.api_docs_path", "must be a path such as \"/docs\"");
    }
    FrontendSettings {
        oidc_authority: authority.or_else(|| reader.filled("oauth.issuer_url")),
        oidc_client_id: reader.filled("frontend.oidc_client_id"),
        oidc_redirect_uri: reader.filled("frontend.oidc_redirect_uri"),
        api_base_url: reader.filled("frontend.api_base_url"),
        app_name: reader.filled("frontend.app_name").unwrap_or_default(),
        api_docs_path,
        docs_html: html.or(html_from_file),
        logo: logo(reader),
        accent_color: accent_color(reader),
        languages: languages(reader),
    }
}

/// Read at the start: what is missing or no picture is said then.
fn logo(reader: &mut Reader<'_>) -> Option<Picture> {
    const KEY: &str = "frontend.logo_file";
    let file = reader.path(KEY)?;
    let too_large = |length: u64| length > PICTURE_BYTES_MAX as u64;
    let picture = std::fs::metadata(&file)
        .and_then(|about| {
            if too_large(about.len()) {
                return Err(std::io::Error::other("is larger than 256 KiB"));
            }
            std::fs::read(&file)
        })
        .map_err(|error| error.to_string())
        .and_then(|bytes| Picture::read(&bytes).map_err(|bad| bad.to_string()));
    match picture {
        Ok(picture) => Some(picture),
        Err(problem) => {
            reader.fault(KEY, format!("{}: {problem}", file.display()));
            None
        }
    }
}

/// Any colour will do: the pages make shades of it that keep the contrast
/// which text needs.
fn accent_color(reader: &mut Reader<'_>) -> Option<String> {
    const KEY: &str = "frontend.accent_color";
    let color = reader.filled(KEY)?.to_ascii_lowercase();
    let digits = color.strip_prefix('#').unwrap_or_default();
    if matches!(digits.len(), 3 | 6) && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Some(color);
    }
    reader.fault(
        KEY,
        format!("{color:?} is no colour; write for example \"#2b6a5f\""),
    );
    None
}

fn languages(reader: &mut Reader<'_>) -> Vec<String> {
    const KEY: &str = "frontend.languages";
    let mut languages: Vec<String> = Vec::new();
    for language in reader.list(KEY) {
        if !LANGUAGES.contains(&language.as_str()) {
            let known = LANGUAGES.join(", ");
            reader.fault(KEY, format!("{language:?} is none of {known}"));
        } else if languages.contains(&language) {
            reader.fault(KEY, format!("{language:?} stands there twice"));
        } else {
            languages.push(language);
        }
    }
    languages
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, Sources};

    fn load(list: &[(&str, &str)]) -> Result<super::FrontendSettings, String> {
        let variables = list
            .iter()
            .map(|(name, value)| (format!("GATELODGE_FRONTEND__{name}"), (*value).to_owned()))
            .collect();
        let sources = Sources {
            file: None,
            variables,
        };
        Settings::load(&sources)
            .map(|loaded| loaded.settings.frontend)
            .map_err(|faults| faults.to_string())
    }

    #[test]
    fn looks_are_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let logo = folder.path().join("logo");
        std::fs::write(&logo, "<svg/>").unwrap();
        let frontend = load(&[
            ("LOGO_FILE", logo.to_str().unwrap()),
            ("ACCENT_COLOR", "#C0FFEE"),
            ("LANGUAGES", "de, en"),
        ])
        .unwrap();
        assert_eq!(frontend.logo.unwrap().media_type(), "image/svg+xml");
        assert_eq!(frontend.accent_color.as_deref(), Some("#c0ffee"));
        assert_eq!(frontend.languages, ["de", "en"]);
    }

    #[test]
    fn what_no_page_can_show_is_a_fault_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("logo.svg");
        std::fs::write(&text, "<html/>").unwrap();
        for (name, value, said) in [
            ("LOGO_FILE", text.to_str().unwrap(), "is no SVG, PNG, JPEG"),
            (
                "LOGO_FILE",
                "/nothing/here.svg",
                "/nothing/here.svg: No such file",
            ),
            ("ACCENT_COLOR", "teal", "write for example \"#2b6a5f\""),
            ("ACCENT_COLOR", "#12345g", "is no colour"),
            (
                "LANGUAGES",
                "en,tlh",
                "\"tlh\" is none of en, de, fr, zh-Hans",
            ),
            ("LANGUAGES", "en,en", "stands there twice"),
        ] {
            let faults = load(&[(name, value)]).unwrap_err();
            assert!(faults.contains(said), "{faults}");
            let key = name.to_ascii_lowercase();
            assert!(faults.contains(&format!("frontend.{key}")), "{faults}");
            assert!(faults.contains("GATELODGE_FRONTEND__"), "{faults}");
        }
    }
}
