//! Whether two paths lead to the same file.

use std::fs;
use std::path::Path;

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
