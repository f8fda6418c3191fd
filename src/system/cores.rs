//! Which cores a thread may run on; see `sched_setaffinity(2)`.

use std::io;

/// Binds the calling thread, and every thread that it starts from now on, to
/// these cores.
///
/// # Errors
/// `InvalidInput` if `cores` is empty or has a number beyond what a CPU set
/// holds; the errors of `sched_setaffinity(2)`, such as for cores that this
/// process may not use; `Unsupported` on systems other than Linux and Android.
pub fn bind_to_cores(cores: &[u32]) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::thread::{CpuSet, sched_setaffinity};

        let mut set = CpuSet::new();
        for core in cores {
            let core = usize::try_from(*core).ok();
            let core = core.filter(|core| *core < CpuSet::MAX_CPU);
            set.set(core.ok_or(io::ErrorKind::InvalidInput)?);
        }
        if cores.is_empty() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(sched_setaffinity(None, &set)?)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    Err(io::Error::new(io::ErrorKind::Unsupported, format!("{cores:?}")))
}

/// The cores that the calling thread may run on, in order; `None` where the
/// system does not report them.
pub fn allowed() -> Option<Vec<u32>> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::thread::{CpuSet, sched_getaffinity};

        let set = sched_getaffinity(None).ok()?;
        let cores = (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core));
        Some(cores.filter_map(|core| u32::try_from(core).ok()).collect())
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    None
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::thread;

    #[test]
    fn a_thread_and_those_it_starts_stay_on_their_cores() {
        let bound = thread::spawn(|| {
            let last = *allowed()?.last()?;
            bind_to_cores(&[last]).ok()?;
            let started = thread::spawn(allowed).join().ok()?;
            Some(allowed()? == [last] && started? == [last])
        });
        assert_eq!(bound.join().ok().flatten(), Some(true));
    }

    #[test]
    fn no_core_and_one_that_cannot_be_are_refused() {
        for cores in [&[][..], &[1 << 20]] {
            let refused = bind_to_cores(cores).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::InvalidInput));
        }
    }
}
