//! Which cores the servers get, and which the clients.

use crate::system::cores;
use std::process::Command;

/// The cores of both sides; `None` where they are not bound to any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorePlan {
    /// Those of the servers.
    pub servers: Option<Vec<u32>>,
    /// That of the clients.
    pub clients: Option<Vec<u32>>,
}

impl CorePlan {
    /// The clients get the last core that this process may use and the
    /// servers all others; nobody is bound where there is but one, or where
    /// the system does not bind.
    #[must_use]
    pub fn apart() -> Self {
        Self::split(&cores::allowed().unwrap_or_default())
    }

    fn split(allowed: &[u32]) -> Self {
        match allowed {
            [servers @ .., clients] if !servers.is_empty() => Self {
                servers: Some(servers.to_vec()),
                clients: Some(vec![*clients]),
            },
            _ => Self::default(),
        }
    }
}

/// Tells a process of ours which cores it gets.
pub(super) fn tell(command: &mut Command, cores: Option<&[u32]>) {
    if let Some(cores) = cores {
        let list: Vec<_> = cores.iter().map(u32::to_string).collect();
        command.args(["--cores", &list.join(",")]);
    }
}

#[cfg(test)]
mod tests {
    use super::CorePlan;

    #[test]
    fn the_clients_get_the_last_core() {
        let plan = CorePlan::split(&[0, 2, 5]);
        assert_eq!(plan.servers, Some(vec![0, 2]));
        assert_eq!(plan.clients, Some(vec![5]));
    }

    #[test]
    fn one_core_is_for_all() {
        assert_eq!(CorePlan::split(&[3]), CorePlan::default());
        assert_eq!(CorePlan::split(&[]), CorePlan::default());
    }
}
