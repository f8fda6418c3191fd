//! Whether two paths lead to the same file, and where the user's settings are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the user's settings: `APPDATA` on Windows, elsewhere as the
/// XDG Base Directory Specification says. Command-line programs follow that
/// on macOS, too.
pub fn config_folder() -> Option<PathBuf> {
    if cfg!(windows) {
        return env::var_os("APPDATA").map(PathBuf::from);
    }
    let named = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let named = named.filter(|it| it.is_absolute());
    named.or_else(|| Some(env::home_dir()?.join(".config")))
}

/// Whether both paths lead to the same existing file, through any links.
#[cfg(unix)]
pub fn are_one(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let inode = |path| fs::metadata(path).map(|it| (it.dev(), it.ino()));
    matches!((inode(one), inode(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether both paths lead to the same existing file. Hard links to one file
/// are not recognized.
#[cfg(not(unix))]
pub fn are_one(one: &Path, other: &Path) -> bool {
    let whole = |path| fs::canonicalize(path);
    matches!((whole(one), whole(other)), (Ok(one), Ok(other)) if one == other)
}
