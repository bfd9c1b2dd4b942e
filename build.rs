//! Lists the templates for `src/render/templates.rs`: every file of `src/templates/`, and every
//! file of `templates/`, where an operator puts their own in place of ours (docs/mail.md). Tells
//! `src/db/operations/health.rs` the digest of the functions that this build expects in the
//! database.
//!
//! Not here: whether a template renders, which `npm run mail:preview -- --check` finds out; and
//! whether a function does what it should, which the tests do.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

use sha2::{Digest, Sha256};

/// What edgegate brings along.
const BUILT_IN: &str = "src/templates";

/// What the operator puts in its place.
const REPLACEMENTS: &str = "templates";

/// The one file of that folder that is no template: it says what the folder is for.
const EXPLANATION: &str = "README.md";

/// Where the functions of the database are, one `.sql` file each, beside the Rust that calls them.
const DATABASE: &str = "src/db";

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={BUILT_IN}");
    // Of a folder that is not there, cargo cannot see that it stays away: it would build everything
    // anew each time. So the checkout has one, and only who deletes it pays for that.
    println!("cargo:rerun-if-changed={REPLACEMENTS}");
    println!("cargo:rerun-if-changed={DATABASE}");
    println!("cargo:rustc-env=EDGEGATE_FUNCTIONS={}", functions(&root));

    let built_in = files(&root.join(BUILT_IN)).unwrap_or_else(|error| fail(&format!("{BUILT_IN}: {error}")));
    let mut replacements =
        files(&root.join(REPLACEMENTS)).unwrap_or_else(|error| fail(&format!("{REPLACEMENTS}/: {error}")));
    replacements.remove(EXPLANATION);
    let unknown = replacements.keys().filter(|name| !built_in.contains_key(*name));
    let unknown: Vec<String> = unknown
        .map(|name| format!("{REPLACEMENTS}/{name} takes no template's place: there is no {BUILT_IN}/{name}"))
        .collect();
    if !unknown.is_empty() {
        fail(&unknown.join("\n"));
    }

    let mut code = String::new();
    table(&mut code, "BUILT_IN", "Every template that edgegate brings along.", &built_in);
    table(&mut code, "REPLACEMENTS", "Those that the operator of this checkout put in place of ours.", &replacements);
    fs::write(out.join("templates.rs"), code).expect("cargo made the directory");
}

/// Tells one state of all functions from another, in hex: as `digest` in `dev/functions.mjs`, which
/// writes it into the database.
fn functions(root: &Path) -> String {
    let mut hash = Sha256::new();
    let all = files(&root.join(DATABASE)).unwrap_or_else(|error| fail(&format!("{DATABASE}: {error}")));
    for (name, path) in
        all.iter().filter(|(name, _)| std::path::Path::new(name).extension().is_some_and(|end| end == "sql"))
    {
        let text = fs::read(path).unwrap_or_else(|error| fail(&format!("{DATABASE}/{name}: {error}")));
        hash.update(format!("{DATABASE}/{name}\0"));
        hash.update(text);
        hash.update(b"\0");
    }
    format!("{:x}", hash.finalize())
}

/// A constant that pairs each name with the text of its file.
fn table(code: &mut String, constant: &str, documentation: &str, files: &BTreeMap<String, PathBuf>) {
    writeln!(code, "/// {documentation}\npub(super) const {constant}: &[(&str, &str)] = &[").expect("memory");
    for (name, path) in files {
        let path = path.to_str().unwrap_or_else(|| fail("the path of the checkout is not UTF-8"));
        writeln!(code, "    ({name:?}, include_str!({path:?})),").expect("memory");
    }
    code.push_str("];\n");
}

/// Every file below a folder, by its path from there with `/`. A folder that is not there has none.
/// Hidden files and the copies that editors leave (`name~`) do not count.
fn files(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            if path.is_dir() {
                folders.push((format!("{prefix}{name}/"), path));
            } else {
                found.insert(format!("{prefix}{name}"), path);
            }
        }
    }
    Ok(found)
}

/// Stops the build with a message for the operator, without the trace of a panic.
fn fail(message: &str) -> ! {
    for line in message.lines() {
        println!("cargo::error={line}");
    }
    process::exit(1)
}
