//! Puts the front end into the binary: whatever `npm run build` has left in
//! `frontend/build/site`. It never runs npm; without a front end the service
//! shows its built-in page.
//!
//! And makes Rust of Envoy's published protocol in `proto/`, without `protoc`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const BUILD: &str = "frontend/build";
const SITE: &str = "site";
/// Compressed forms lie beside their files.
const FORMS: [&str; 2] = ["br", "gz"];

fn main() -> io::Result<()> {
    // The folder is always there, so this build does not run for nothing.
    println!("cargo::rerun-if-changed={BUILD}");
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let site = root.join(BUILD).join(SITE);
    let mut files = BTreeMap::new();
    if site.join("index.html").is_file() {
        collect(&site, &site, &mut files)?;
    }
    let out = PathBuf::from(variable("OUT_DIR")?);
    fs::write(out.join("site.rs"), source(&files)?)?;
    protocol(&root.join("proto"), &out)
}

/// The service that Envoy asks, all that it is made of, and their description
/// for clients that ask for it.
fn protocol(protos: &Path, out: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new([protos]).map_err(io::Error::other)?;
    compiler
        .include_imports(true)
        .open_file("envoy/service/auth/v3/external_auth.proto")
        .map_err(io::Error::other)?;
    fs::write(out.join("envoy.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_transport(false)
        .include_file("envoy.rs")
        .compile_fds(compiler.file_descriptor_set())
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by its environment where things are"
)]
fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

/// All files below a folder, by the path that a browser asks for.
fn collect(site: &Path, folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(site, &path, files)?;
        } else if let Ok(within) = path.strip_prefix(site) {
            let name = within.to_string_lossy().replace('\\', "/");
            files.insert(format!("/{name}"), path);
        }
    }
    Ok(())
}

fn source(files: &BTreeMap<String, PathBuf>) -> io::Result<String> {
    let mut text = String::from("&[\n");
    let is_form = |name: &str| FORMS.iter().any(|form| name.ends_with(&format!(".{form}")));
    for (name, path) in files.iter().filter(|(name, _)| !is_form(name)) {
        let form = |form: &str| match files.get(&format!("{name}.{form}")) {
            Some(path) => included(path).map(|bytes| format!("Some({bytes})")),
            None => Ok("None".to_owned()),
        };
        let (plain, brotli, gzip) = (included(path)?, form("br")?, form("gz")?);
        writeln!(
            text,
            "SiteFile {{ path: {name:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},"
        )
        .map_err(io::Error::other)?;
    }
    text.push(']');
    Ok(text)
}

fn included(path: &Path) -> io::Result<String> {
    let path = path
        .to_str()
        .ok_or_else(|| io::Error::other("the path of the sources is not UTF-8"))?;
    Ok(format!("include_bytes!({path:?})"))
}
