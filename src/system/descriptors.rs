//! The limit of open descriptors; see getrlimit(2), `RLIMIT_NOFILE`.

#[cfg(unix)]
use nix::sys::resource::{Resource::RLIMIT_NOFILE, getrlimit, setrlimit};

/// Raises the limit as far as this process may, and returns it; `None` where
/// there is no such limit.
pub fn raise_limit() -> Option<u64> {
    #[cfg(unix)]
    {
        let (current, most) = getrlimit(RLIMIT_NOFILE).ok()?;
        // Some systems refuse the maximum that they report.
        let raised = setrlimit(RLIMIT_NOFILE, most, most);
        to_number(raised.map_or(current, |()| most))
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
        let (_, most) = getrlimit(RLIMIT_NOFILE)?;
        let limit = to_number(limit).unwrap_or(most);
        Ok(setrlimit(RLIMIT_NOFILE, limit, most)?)
    }
    #[cfg(not(unix))]
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, limit.to_string()))
}

/// Between `u64` and the system's type of limits, which FreeBSD has signed.
#[cfg(unix)]
fn to_number<From, To: TryFrom<From>>(limit: From) -> Option<To> {
    limit.try_into().ok()
}
