//! The files of the project.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of Rust source.
pub(crate) struct Source {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// The top-level module it belongs to: `src/net/stream.rs` to `net`.
    pub(crate) fn module(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let first = path.split('/').next().unwrap_or(path);
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

/// Every Rust file below a folder of the project.
pub(crate) fn below(folder: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root().join(folder), &mut sources);
    assert!(!sources.is_empty(), "no source below {folder}");
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// All of them.
pub(crate) fn all() -> Vec<Source> {
    below("src").into_iter().chain(below("tests")).collect()
}

/// The mode files: everything in `modes` but what chooses among them.
pub(crate) fn modes() -> Vec<Source> {
    let all = below("src/modes").into_iter();
    all.filter(|source| !source.path.ends_with("/mod.rs")).collect()
}

/// A file of the project, from its root.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, into: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            into.push(source(&path));
        }
    }
}

fn source(path: &PathBuf) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let path = path.strip_prefix(root()).unwrap().to_string_lossy();
    Source { path: path.replace('\\', "/"), text }
}
