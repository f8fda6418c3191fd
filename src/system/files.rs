//! Which names are one file's.

use std::fs;
use std::path::Path;

/// Whether both are names of one file that is there, by whatever links.
#[cfg(unix)]
pub fn are_one(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let inode = |path| fs::metadata(path).map(|it| (it.dev(), it.ino()));
    matches!((inode(one), inode(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether both are names of one file that is there; hard links are not
/// seen through.
#[cfg(not(unix))]
pub fn are_one(one: &Path, other: &Path) -> bool {
    let whole = |path| fs::canonicalize(path);
    matches!((whole(one), whole(other)), (Ok(one), Ok(other)) if one == other)
}
