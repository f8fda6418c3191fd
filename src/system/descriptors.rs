//! The limit of open descriptors; see getrlimit(2), `RLIMIT_NOFILE`.

/// Raises the limit as far as this process may, and tells it; `None` where
/// there is no such limit.
#[cfg(unix)]
pub fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    // Some systems refuse what they name as their maximum.
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => limit.current,
        Err(_) => before,
    }
}

/// Lowers the limit of this process; a child may raise its own again.
///
/// # Errors
/// What setrlimit(2) refuses.
#[cfg(unix)]
pub fn lower_limit(limit: u64) -> std::io::Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limits = getrlimit(Resource::Nofile);
    limits.current = Some(limit);
    Ok(setrlimit(Resource::Nofile, limits)?)
}

/// There is no such limit.
#[cfg(not(unix))]
pub fn raise_limit() -> Option<u64> {
    None
}

/// There is no such limit.
///
/// # Errors
/// `Unsupported`.
#[cfg(not(unix))]
pub fn lower_limit(_: u64) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
