//! The limit of open descriptors; see getrlimit(2), `RLIMIT_NOFILE`.

#[cfg(unix)]
use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit as far as this process may, and returns it; `None` where
/// there is no such limit.
pub fn raise_limit() -> Option<u64> {
    #[cfg(unix)]
    {
        let mut limit = getrlimit(Resource::Nofile);
        let before = limit.current;
        limit.current = limit.maximum;
        // Some systems refuse the maximum that they report.
        match setrlimit(Resource::Nofile, limit) {
            Ok(()) => limit.current,
            Err(_) => before,
        }
    }
    #[cfg(not(unix))]
    None
}

/// Lowers the soft limit of this process; a child may raise it again.
///
/// # Errors
/// The errors of setrlimit(2); `Unsupported` where there is no such limit.
pub fn lower_limit(limit: u64) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut limits = getrlimit(Resource::Nofile);
        limits.current = Some(limit);
        Ok(setrlimit(Resource::Nofile, limits)?)
    }
    #[cfg(not(unix))]
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, limit.to_string()))
}
