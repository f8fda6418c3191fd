//! Where a path leads, whether two lead to the same file, and where the user's
//! settings are.

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

/// The most symbolic links that are followed, as on Linux: see
/// `path_resolution(7)`.
const MOST_LINKS: usize = 40;

/// Whether a file can be renamed over one that is open.
pub const RENAMES_OVER_OPEN: bool = cfg!(unix);

/// Where a path leads, whatever it is called.
#[derive(Clone, Debug)]
pub struct FilePlace {
    /// The path without links. The file itself need not exist.
    pub path: PathBuf,
    /// What is there already, if anything.
    pub known: Option<fs::Metadata>,
    /// Whether the path names a descriptor of a process, as `/dev/stdout` does.
    pub is_descriptor: bool,
}

impl FilePlace {
    /// Follows all symbolic links of the path, one to a missing file included.
    pub fn of(path: &Path) -> Self {
        let mut path = path.to_owned();
        let mut is_descriptor = false;
        for _ in 0..MOST_LINKS {
            let folder = path.parent().unwrap_or(Path::new(""));
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            if let (Ok(folder), Some(name)) =
                (folder.canonicalize(), path.file_name())
            {
                path = folder.join(name);
            }
            is_descriptor = names_descriptor(&path);
            match fs::read_link(&path) {
                // What such a link names need not be a path at all.
                Ok(target) if !is_descriptor => {
                    path.pop();
                    path.push(target);
                }
                _ => break,
            }
        }
        let known = fs::metadata(&path).ok();
        Self { path, known, is_descriptor }
    }

    /// Whether it is an ordinary file, or can become one. Otherwise it is a
    /// folder, a pipe, a socket or a device, or the descriptor of one.
    pub fn is_ordinary(&self) -> bool {
        let is_file = self.known.as_ref().is_none_or(fs::Metadata::is_file);
        is_file && !self.is_descriptor
    }

    /// Whether both are the same file: by device and inode, so that a hard
    /// link is recognized, too; a file that does not exist yet by its path.
    /// A device is shared, not overwritten.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.known, &other.known) {
            (Some(known), Some(_)) => {
                !is_device(known) && is_one_inode(self, other)
            }
            (None, None) => self.path == other.path,
            _ => false,
        }
    }
}

#[cfg(unix)]
fn is_one_inode(one: &FilePlace, other: &FilePlace) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let inode = |it: &FilePlace| {
        Some((it.known.as_ref()?.dev(), it.known.as_ref()?.ino()))
    };
    inode(one).is_some() && inode(one) == inode(other)
}

/// Hard links to one file are not recognized: the number of a file is not in
/// the stable part of the standard library.
#[cfg(not(unix))]
fn is_one_inode(one: &FilePlace, other: &FilePlace) -> bool {
    let whole = |it: &FilePlace| it.path.canonicalize().ok();
    whole(one).is_some() && whole(one) == whole(other)
}

/// Whether the path is an entry of a folder of open descriptors: `/dev/fd`, or
/// `/proc/PID/fd`.
fn names_descriptor(path: &Path) -> bool {
    path.parent().is_some_and(|folder| {
        folder == Path::new("/dev/fd")
            || folder.starts_with("/proc") && folder.ends_with("fd")
    })
}

#[cfg(unix)]
fn is_device(known: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    known.file_type().is_char_device()
}

#[cfg(not(unix))]
const fn is_device(_: &fs::Metadata) -> bool {
    false
}
