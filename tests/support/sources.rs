//! The files of the repository, for tests of what is written in them.

use std::path::{Path, PathBuf};

/// The folder of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends in one of these: its path from the root, and its text.
/// A file in place of the folder is taken by itself.
pub fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    let start = root().join(folder);
    if start.is_file() {
        found.push(start);
    } else {
        walk(&start, &mut found);
    }
    found.sort();
    let relative = |path: &Path| path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
    found
        .iter()
        .filter(|path| endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)))
        .map(|path| (relative(path), std::fs::read_to_string(path).expect("text")))
        .collect()
}
